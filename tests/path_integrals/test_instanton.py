"""Instantons against the closed form of Eckart's barrier, and the laws of molecules."""

import numpy as np
import pytest
from ase.calculators.lj import LennardJones
from scipy.spatial.transform import Rotation

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.path_integrals._landscape import Landscape
from mlip_nb.path_integrals.instanton import find_instantons
from mlip_nb.path_integrals.stationary import find_minimum, find_saddle
from mlip_nb.path_integrals.tunnelling import barrier_frequency, crossover_temperature

from .barriers import FREQUENCY, HEIGHT, LENGTH, LEPS, MASS, Eckart, atoms_at, hydrogen_exchange


@pytest.fixture(scope="module")
def barrier():
    landscape = Landscape(atoms_at([[0.05, 0.01, 0.0]]), Eckart())
    return landscape, find_saddle(landscape)


def closed_form(kT: float) -> tuple[float, float]:
    """Action over ħ, and tunnelling factor, of the instanton in V sech²(x/L)."""
    time = units.HBAR / kT
    energy = 2 * MASS * (np.pi * LENGTH) ** 2 / time**2
    action = 2 * np.pi * LENGTH * np.sqrt(2 * MASS) * (np.sqrt(HEIGHT) - np.sqrt(energy)) + energy * time
    flux = np.sqrt(2 * energy / time) * np.exp(-action / units.HBAR) / np.sqrt(2 * np.pi * units.HBAR)
    return action / units.HBAR, flux / (kT / (2 * np.pi * units.HBAR) * np.exp(-HEIGHT / kT))


@pytest.mark.parametrize(("quanta", "factor"), [(8, 21.995), (10, 136.19), (12, 1613.2)])
def test_instanton_of_a_barrier_beside_vibrations_is_that_of_the_closed_form(barrier, quanta, factor):
    """Walls across the path leave the factor as it is: the rate is a product."""
    landscape, saddle = barrier
    kT = units.HBAR * FREQUENCY / quanta
    action, exact = closed_form(kT)
    assert exact == pytest.approx(factor, rel=1e-4)
    *_, rough, fine = find_instantons(landscape, saddle, kT, 64)
    assert fine.action == pytest.approx(action, rel=5e-4)
    assert fine.tunnelling_factor(saddle) == pytest.approx(exact, rel=1e-2)
    assert (rough.action - action) / (fine.action - action) == pytest.approx(4, rel=0.1)
    assert fine.energies[0] == pytest.approx(2 * MASS * (np.pi * LENGTH * kT / units.HBAR) ** 2, rel=1e-2)


def exchange(turn=None):
    guess, *reactants = hydrogen_exchange(turn)
    landscape = Landscape(guess, LEPS())
    saddle = find_saddle(landscape)
    found = find_instantons(landscape, saddle, units.to_internal(300.0, "K"), 32)[-1]
    return found, saddle, [find_minimum(Landscape(one, LEPS())) for one in reactants]


def test_rate_of_a_molecule_does_not_depend_on_how_it_is_turned():
    turned = Rotation.from_euler("xyz", [0.3, 1.1, -0.4]).as_matrix()
    (first, saddle, reactants), (second, _, others) = exchange(), exchange(turned)
    assert len(saddle.squares) == 9 - 5
    assert second.action == pytest.approx(first.action, rel=1e-7)
    assert second.log_rate(others) == pytest.approx(first.log_rate(reactants), rel=1e-6)
    # The orbit is as symmetric as the reaction, and tunnelling helps.
    np.testing.assert_allclose(first.energies, first.energies[::-1], rtol=1e-5)
    assert first.tunnelling_factor(saddle) > 2


def test_above_the_crossover_there_is_none(barrier):
    landscape, saddle = barrier
    crossover = units.from_internal(crossover_temperature(barrier_frequency(saddle)), "K")
    with pytest.raises(InputError, match=rf"K is above the crossover temperature of this barrier, {crossover:.1f} K"):
        find_instantons(landscape, saddle, 1.01 * units.to_internal(crossover, "K"), 32)


def test_odd_rings_are_refused(barrier):
    with pytest.raises(InputError, match="an even number from 4 on, got 33"):
        find_instantons(*barrier, units.HBAR * FREQUENCY / 8, 33)


def test_minimum_is_no_saddle_and_a_saddle_no_minimum():
    with pytest.raises(InputError, match="point with no negative mode, and a barrier has one; move the atoms"):
        find_saddle(Landscape(atoms_at([[9.0, 0.0, 0.0]]), Eckart()))
    with pytest.raises(InputError, match=r"relaxed to a point with one negative mode \(\d+i 1/cm\)"):
        find_minimum(Landscape(atoms_at([[0.0, 0.0, 0.0]]), Eckart()))


def test_two_downhill_directions_are_counted():
    with pytest.raises(InputError, match=r"2 negative modes \(\d+i, \d+i 1/cm\).*displace the guess along the second"):
        find_saddle(Landscape(atoms_at([[0.0, 0.0, 0.0]]), Eckart(walls=(-3.0, 6.0))))


def test_calculators_have_no_second_derivatives():
    with pytest.raises(
        InputError, match="ase is evaluated outside JAX and has no second derivatives, which instantons"
    ):
        Landscape(atoms_at([[0.0, 0, 0], [1.0, 0, 0]]), mlip_nb.from_calculator(LennardJones()))
