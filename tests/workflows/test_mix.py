"""Mixtures against the regular solution that bonds of nearest neighbours are."""

import ase
import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.units import BOLTZMANN

SIDE, REACH = 5.6, 4.5
"""Å: a lattice constant, and a cutoff that only nearest neighbours are within."""


@pytest.fixture(scope="module")
def bonds():
    return mlip_nb.potential("lennard-jones", cutoff=REACH)


def energy_of(potential, *symbols) -> float:
    """Of one bond, eV."""
    pair = ase.Atoms(symbols, [[0, 0, 0], [SIDE / np.sqrt(2), 0, 0]])
    return float(potential.evaluate(mlip_nb.from_ase(pair)).energy)


def test_bonds_of_nearest_neighbours_are_a_regular_solution(bonds):
    """Ω = 12 (e_AB - (e_AA + e_BB) / 2), and T_c = Ω/2k, since pairs are as mixed as chance would have them."""
    like = (energy_of(bonds, "Ar", "Ar") + energy_of(bonds, "Xe", "Xe")) / 2
    omega = 12 * (energy_of(bonds, "Ar", "Xe") - like)
    crystal = mlip_nb.load("Ar", a=SIDE)
    data = mlip_nb.Mix(elements=("Ar", "Xe"), relax=False, terms=1, arrangements=2).run(crystal, bonds)
    x = data["fraction"].values
    assert x.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert float(data["pair_mismatch"].max()) < 1e-12
    np.testing.assert_allclose(data["mixing_energy"], omega * x * (1 - x), rtol=1e-8, atol=1e-12)
    assert float(data["redlich_kister"][0]) == pytest.approx(omega, rel=1e-8)
    assert float(data["critical_temperature"]) == pytest.approx(max(omega, 0) / (2 * BOLTZMANN), rel=1e-3)
    assert data.mlip.plot().axes[0].get_xlabel() == "part of Xe"


def test_what_does_not_fit_is_told(bonds):
    with pytest.raises(InputError, match=r"32 sites cannot hold a part of 0.1 of Xe; take 3/32"):
        mlip_nb.Mix(elements=("Ar", "Xe"), fractions=(0.1,), terms=1).run(mlip_nb.load("Ar"), bonds)
    with pytest.raises(InputError, match="2 terms need as many compositions"):
        mlip_nb.Mix(elements=("Ar", "Xe"), fractions=(0.5,), relax=False).run(mlip_nb.load("Ar"), bonds)
