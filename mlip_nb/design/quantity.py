"""What `x` of an objective offers: numbers that are computed once, when somebody looks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from .material import Material

Value = TypeVar("Value")


class quantity(Generic[Value]):
    """A property that is computed once, and taken down as something the objective looked at."""

    def __init__(self, unit: str):
        self.unit = unit

    def __call__(self, compute):
        """The property."""
        self._compute, self.__doc__, self.name = compute, compute.__doc__, compute.__name__
        return self

    def __get__(self, x: "Material | None", owner: type) -> Any:
        if x is None:
            return self
        if self.name not in x.seen:
            x.seen[self.name] = self._compute(x)
        return x.seen[self.name]


def quantities_of(material: type) -> Mapping[str, quantity]:
    """By name, in the order in which they are declared."""
    return {
        name: value for kind in material.__mro__ for name, value in vars(kind).items() if isinstance(value, quantity)
    }
