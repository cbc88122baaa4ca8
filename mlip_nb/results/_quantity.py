"""One row of the table of quantities."""

from dataclasses import dataclass

SERIES = ("frame",)
REPLICAS = ("replica",)


@dataclass(frozen=True)
class Quantity:
    """One row of the table."""

    dims: tuple[str, ...]
    units: str
    long_name: str
    coordinate: bool = False
    """True for what says where or when other variables are."""

    @property
    def attrs(self) -> dict[str, str]:
        """What a variable carries so that plots and other programs can label it."""
        return {"units": self.units, "long_name": self.long_name}

    def dims_of(self, rank: int) -> tuple[str, ...]:
        """Its dims; where there are replicas, one axis more, and theirs is the second."""
        replicated = rank == len(self.dims) + 1 and self.dims[:1] == ("frame",) and not self.coordinate
        return ("frame", "replica", *self.dims[1:]) if replicated else self.dims
