"""Harmonic rates and tunnelling factors against closed forms."""

import numpy as np
import pytest

from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.path_integrals._landscape import Landscape
from mlip_nb.path_integrals.stationary import find_minimum, find_saddle
from mlip_nb.path_integrals.tunnelling import barrier_frequency, eckart, log_tst, log_vibrations, wigner

from .barriers import FREQUENCY, HEIGHT, LEPS, MASS, Eckart, atoms_at

EXACT = {2: 1.224, 4: 2.071, 6: 5.199, 8: 21.77, 10: 161.9, 12: 1973.0}
"""Of the symmetric barrier with 2πV/ħω = 12, by βħω: four digits of the integral over the exact transmission."""


def kT_of(quanta: float) -> float:
    return units.HBAR * FREQUENCY / quanta


@pytest.mark.parametrize("quanta", EXACT)
def test_symmetric_barrier_has_the_exact_factor(quanta):
    assert eckart(FREQUENCY, HEIGHT, HEIGHT, kT_of(quanta)) == pytest.approx(EXACT[quanta], rel=1e-3)


def test_wigner_is_the_limit_of_high_temperature_and_high_barriers():
    """What is left is of second order in βħω, and of first in one over the height."""
    for quanta, heights in ((0.2, 1e3), (0.1, 1e4)):
        kT = kT_of(quanta)
        found = eckart(FREQUENCY, heights * HEIGHT, 2 * heights * HEIGHT, kT) - 1
        assert found == pytest.approx(wigner(FREQUENCY, kT) - 1, rel=0.1 * quanta**2 + 2 * kT / (heights * HEIGHT))


@pytest.mark.parametrize("quanta", [2, 8])
def test_both_directions_have_one_factor(quanta):
    """Detailed balance: Boltzmann's factor of the difference is in the classical rates already."""
    there, back = (
        eckart(FREQUENCY, *heights, kT_of(quanta)) for heights in ((HEIGHT, 3 * HEIGHT), (3 * HEIGHT, HEIGHT))
    )
    assert there == pytest.approx(back, rel=1e-6)


def test_a_barrier_below_the_product_is_refused():
    with pytest.raises(InputError, match="seen from the product the barrier is -0.1 eV high"):
        eckart(FREQUENCY, 1.0, -0.1, 0.03)


def test_vibrations_go_from_classical_to_quantum_with_beads():
    squares, kT = np.array([0.5, 2.0]) * FREQUENCY**2, kT_of(3.0)
    quanta = np.sqrt(squares) * units.HBAR / kT
    assert log_vibrations(squares, kT, 1) == pytest.approx(-np.log(quanta).sum())
    assert log_vibrations(squares, kT) == pytest.approx(-np.log(2 * np.sinh(quanta / 2)).sum())
    errors = [log_vibrations(squares, kT, beads) - log_vibrations(squares, kT) for beads in (32, 64)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=1e-2)


def test_saddle_has_the_frequency_of_the_barrier():
    saddle = find_saddle(Landscape(atoms_at([[0.01, 0.02, 0.0]]), Eckart()))
    assert barrier_frequency(saddle) == pytest.approx(FREQUENCY, rel=1e-9)
    np.testing.assert_allclose(saddle.squares[1:], np.array([3.0, 6.0]) / MASS, rtol=1e-9)
    assert saddle.energy == pytest.approx(HEIGHT)


def test_molecule_turns_and_flies_as_a_rigid_body():
    """Mass and moment of inertia give the classical partition functions; five motions leave one vibration."""
    kT = 0.05
    molecule = find_minimum(Landscape(atoms_at([[0.0, 0, 0], [0.5, 0.5, 0.3]]), LEPS()))
    length = np.linalg.norm(np.diff((molecule.x / np.sqrt(MASS)).reshape(2, 3), axis=0))
    flying = 1.5 * np.log(2 * MASS * kT / (2 * np.pi * units.HBAR**2))
    turning = np.log(2 * (MASS * length**2 / 2) * kT / units.HBAR**2)
    assert length == pytest.approx(0.7414, abs=1e-5)
    assert len(molecule.squares) == 1
    assert molecule.log_rigid(kT) == pytest.approx(flying + turning, rel=1e-9)


def test_classical_rate_of_a_bound_atom_is_that_of_vineyard():
    """The same walls at both ends cancel: of the reactant its frequency along the path is left."""
    saddle = find_saddle(Landscape(atoms_at([[0.01, 0.02, 0.0]]), Eckart()))
    lower = type(saddle)(saddle.x, 0.1, np.abs(saddle.squares), saddle.modes, saddle.log_rigid)
    for kT in (0.02, 0.1):
        attempts = np.log(FREQUENCY / (2 * np.pi)) - (saddle.energy - 0.1) / kT
        assert log_tst(saddle, [lower], kT, 1) == pytest.approx(attempts, rel=1e-9)
