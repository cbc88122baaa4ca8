"""Crystal beside liquid, and what scatters between runs and between models."""

import ase.build
import numpy as np
import pytest

from mlip_nb.errors import InputError
from mlip_nb.properties.interface import Phases, slab_orders
from mlip_nb.properties.two_levels import two_levels

PERFECT = {"fcc": 0.5745, "bcc": 0.5107, "diamond": 0.6285}
"""Q6 of one environment; Steinhardt, Nelson, Ronchetti, Phys. Rev. B 28, 784 (1983); diamond by its four bonds."""


@pytest.mark.parametrize(("structure", "repeat"), [("fcc", 3), ("bcc", 3), ("diamond", 2)])
def test_slabs_of_a_perfect_crystal(structure, repeat):
    """First shells are found in every lattice, with the second one of bcc."""
    atoms = ase.build.bulk("Fe", structure, a=4.0, cubic=True).repeat((repeat, repeat, 2 * repeat))
    orders = slab_orders(atoms.positions + 0.1, atoms.cell.array, 4)
    np.testing.assert_allclose(orders, PERFECT[structure], atol=2e-4)


def test_half_a_crystal_is_half_crystal():
    """The other half is out of order."""
    atoms = ase.build.bulk("Ar", "fcc", a=5.3, cubic=True).repeat((4, 4, 8))
    upper = atoms.positions[:, 2] > atoms.cell[2, 2] / 2 - 0.1
    draws = np.random.default_rng(0)
    atoms.positions[upper] += draws.normal(scale=0.8, size=(upper.sum(), 3))
    orders = slab_orders(atoms.positions + 0.1, atoms.cell.array, 8)
    assert orders[1:3].min() > 2 * orders[5:7].max()
    # Of eight slabs those at the two interfaces may be counted as either: one too many or too few.
    assert Phases(orders[1:3].mean(), orders[5:7].mean()).share(orders) == pytest.approx(0.5, abs=0.13)


def test_both_parts_of_a_variance():
    """Eight models of spread 3 with eight runs of spread 2 each, a thousand times: squares come out on average."""
    draws, sets = np.random.default_rng(1), 1000
    models = 100 + 3 * draws.normal(size=(sets, 8, 1))
    found = [two_levels(one) for one in models + 2 * draws.normal(size=(sets, 8, 8))]
    means = np.array([one.value for one in found])
    model, statistical = (np.array([getattr(one, name) for one in found]) ** 2 for name in ("model", "statistical"))
    for values, law in ((model, 9.0), (8 * 8 * statistical, 4.0), ((means - 100) ** 2, 9 / 8 + 4 / 64)):
        assert abs(values.mean() - law) < 5 * values.std() / np.sqrt(sets)
        assert values.mean() == pytest.approx(law, rel=0.1)


def test_what_runs_do_not_tell():
    nothing = np.full((2, 2), np.nan)
    with pytest.raises(InputError, match="no run tells a value"):
        two_levels(nothing)
    one = two_levels(np.array([[90.0, np.nan]]), np.array([[2.0, np.nan]]))
    assert (one.value, one.statistical, one.model) == (90.0, 2.0, 0.0)
    several = two_levels(np.array([[90.0], [94.0]]), np.array([[1.0], [1.0]]))
    assert several.model == pytest.approx(np.sqrt(8 - 1))
