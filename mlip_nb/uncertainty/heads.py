"""Small networks on top of the features that learn how large the errors of forces are."""

import abc
from collections.abc import Sequence
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from ..learn import Labelled, Labels, predictions
from ..params import Count, Seed
from ..potentials import AbstractGraphPotential, Graph
from ._base import AbstractUncertainty, UncertaintySpec, uncertainties
from ._features import check_features, compiled_features, features
from ._graphs import graphs_of
from .evidential import epistemic, evidential_loss

_RATE = 3e-3
_SMALL = 1e-6
"""What keeps variances positive, in units of the mean square of the errors."""


class Head(AbstractUncertainty):
    """A network from features to the parameters of a law of errors, which all three components share."""

    potential: AbstractGraphPotential
    network: eqx.nn.MLP
    center: Float[Array, " features"]
    width: Float[Array, " features"]
    size: Float[Array, ""]
    """Root mean square of the errors it has learned from, eV/Å."""
    unit: ClassVar[str] = "eV/Å"
    parameters: ClassVar[int]

    @abc.abstractmethod
    def variance(self, outputs: Float[Array, "parameters atoms"]) -> Float[Array, " atoms"]:
        """In units of `size` squared."""

    @abc.abstractmethod
    def loss(self, outputs: Float[Array, "parameters sites"], errors: Float[Array, "3 sites"]) -> Float[Array, ""]:
        """Negative logarithm of the likelihood of errors in units of `size`."""

    def of_graph(self, graph: Graph) -> Float[Array, " atoms"]:
        """eV/Å."""
        told = features(self.potential, graph)
        return self.size * jnp.sqrt(self.variance(self._outputs(told)))

    def trained(self, told: Float[Array, "features sites"], errors: Float[Array, "3 sites"], steps: int) -> "Head":
        """By Adam on all sites at once."""
        optimiser = optax.adam(optax.cosine_decay_schedule(_RATE, steps))
        arrays, form = eqx.partition(self.network, eqx.is_array)

        def loss(arrays):
            head = self._with(eqx.combine(arrays, form))
            return head.loss(head._outputs(told), errors)

        def step(carry, _):
            arrays, state = carry
            updates, state = optimiser.update(jax.grad(loss)(arrays), state)
            return (optax.apply_updates(arrays, updates), state), None

        (arrays, _), _ = jax.lax.scan(step, (arrays, optimiser.init(arrays)), length=steps)
        return self._with(eqx.combine(arrays, form))

    def _with(self, network: eqx.nn.MLP) -> "Head":
        return eqx.tree_at(lambda head: head.network, self, network)

    def _outputs(self, told: Float[Array, "features atoms"]) -> Float[Array, "parameters atoms"]:
        scaled = (told - self.center[:, None]) / self.width[:, None]
        return jax.vmap(self.network, in_axes=1, out_axes=1)(scaled.astype(self.size.dtype))


class MeanVariance(Head):
    """A normal law whose variance is what the network says."""

    parameters: ClassVar[int] = 1

    def variance(self, outputs: Float[Array, "parameters atoms"]) -> Float[Array, " atoms"]:
        """By softplus."""
        return jax.nn.softplus(outputs[0]) + _SMALL

    def loss(self, outputs: Float[Array, "parameters sites"], errors: Float[Array, "3 sites"]) -> Float[Array, ""]:
        """Of the normal law."""
        variance = self.variance(outputs)
        return jnp.mean(0.5 * (jnp.log(variance) + jnp.mean(errors**2, axis=0) / variance))


class Evidential(Head):
    """A normal law whose variance is uncertain itself: the network says how much evidence there is."""

    parameters: ClassVar[int] = 3

    def variance(self, outputs: Float[Array, "parameters atoms"]) -> Float[Array, " atoms"]:
        """The part that more data would reduce."""
        return epistemic(*self._law(outputs))

    def loss(self, outputs: Float[Array, "parameters sites"], errors: Float[Array, "3 sites"]) -> Float[Array, ""]:
        """Of Student's law."""
        return jnp.mean(evidential_loss(errors, *self._law(outputs)))

    def _law(self, outputs) -> tuple[Array, Array, Array]:
        evidence, alpha, beta = jax.nn.softplus(outputs) + _SMALL
        return evidence, 1 + alpha, beta


def network(features: int, parameters: int, seed: int = 0) -> eqx.nn.MLP:
    """From features to the parameters of a law, before it has learned."""
    return eqx.nn.MLP(features, parameters, 32, 2, jax.nn.silu, key=jax.random.key(seed))


class _HeadSpec(UncertaintySpec):
    """A network on the features of the last layer. It learns from errors: give frames the potential has not seen."""

    kind: ClassVar[type[Head]]
    steps: Count = 500
    """Of the optimiser."""
    seed: Seed = 0
    """Of the weights it begins with."""

    def fitted(self, potential: AbstractGraphPotential, frames: Sequence[Labelled] = ()) -> Head:
        """**Raises:** `InputError` for a potential without features, and for no frames."""
        check_features(potential)
        self._check_frames(frames)
        told = np.concatenate(graphs_of(potential, frames).each(compiled_features, potential), axis=1)
        errors = (predictions(potential, frames).forces - Labels.of(frames).forces).T
        known = np.isfinite(errors).all(axis=0)
        told, errors = jnp.asarray(told[:, known]), jnp.asarray(errors[:, known])
        size = jnp.sqrt(jnp.mean(errors**2))
        begun = network(len(told), self.kind.parameters, self.seed)
        spread = jnp.std(told, axis=1)
        head = self.kind(potential, begun, told.mean(axis=1), jnp.where(spread > 0, spread, 1), size)
        return _trained(head, told, errors / size, self.steps)


@uncertainties.register("mean-variance")
class MeanVarianceHead(_HeadSpec):
    """A network that learns the variance of the errors; it knows nothing of what is far from the data.

    ??? cite "Reference"
        D. A. Nix, A. S. Weigend, *Proc. IEEE Int. Conf. Neural Networks* **1**, 55 (1994)
    """

    kind: ClassVar[type[Head]] = MeanVariance


@uncertainties.register("evidential")
class EvidentialHead(_HeadSpec):
    """A network that learns a law of errors with an uncertain variance.

    ??? cite "Reference"
        A. Amini, W. Schwarting, A. Soleimany, D. Rus, NeurIPS (2020), arXiv:1910.02600
    """

    kind: ClassVar[type[Head]] = Evidential


@eqx.filter_jit
def _trained(head: Head, told: Array, errors: Array, steps: int) -> Head:
    return head.trained(told, errors, steps)
