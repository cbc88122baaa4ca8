"""Energies and forces of acetylacetone: NequIP as it is in jax_md, against the potential that comes with the package.

Weights of NequIP are random: its cost does not depend on them. Its size is that with which such molecules were fitted,
as far as known here: 5 layers, degree 3, 64 features of each degree, 5 Å, 8 Bessel functions, radial networks of two
layers of 64; features of both parities, as NequIP has them unless told otherwise, and of the parity of the spherical
harmonics alone, which is cheaper. Its graph has the edges there are and no others, and neither search for neighbours
is timed. Single precision, one core, interleaved: medians of ratios by processor time.
"""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from collections.abc import Callable

import ase
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import table

import mlip_nb
from mlip_nb.neighbors import finder
from mlip_nb.potentials import Edges

LAYERS, DEGREE, FEATURES, CUTOFF = 5, 3, 64, 5.0
PARITIES = {"NequIP, both parities": "eo", "NequIP, one parity": ""}
OURS = {"mlip-acac": None, "its first member": 1}
BATCHES = (1, 16)
"""Molecules, each out of reach of the others."""
SYMBOLS = "CCCOCOCHHHHHHHH"
PLACES = (
    *((0.91, 1.01, -0.21), (-0.33, 0.39, -0.53), (-0.77, -0.61, 0.25), (-0.40, -0.90, 1.47), (-1.86, -1.51, -0.26)),
    *((1.43, 1.07, 0.89), (1.52, 1.73, -1.35), (-0.65, 0.47, -1.56), (-1.74, -1.80, -1.33), (-2.79, -1.01, -0.08)),
    *((-1.88, -2.44, 0.34), (0.40, -0.31, 1.78), (2.32, 2.45, -1.00), (0.79, 2.32, -1.83), (1.82, 1.05, -2.20)),
)
"""Å: a frame at 300 K of the data of Batatia et al., arXiv:2205.06643."""


def main(repeats: int) -> None:
    """All rows."""
    print("| the first / the second, acetylacetone | µs/atom, each | ratio (min–max) |\n|---|---|---|")
    for count in BATCHES:
        atoms = molecules(count)
        ours = {name: _ours(atoms, members) for name, members in OURS.items()}
        for name, parities in PARITIES.items():
            theirs = _nequip(atoms, parities)
            for own, run in ours.items():
                table.compare(f"{name} / {own}, molecules: {count}", theirs, run, len(atoms), repeats)


def molecules(count: int) -> ase.Atoms:
    """In a row."""
    away = 30.0 * np.arange(count)[:, None, None] * np.eye(3)[0]
    return ase.Atoms(SYMBOLS * count, (np.array(PLACES) + away).reshape(-1, 3))


def _ours(atoms: ase.Atoms, members: int | None) -> Callable[[int], None]:
    potential = mlip_nb.potential("mlip-acac", members=members, precision="float32")
    system = mlip_nb.from_ase(atoms).astype("float32")
    around = finder(potential.cutoff, 0.0).allocate(system)
    edges = Edges(system.positions[around.order].T, system.cell, system.numbers[around.order], around)
    compiled = eqx.filter_jit(lambda edges: potential.measure(edges)[:2])
    return _calls(compiled, edges)


def _nequip(atoms: ase.Atoms, parities: str) -> Callable[[int], None]:
    import jraph
    from ase.neighborlist import neighbor_list
    from jax_md._nn import nequip

    senders, receivers = (jnp.asarray(ends, jnp.int32) for ends in neighbor_list("ij", atoms, CUTOFF))
    species = jax.nn.one_hot(np.unique(atoms.numbers, return_inverse=True)[1], 3, dtype="float32")
    counts = jnp.array([len(atoms)]), jnp.array([len(senders)])

    def graph(positions):
        vectors = positions[receivers] - positions[senders]
        return jraph.GraphsTuple(species, vectors, receivers, senders, None, *counts)

    model = nequip.model_from_config(_size(nequip.default_config(), parities))
    positions = jnp.asarray(atoms.positions, "float32")
    weights = jax.jit(model.init)(jax.random.key(0), graph(positions))
    return _calls(jax.jit(jax.value_and_grad(lambda p: model.apply(weights, graph(p))[0, 0])), positions)


def _size(config, parities: str):
    degrees = range(DEGREE + 1)
    config.graph_net_steps, config.r_max, config.n_elements = LAYERS, CUTOFF, 3
    config.shift, config.scale = 0.0, 1.0
    config.sh_irreps = " + ".join(f"1x{degree}{'eo'[degree % 2]}" for degree in degrees)
    config.hidden_irreps = " + ".join(
        f"{FEATURES}x{degree}{parity}" for degree in degrees for parity in parities or "eo"[degree % 2]
    )
    return config


def _calls(compiled: Callable, argument) -> Callable[[int], None]:
    """So many of them."""

    def run(times: int) -> None:
        for _ in range(times):
            jax.block_until_ready(compiled(argument))

    return run
