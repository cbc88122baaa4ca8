"""Optimisers of designs."""

from ._base import Need, Optimizer, Search, State, Told, optimizers

__all__ = ["Need", "Optimizer", "Search", "State", "Told", "optimizers"]
