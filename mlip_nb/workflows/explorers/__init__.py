"""Where a potential is sent to meet what it does not know: one file per way to go there."""

from ._base import Explorer, Scene, explorers

__all__ = ["Explorer", "Scene", "explorers"]
