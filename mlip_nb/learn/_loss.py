"""How far a potential is from labels: what training makes small, and what it reports."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..potentials import AbstractGraphPotential, Graph, forces_from
from ._packing import Batch


class Predictions(eqx.Module):
    """What a potential says of a batch; energies less the offsets, as the labels are."""

    energy: Float[Array, " frames"]
    """eV."""
    forces: Float[Array, "3 atoms"]
    """eV/Å."""
    stress: Float[Array, "frames 3 3"]
    """eV/Å³, tension positive."""


class Squares(eqx.Module):
    """Sums of squared errors over the labels there are, and how many there are; of each member of a committee."""

    energy: Float[Array | np.ndarray, "*members"]
    """(eV/atom)²."""
    forces: Float[Array | np.ndarray, "*members"]
    """(eV/Å)², components."""
    stress: Float[Array | np.ndarray, "*members"]
    """(eV/Å³)², components."""
    counts: Float[Array | np.ndarray, "*members 3"]

    @property
    def means(self) -> Float[Array, "3"]:
        """Mean squares of energy, forces and stress; zero where there are no labels."""
        return jnp.stack([self.energy, self.forces, self.stress]) / jnp.maximum(self.counts, 1)


def graph_of_batch(batch: Batch) -> Graph:
    """All frames of a batch as one graph without connections between them."""
    return Graph(batch.vectors, batch.others, batch.reverse, batch.mask, batch.species)


def predict(potential: AbstractGraphPotential, batch: Batch) -> Predictions:
    """Energies, forces and stresses; differentiable once more, by the potential's parameters."""
    graph = graph_of_batch(batch)

    def total(vectors):
        energies = potential.atomic_energies(eqx.tree_at(lambda g: g.vectors, graph, vectors))
        energies = jnp.where(batch.real, energies, 0)
        return energies.sum(), energies

    gradient, energies = jax.grad(total, has_aux=True)(batch.vectors)
    # Padding edges have vectors of no meaning, and no gradient.
    virial = jnp.einsum("ikn,jkn->nij", batch.vectors, gradient)
    strain = jax.ops.segment_sum(virial, batch.owner, len(batch.energy))
    return Predictions(
        energy=jax.ops.segment_sum(energies, batch.owner, len(batch.energy)),
        forces=forces_from(gradient, graph),
        stress=strain / batch.volume[:, None, None],
    )


def squares(predicted: Predictions, batch: Batch) -> Squares:
    """Of a batch, over its real frames."""
    energy = (predicted.energy - batch.energy) / batch.count * batch.weight
    stress = (predicted.stress - batch.stress) * batch.weight[:, None, None]
    taught = batch.has_forces[batch.owner] & batch.real
    has_energy, has_stress = batch.has_energy * batch.weight, batch.has_stress * batch.weight
    return Squares(
        energy=jnp.sum(has_energy * energy**2),
        forces=jnp.sum(jnp.where(taught, (predicted.forces - batch.forces) ** 2, 0)),
        stress=jnp.sum(has_stress[:, None, None] * stress**2),
        counts=jnp.stack([has_energy.sum(), 3.0 * taught.sum(), 9 * has_stress.sum()]).astype(energy.dtype),
    )


def root_mean_squares(found: Sequence[Squares]) -> Float[np.ndarray, "*members 3"]:
    """Of several batches together."""
    total = jax.tree.map(lambda *leaves: np.sum(leaves, axis=0), *jax.device_get(list(found)))
    sums = np.stack([total.energy, total.forces, total.stress], axis=-1)
    return np.sqrt(sums / np.maximum(total.counts, 1))
