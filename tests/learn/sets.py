"""Sets of frames that are right, by ASE's effective-medium theory, to be damaged on purpose."""

from dataclasses import replace
from functools import cache

import ase
import numpy as np
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator

from mlip_nb.learn import Labelled, read_frames

STRAINS = 0.01 * np.vstack([np.eye(6), -np.eye(6), 2 * np.eye(6)])
"""xx, yy, zz, yz, xz, xy: each component alone, there and back."""


def rattled(count: int = 12, size: float = 0.08, seed: int = 0) -> list[ase.Atoms]:
    """Copper whose atoms are displaced at random by `size` Å a component, in one cell."""
    random = np.random.default_rng(seed)
    crystal = bulk("Cu", cubic=True).repeat(2)
    frames = []
    for _ in range(count):
        atoms = crystal.copy()
        atoms.positions += random.normal(0, size, atoms.positions.shape)
        frames.append(labelled_by_emt(atoms, "rattled"))
    return frames


def strained(seed: int = 1) -> list[ase.Atoms]:
    """A crystal of low symmetry under small strains of every component."""
    random = np.random.default_rng(seed)
    crystal = bulk("Cu", cubic=True).repeat((2, 1, 1))
    crystal.positions += random.normal(0, 0.05, crystal.positions.shape)
    crystal.set_cell(crystal.cell.array @ (np.eye(3) + random.normal(0, 0.01, (3, 3))), scale_atoms=True)
    frames = []
    for xx, yy, zz, yz, xz, xy in STRAINS:
        atoms = crystal.copy()
        strain = np.array([[xx, xy / 2, xz / 2], [xy / 2, yy, yz / 2], [xz / 2, yz / 2, zz]])
        atoms.set_cell(atoms.cell.array @ (np.eye(3) + strain), scale_atoms=True)
        frames.append(labelled_by_emt(atoms, "strained"))
    return frames


def labelled_by_emt(atoms: ase.Atoms, group: str) -> ase.Atoms:
    """The atoms with energy, forces and stress."""
    atoms.calc = EMT()
    results = {"energy": atoms.get_potential_energy(), "forces": atoms.get_forces()}
    if atoms.pbc.all():
        results["stress"] = atoms.get_stress()
    atoms.calc = SinglePointCalculator(atoms, **results)
    atoms.info["config_type"] = group
    return atoms


@cache
def clean() -> tuple[Labelled, ...]:
    """Twelve frames at rest in one cell but for heat, eighteen strained ones, and an isolated atom."""
    lone = ase.Atoms("Cu", positions=np.zeros((1, 3)))
    return tuple(read_frames([*rattled(), *strained(), labelled_by_emt(lone, "isolated")]))


def changed(frames, numbers, **functions) -> list[Labelled]:
    """The frames, with labels of some replaced by functions of what they are."""
    return [
        replace(frame, **{name: function(getattr(frame, name)) for name, function in functions.items()})
        if frame.index in numbers
        else frame
        for frame in frames
    ]


def moved(frame: Labelled, positions: np.ndarray) -> Labelled:
    """The frame with its atoms elsewhere."""
    import equinox as eqx
    import jax.numpy as jnp

    system = eqx.tree_at(lambda system: system.positions, frame.system, jnp.asarray(positions))
    return replace(frame, system=system)
