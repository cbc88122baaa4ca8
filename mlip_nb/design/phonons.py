"""Phonons of a crystal at any wave vector from its smallest cell alone, as differentiable functions."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from .. import potentials, units
from ..neighbors import Neighbors, complete_cell
from ..potentials import Graph
from .medium import Arrangement, Medium, Stage

_TOGETHER = 16
"""Directions that are computed together."""
_REST = 1e-8
"""Squared angular frequency, internal units, below which its root has no slope worth the name."""


def dynamical_matrix(
    stage: Stage, medium: Medium, table: Neighbors, here: Arrangement, q: Float[Array, "3"]
) -> Complex[Array, "coordinates coordinates2"]:
    r"""Mass-weighted second derivatives along waves with wave vector `q` (in reciprocal lattice vectors).

    A wave changes the edge from i to an image of j by $\delta v = a_j e^{2\pi i q\cdot n} - a_i$, where n counts
    lattice vectors. With K the second derivatives of the energy of one cell by its edges, $D(q) = J^\dagger K J$: no
    supercell is needed where an atom's energy depends on its own edges (see `is_local`).
    """
    graph = stage.graph(medium, table, here)
    waves = _waves(graph, table, here, q, medium.length)

    def slope(vectors):
        return jax.grad(lambda v: jnp.sum(medium.potential.atomic_energies(_with(graph, v))))(vectors)

    def bent(wave):
        return jax.jvp(slope, (graph.vectors,), (wave,))[1]

    answers = [jax.lax.map(bent, part, batch_size=_TOGETHER) for part in (waves.real, waves.imag)]
    matrix = medium.energy * jnp.einsum("macn,kacn->mk", waves.conj(), answers[0] + 1j * answers[1])
    roots = jnp.repeat(jnp.sqrt(stage.masses(medium)), 3)
    return (matrix + matrix.conj().T) / (2 * roots * roots[:, None])


def squares_of(matrix: Complex[Array, "coordinates coordinates2"]) -> Float[Array, " coordinates"]:
    """Squared angular frequencies, internal units, ascending; negative where the structure is unstable."""
    return jnp.linalg.eigvalsh(matrix)


def terahertz(squares: Float[Array, "*q modes"]) -> Float[Array, "*q modes"]:
    """Frequencies, THz; negative for imaginary ones; of what rests zero, with no slope."""
    rests = jnp.abs(squares) < _REST
    root = jnp.sqrt(jnp.where(rests, 1.0, jnp.abs(squares)))
    angular = jnp.where(rests, 0.0, jnp.sign(squares) * root)
    return units.from_internal(angular, "THz") / (2 * jnp.pi)


def is_local(stage: Stage, medium: Medium, table: Neighbors, here: Arrangement) -> bool:
    """Whether the energy of an atom depends on its own edges only: not where messages are passed on."""
    return bool(potentials.is_local(medium.potential, stage.graph(medium, table, here)))


def _waves(graph: Graph, table: Neighbors, here: Arrangement, q, length) -> Complex[Array, "coordinates 3 slots atoms"]:
    """Changes of all edges, in units of the potential's length, for waves of one coordinate each."""
    positions = here.positions[table.order].T
    between = positions[:, table.others] - positions[:, None]
    images = jnp.einsum(
        "asn,ab->bsn", graph.vectors * length - between, jnp.linalg.inv(complete_cell(here.cell, table.grid.pbc))
    )
    turns = jnp.einsum("b,bsn->sn", q, jax.lax.stop_gradient(jnp.round(images)))
    phases = jnp.where(graph.mask, jnp.exp(2j * jnp.pi * turns), 0)
    atoms = len(table.order)
    # In the order of the system: coordinate 3i + a is axis a of atom i.
    there = (table.order[table.others] == jnp.arange(atoms)[:, None, None]) * phases
    itself = (table.order == jnp.arange(atoms)[:, None])[:, None, :] * graph.mask
    along = (there - itself) / length
    return jnp.einsum("isn,ab->iabsn", along, jnp.eye(3)).reshape(3 * atoms, 3, *phases.shape)


def _with(graph: Graph, vectors) -> Graph:
    return Graph(vectors, graph.others, graph.reverse, graph.mask, graph.species)
