"""Random alloys in small cells: composition exactly, pairs nearly, and energies of pairs therefore, too."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.statics.quasirandom import quasirandom

CRYSTAL = mlip_nb.load("Cu", repeat=2)


def neighbours_of_each_kind(system) -> float:
    """Mean product of occupations of nearest neighbours."""
    from ase.neighborlist import neighbor_list

    own, other = neighbor_list("ij", mlip_nb.to_ase(system), 2.8)
    spins = np.where(np.array(system.symbols) == "Au", 1, -1)
    return float(np.mean(spins[own] * spins[other]))


@pytest.mark.parametrize("count", [8, 16, 24])
def test_pairs_are_those_of_a_random_alloy(count):
    """32 sites of an fcc crystal; a random draw is five times as far off."""
    share = count / 32
    found, mismatch = quasirandom(CRYSTAL, ("Cu", "Au"), share)
    assert found.symbols.count("Au") == count
    assert neighbours_of_each_kind(found) == pytest.approx((2 * share - 1) ** 2, abs=mismatch + 1e-12)
    assert mismatch < 0.06
    assert float(found.masses.sum()) == pytest.approx(count * 196.966569 + (32 - count) * 63.546, abs=0.01)


def test_the_ends_are_pure_and_a_seed_is_one_structure():
    assert quasirandom(CRYSTAL, ("Cu", "Au"), 0.0)[0].symbols == ["Cu"] * 32
    assert quasirandom(CRYSTAL, ("Cu", "Au"), 1.0)[0].symbols == ["Au"] * 32
    one, same, other = (quasirandom(CRYSTAL, ("Cu", "Au"), 0.5, seed=seed)[0].symbols for seed in (0, 0, 1))
    assert one == same != other


def test_shares_that_do_not_fit_are_told():
    with pytest.raises(InputError, match=r"32 sites cannot hold a part of 0.1 of Au; take 3/32"):
        quasirandom(CRYSTAL, ("Cu", "Au"), 0.1)
