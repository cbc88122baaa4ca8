"""What is said on the way."""

from collections.abc import Callable

Tell = Callable[[str], None]
"""Told what a user should know, in a line."""


def nothing_told(text: str) -> None:
    """Nobody listens."""
