"""What a trainer computes: energies, forces and stresses of packed frames."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from mlip_nb.learn import Packer
from mlip_nb.potentials import Graph, at_opposite_edge


@eqx.filter_jit
def evaluate_batch(model, batch):
    """Energies of frames, forces, and stresses, as a trainer computes them."""

    def total(vectors):
        graph = Graph(vectors, batch.others, batch.reverse, batch.mask, batch.species)
        energies = jnp.where(batch.real, model.atomic_energies(graph), 0)
        return energies.sum(), energies

    vectors = jnp.asarray(batch.vectors)
    gradient, energies = jax.grad(total, has_aux=True)(vectors)
    forces = jnp.sum(gradient - at_opposite_edge(gradient, batch.others, batch.reverse), axis=1)
    frames = len(batch.energy)
    virial = jnp.einsum("aij,bij->jab", gradient, vectors)
    stress = jax.ops.segment_sum(virial, batch.owner, frames) / batch.volume[:, None, None]
    return jax.ops.segment_sum(energies, batch.owner, frames), forces, stress


def predicted_stresses(model, frames) -> list[np.ndarray]:
    """eV/Å³, one for each frame."""
    elements = model.spec.elements
    packer = Packer(frames, elements, model.cutoff, atoms=1000, frames_most=20, dtype="float64")
    place, stresses = {frame.index: order for order, frame in enumerate(frames)}, [np.zeros((3, 3))] * len(frames)
    for batch in packer.batches():
        _, _, found = evaluate_batch(model, jax.tree.map(jnp.asarray, batch))
        for frame in np.flatnonzero(batch.weight):
            stresses[place[int(batch.index[frame])]] = np.asarray(found[frame])
    return stresses
