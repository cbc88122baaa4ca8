"""What a potential knows of an atom before its last layer, by element."""

import abc
from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ..errors import InputError
from ..learn import Labelled
from ..potentials import AbstractGraphPotential, Graph
from ..potentials.gaunt import Committee
from ._base import AbstractUncertainty
from ._graphs import graphs_of


def check_features(potential: AbstractGraphPotential) -> None:
    """**Raises:** `InputError` for a potential without features."""
    if not hasattr(potential, "features"):
        raise InputError(
            f"{potential.spec.registered_name} has no last layer with features; take a machine-learned potential such "
            "as gaunt, or the uncertainty 'coverage', which needs none"
        )


def features(potential: AbstractGraphPotential, graph: Graph) -> Float[Array, "features atoms"]:
    """Those of all members of a committee, one after another."""
    told = potential.features(graph)  # pyright: ignore[reportAttributeAccessIssue] - checked by check_features
    return told.reshape(-1, told.shape[-1]) if isinstance(potential, Committee) else told


def features_by_element(
    potential: AbstractGraphPotential, frames: Sequence[Labelled]
) -> list[Float[np.ndarray, "sites features"]]:
    """Of all atoms of all frames, for each element of the potential; none for an element that no frame has."""
    check_features(potential)
    return by_element(potential, frames, compiled_features)


def by_element(potential: AbstractGraphPotential, frames: Sequence[Labelled], function) -> list[np.ndarray]:
    """`function(potential, graph)` `[values, atoms]` of all atoms of each element, as rows."""
    graphs = graphs_of(potential, frames)
    rows = np.concatenate(graphs.each(function, potential), axis=1).T.astype(float)
    species = np.concatenate(graphs.species())
    return [rows[species == place] for place in range(len(potential.spec.elements or ()))]


class ByElement(AbstractUncertainty):
    """Compares atoms with those of their element that were trained on; infinite for an element that was not."""

    seen: eqx.AbstractVar[Bool[Array, " elements"]]

    @abc.abstractmethod
    def of_elements(self, graph: Graph) -> Float[Array, "elements atoms"]:
        """Of every atom, as if it were of each element."""

    def of_graph(self, graph: Graph) -> Float[Array, " atoms"]:
        """That of its own.

        **Raises:** `InputError` for mixtures of elements.
        """
        if not jnp.issubdtype(graph.species.dtype, jnp.integer):
            raise InputError("this uncertainty compares atoms of one element; a mixture of elements has none")
        own = jnp.take_along_axis(self.of_elements(graph), graph.species[None, :], axis=0)[0]
        return jnp.where(self.seen[graph.species], own, jnp.inf)


compiled_features = eqx.filter_jit(features)
