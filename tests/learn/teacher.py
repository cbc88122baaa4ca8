"""Frames labelled by a potential we know."""

import numpy as np
from ase.build import bulk

from mlip_nb.learn import Labelled
from mlip_nb.potentials import potential
from mlip_nb.system import from_ase


def frames_of_silicon(count: int = 32, seed: int = 0) -> list[Labelled]:
    """Strained and rattled cells of 8 atoms, with energies, forces and stresses by Stillinger and Weber."""
    teacher, rng, made = potential("stillinger-weber"), np.random.default_rng(seed), []
    for index in range(count):
        atoms = bulk("Si", cubic=True)
        atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.03 * rng.normal(size=(3, 3))), scale_atoms=True)
        atoms.rattle(0.15, rng=rng)
        system = from_ase(atoms)
        told = teacher.evaluate(system, stress=True)
        group = "first" if index < count // 2 else "second"
        labels = float(told.energy), np.asarray(told.forces), np.asarray(told.stress)
        made.append(Labelled(system, *labels, group=group, index=index))
    return made
