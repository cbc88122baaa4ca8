"""ASE's optimisers with our calculator."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS, FIRE

import mlip_nb


@pytest.fixture
def strained() -> Atoms:
    atoms = bulk("Si", cubic=True)
    atoms.set_cell(1.02 * atoms.cell.array + 0.05 * np.eye(3, k=1), scale_atoms=True)
    atoms.rattle(0.05, seed=1)
    atoms.calc = mlip_nb.potential("stillinger-weber", species="Si").calculator()
    return atoms


@pytest.mark.parametrize("optimiser", [BFGS, pytest.param(FIRE, marks=pytest.mark.physics)])
def test_optimisers_find_the_published_crystal(optimiser, strained):
    assert optimiser(FrechetCellFilter(strained), logfile=None).run(fmax=1e-4, steps=400)
    assert strained.get_potential_energy() / 8 == pytest.approx(-4.3366, abs=1e-6)
    assert (strained.get_volume()) ** (1 / 3) == pytest.approx(5.43095, rel=1e-5)
    np.testing.assert_allclose(strained.get_stress(), 0, atol=1e-5)
