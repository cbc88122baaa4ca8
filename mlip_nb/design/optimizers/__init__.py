"""Optimisers of designs."""

from ._base import Optimizer, Search, Told, optimizers

__all__ = ["Optimizer", "Search", "Told", "optimizers"]
