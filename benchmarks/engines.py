"""The same systems in every other engine: each maker returns `run(steps)`, which goes on from where it stood.

LJ: reduced units (ε = 1 eV, σ = 1 Å, m = 1 amu), density 0.8442, kT = 1.44, truncated at 2.5 σ, skin 0.3 σ, 0.005 τ.
SW, Tersoff: silicon, 600 K, 1 fs; EAM: copper (Foiles 1986), 600 K, 1 fs. Skin 0.4 Å here, 1.0 Å in LAMMPS and jax_md.
SNAP in LAMMPS, and our learned potentials by their size or their name: silicon, with the skin that is chosen for them.
"""

import os

import ase
import equinox as eqx
import jax
import jax.numpy as jnp
import lammps_scripts
import numpy as np
import snap
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.simulate import draw_momenta

SIZES = ("small", "medium", "large")
"""Of learned potentials with random weights, which cost as much as trained ones."""
LEARNED = (*SIZES, "mlip-Si")
METAL = ("SW", "Tersoff", "EAM", "SNAP", *LEARNED)
KT = {"LJ": 1.44} | dict.fromkeys(METAL, 600 * units.KELVIN)
TIMESTEP = {"LJ": 0.005} | dict.fromkeys(METAL, units.FEMTOSECOND)
SKIN = {"LJ": 0.3} | dict.fromkeys(METAL, 0.4) | dict.fromkeys(LEARNED, 0.15)
CUBE = dict.fromkeys(METAL, 8) | {"LJ": 4, "EAM": 4}
"""Atoms in a conventional cell."""


def cells(kind: str, atoms: int) -> int:
    """Conventional cells along each edge."""
    return round((atoms / CUBE[kind]) ** (1 / 3))


def structure(kind: str, atoms: int) -> ase.Atoms:
    """The starting crystal."""
    if kind == "LJ":
        crystal = bulk("Ar", "fcc", a=(4 / 0.8442) ** (1 / 3), cubic=True).repeat(cells(kind, atoms))
        crystal.set_masses(np.ones(len(crystal)))
        return crystal
    return bulk("Cu" if kind == "EAM" else "Si", cubic=True).repeat(cells(kind, atoms))


def potential(kind: str, precision: str):
    """Ours, by name."""
    if kind == "LJ":
        parameters = {"epsilon": 1.0, "sigma": 1.0, "cutoff": 2.5, "style": "truncated"}
        return mlip_nb.potential("lennard-jones", **parameters, precision=precision)
    if kind in SIZES:
        made = mlip_nb.potential("gaunt", symbols=("Si",), size=kind, precision=precision)
        # Random weights make random forces, which would melt the crystal at once.
        return eqx.tree_at(lambda one: one.scale, made, 1e-3 * made.scale)
    if kind == "mlip-Si":
        return mlip_nb.potential(kind, precision=precision)
    if kind == "EAM":
        return mlip_nb.potential(
            "eam", file=os.path.join(lammps_scripts.potentials(), "Cu_u3.eam"), precision=precision
        )
    name = {"SW": "stillinger-weber", "Tersoff": "tersoff"}[kind]
    return mlip_nb.potential(name, species=("Si",), precision=precision)


def initial(kind: str, atoms: int):
    """The system with momenta; the same for every engine of ours."""
    system = mlip_nb.from_ase(structure(kind, atoms))
    return system.with_momenta(draw_momenta(system, KT[kind], key=jax.random.PRNGKey(0)))


def jax_md(kind: str, atoms: int, precision: str):
    """jax_md's documented loop: neighbour list updated inside `fori_loop`."""
    from jax_md import energy, partition, simulate, space

    crystal = structure(kind, atoms)
    box = np.asarray(crystal.cell.lengths(), precision)
    positions = jnp.asarray(crystal.positions, precision)
    displacement, shift = space.periodic(box)
    dense = {"format": partition.Dense, "fractional_coordinates": False}
    if kind == "LJ":
        neighbor_fn, energy_fn = energy.lennard_jones_neighbor_list(
            displacement, box, r_cutoff=2.5, r_onset=2.49, dr_threshold=0.3, **dense
        )
    else:
        neighbor_fn, energy_fn = energy.stillinger_weber_neighbor_list(
            displacement, box, dr_threshold=1.0, fractional_coordinates=False
        )
    init, apply = simulate.nve(energy_fn, shift, TIMESTEP[kind])
    neighbors = neighbor_fn.allocate(positions, extra_capacity=8)
    mass = jnp.asarray(crystal.get_masses(), precision)
    state = init(jax.random.PRNGKey(0), positions, KT[kind], mass=mass, neighbor=neighbors)
    now = {"state": state, "neighbors": neighbors}

    @jax.jit
    def advance(state, neighbors, steps):
        def step(_, carry):
            state, neighbors = carry
            neighbors = neighbors.update(state.position)
            return apply(state, neighbor=neighbors), neighbors

        return jax.lax.fori_loop(0, steps, step, (state, neighbors))

    def run(steps: int) -> None:
        state, neighbors = advance(now["state"], now["neighbors"], jnp.int32(steps))
        jax.block_until_ready(state.position)
        assert not neighbors.did_buffer_overflow
        now.update(state=state, neighbors=neighbors)

    return run


def ase_loop(kind: str, atoms: int):
    """ASE's velocity Verlet through our calculator."""
    return _ase(kind, atoms, potential(kind, "float64").calculator())


def ase_langevin(kind: str, atoms: int):
    """ASE's Langevin dynamics through our calculator."""
    from ase.md.langevin import Langevin

    moving = mlip_nb.to_ase(initial(kind, atoms))
    moving.calc = potential(kind, "float64").calculator()
    return Langevin(moving, TIMESTEP[kind], temperature_K=KT[kind] / units.KELVIN, friction=0.01, fixcm=False).run


def ase_own(kind: str, atoms: int):
    """ASE's velocity Verlet with ASE's own Lennard-Jones calculator."""
    from ase.calculators.lj import LennardJones

    return _ase(kind, atoms, LennardJones(sigma=1.0, epsilon=1.0, rc=2.5))


def _ase(kind: str, atoms: int, calculator):
    from ase.md.verlet import VelocityVerlet

    moving = mlip_nb.to_ase(initial(kind, atoms))
    moving.calc = calculator
    return VelocityVerlet(moving, TIMESTEP[kind]).run


def lammps(kind: str, atoms: int):
    """LAMMPS in process, one core or the ranks there are."""
    if kind == "LJ":
        return lammps_scripts.reduced(cells(kind, atoms))
    form = _METAL[kind] | {"cells": cells(kind, atoms)}
    if kind == "SNAP":
        # Its forces are nothing; the crystal is held by springs.
        return lammps_scripts.metal("fix crystal all spring/self 5.0", file=snap.arguments(), **form)
    return lammps_scripts.metal(**form | {"file": os.path.join(lammps_scripts.potentials(), form["file"])})


_METAL = {
    "SW": {"lattice": "diamond 5.43", "mass": 28.0855, "style": "sw", "file": "Si.sw Si"},
    "Tersoff": {"lattice": "diamond 5.43", "mass": 28.0855, "style": "tersoff", "file": "SiC.tersoff Si"},
    "SNAP": {"lattice": "diamond 5.43", "mass": 28.0855, "style": "snap"},
    "EAM": {"lattice": "fcc 3.61", "mass": 63.546, "style": "eam", "file": "Cu_u3.eam"},
}
