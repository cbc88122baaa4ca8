"""Configurations of an ensemble, and averages over them in a medium that is not quite the one they were drawn in."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..neighbors import Neighbors
from .medium import Arrangement, Medium, Stage


class Samples(eqx.Module):
    """Independent of what is varied: a change of the cell or of all lengths carries the atoms along."""

    positions: Float[Array, "*designs samples atoms 3"]
    """In fractions of the cell; where the volume is free in lengths of the medium."""
    cells: Float[Array, "*designs samples 3 3"] | None
    """Where the volume is free, in lengths of the medium; None where it is held."""
    enthalpies: Float[Array, "*designs samples"]
    """In the medium that they were drawn in, kT."""
    emphasis: Float[Array, "*designs samples"]
    """Logarithms of weights that somebody gives to samples besides; zero."""
    tables: Neighbors
    """Who is near whom; each leaf has the same leading axes."""
    kT: float = eqx.field(static=True)
    """eV."""

    @property
    def count(self) -> int:
        """How many configurations."""
        return self.enthalpies.shape[-1]

    def emphasised(self, emphasis: Float[Array, " samples"]) -> "Samples":
        """The same with weights of their own."""
        return eqx.tree_at(lambda s: s.emphasis, self, emphasis)

    def arrangement(self, index: Array | int, medium: Medium, here: Arrangement) -> Arrangement:
        """One of them as it is in a medium, the structure being `here`."""
        if self.cells is None:
            return Arrangement(self.positions[index] @ here.cell, here.cell)
        return Arrangement(medium.length * self.positions[index], medium.length * self.cells[index])


Seen = Callable[[Arrangement, Neighbors], Any]
"""What is asked of a configuration."""


class Reweighted:
    r"""Samples with weights that make them those of another medium.

    $$\langle A \rangle = \frac{\sum_i A_i e^{-w_i}}{\sum_i e^{-w_i}}, \qquad
    w_i = \beta\,[U(x_i) + PV_i]_\text{here} - \beta\,[U(x_i) + PV_i]_\text{drawn},$$

    whose derivative is $\langle \partial A \rangle - \operatorname{Cov}(A, \partial w)$, with no derivative of any
    trajectory.

    ??? cite "Reference"
        S. Thaler, J. Zavadlav, *Nat. Commun.* **12**, 6884 (2021), doi:10.1038/s41467-021-27241-4
    """

    def __init__(self, samples: Samples, stage: Stage, medium: Medium, here: Arrangement):
        self.samples, self.stage, self.medium, self.here = samples, stage, medium, here
        self.means: dict[str, Array] = {}
        """Averages that were asked for, by name."""

    def each(self, function: Seen) -> Any:
        """What a function says of every sample, along a first axis."""
        samples = self.samples

        def one(index):
            table = jax.tree.map(lambda leaf: leaf[index], samples.tables)
            return function(samples.arrangement(index, self.medium, self.here), table)

        # The backward pass computes each sample once more and so remembers none of them.
        return jax.lax.map(jax.checkpoint(one), jnp.arange(samples.count))

    def average(self, function: Seen) -> Array:
        """Of one number or array of a sample."""
        return jnp.tensordot(self.weights, self.each(function), axes=1)

    def tell(self, name: str, mean: Array) -> Array:
        """The same, taken down under a name of its own."""
        same = sum(known.split(" #")[0] == name for known in self.means)
        self.means[f"{name} #{same + 1}" if same else name] = mean
        return mean

    @property
    def kT(self) -> float:
        """eV."""
        return self.samples.kT

    @property
    def serves(self) -> Bool[Array, ""]:
        """False when the neighbours of a sample did not fit."""
        return self._judged[1]

    @property
    def work(self) -> Float[Array, " samples"]:
        """What enthalpies have become more, kT."""
        return self._judged[0]

    @cached_property
    def weights(self) -> Float[Array, " samples"]:
        """They add up to one."""
        return jax.nn.softmax(self.samples.emphasis - self.work)

    @cached_property
    def share(self) -> Float[Array, ""]:
        """Of the samples, which carry the weights (Kish)."""
        return 1 / (self.samples.count * jnp.sum(self.weights**2))

    @cached_property
    def _judged(self) -> tuple[Float[Array, " samples"], Bool[Array, ""]]:
        def judged(at: Arrangement, table: Neighbors):
            return self.stage.enthalpy(self.medium, table, at) / self.kT, self.stage.serves(self.medium, table, at)

        enthalpies, serve = self.each(judged)
        return enthalpies - self.samples.enthalpies, jnp.all(serve)
