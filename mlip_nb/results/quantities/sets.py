"""Several structures side by side."""

from .._quantity import Quantity

QUANTITIES = {"structure": Quantity(("structure",), "1", "structure that is looked at", coordinate=True)}
