"""Optimisers of designs."""

from ._base import Need, Optimizer, Search, Told, optimizers

__all__ = ["Need", "Optimizer", "Search", "Told", "optimizers"]
