"""Parameters tabulated by element, and how pairs of species read them."""

from typing import Annotated, Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from pydantic import BeforeValidator, model_validator

from ._spec import PotentialSpec


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Species = Annotated[tuple[str, ...] | None, BeforeValidator(_listed)]


class TabulatedSpec(PotentialSpec):
    """A specification whose parameters are tabulated by element."""

    known: ClassVar[tuple[str, ...]] = ()
    """The elements in the table."""

    species: Species = None
    """Elements to cover, all there are by default. Fewer may need a shorter cutoff, and one alone no look-up."""

    @model_validator(mode="after")
    def _only_known(self) -> "TabulatedSpec":
        unknown = [symbol for symbol in self.species or () if symbol not in self.known]
        if unknown:
            raise ValueError(f"species: no parameters for {', '.join(unknown)}; known: {', '.join(self.known)}")
        return self

    @property
    def elements(self) -> tuple[str, ...] | None:
        """The chosen elements, each once, in the order of the table."""
        return tuple(symbol for symbol in self.known if symbol in (self.species or self.known))


def of_pair(table: Float[Array, "species species"], own: Int[Array, "*edges"], other: Int[Array, "*edges"]) -> Array:
    """The entry of each pair; one number where there is one species, so that no look-up is paid for."""
    if table.shape == (1, 1):
        return table[0, 0]
    return table.at[own, other].get(mode="promise_in_bounds")


def of_species(table: Float[Array, " species"], species: Int[Array, "*atoms"]) -> Array:
    """The entry of each atom; one number where there is one species."""
    return table[0] if len(table) == 1 else table.at[species].get(mode="promise_in_bounds")


def arithmetic(values: np.ndarray) -> np.ndarray:
    """Arithmetic means of all pairs."""
    return (values[:, None] + values) / 2


def geometric(values: np.ndarray) -> np.ndarray:
    """Geometric means of all pairs."""
    return np.sqrt(values[:, None] * values)


def stored(values: Any, precision: str) -> Float[Array, "..."]:
    """Parameters as an array of the precision asked for; mixed precision keeps them in single."""
    return jnp.asarray(np.asarray(values), "float32" if precision == "mixed" else precision)
