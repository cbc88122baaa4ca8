"""Sampled averages against those of the same number of beads, in closed form or by multiplying density matrices."""

import numpy as np
import pytest
from scipy.stats import kstest

from mlip_nb.path_integrals import harmonic_energy
from mlip_nb.properties import average

from .rings import KT, Polynomial, frequency_of, sampled

HARMONIC = Polynomial((0.0, 0.0, 0.5), 5.0)
COORDINATES = 3 * 64
CASES = [
    pytest.param(8, 0),
    *(pytest.param(beads, seed, marks=pytest.mark.physics) for beads in (4, 8, 16, 32) for seed in (1, 2, 3)),
]


def heat_capacity(quanta: float, beads: int) -> float:
    """Of an oscillator, in k_B: the derivative of its energy."""
    step = 1e-5 * KT
    warm, cold = (harmonic_energy(frequency_of(quanta), KT + change, beads) for change in (step, -step))
    return (warm - cold) / (2 * step)


def assert_within(found, expected: float, errors: float) -> None:
    assert abs(found.mean - expected) < errors * found.error
    assert found.error < 0.01 * abs(expected)


@pytest.mark.parametrize(("beads", "seed"), CASES)
def test_harmonic_wells_are_sampled(beads, seed):
    """Energy by the virial and the primitive estimator, <q²>, the radius of gyration, and the heat capacity.

    Expected are those of this number of beads: at four, a sixth of the quantum energy is missing.
    """
    steps = 10_000 if seed == 0 else 40_000
    data = sampled(HARMONIC, beads=beads, steps=steps, seed=seed, heat_capacity=True, store_beads=True)
    kept = data.isel(frame=slice(data.sizes["frame"] // 10, None))
    omega, errors = frequency_of(HARMONIC.quanta), 4 if seed == 0 else 3
    energy = harmonic_energy(omega, KT, beads)
    assert_within(average(kept["total_energy"].values / COORDINATES), energy, errors)
    assert_within(average(kept["kinetic_energy"].values / COORDINATES), energy / 2, errors)
    primitive = average(kept["primitive_kinetic_energy"].values / COORDINATES)
    assert abs(primitive.mean - energy / 2) < errors * primitive.error
    sites = 2.0 * np.arange(64)[:, None]
    square = average(((kept["bead_positions"].values - sites) ** 2).mean(axis=(1, 2, 3)))
    assert_within(square, energy / omega**2, errors)
    gyration = average((kept["gyration_radius"].values ** 2).mean(axis=1) / 3)
    assert_within(gyration, energy / omega**2 - KT / omega**2, errors)
    capacity = data.mlip.quantum_averages(discard=0.1).set_index(estimator="estimator")
    found = capacity.sel(estimator="heat capacity per atom")
    expected = 3 * heat_capacity(HARMONIC.quanta, beads)
    assert abs(float(found["estimate"]) - expected) < errors * float(found["standard_error"])


ASYMMETRIC, QUARTIC = (0.0, 0.0, 0.5, 0.1, 0.01), (0.0, 0.0, 0.0, 0.0, 0.25)
TABLE = {
    (ASYMMETRIC, 1.0): (1.106239, 1.107359, 1.107640),
    (ASYMMETRIC, 8.0): (0.442880, 0.479786, 0.490793),
    (QUARTIC, 1.0): (0.869064, 0.871617, 0.872267),
    (QUARTIC, 8.0): (0.345029, 0.394088, 0.413210),
}
"""Energies (ħω) of 8, 16 and 32 beads, by another program."""


@pytest.mark.parametrize(("coefficients", "quanta"), list(TABLE))
def test_reference_energies_are_those_of_another_program(coefficients, quanta):
    """The reference of the next test: density matrices on a grid."""
    well = Polynomial(coefficients, quanta)
    found = [well.energy(beads) / well.quantum for beads in (8, 16, 32)]
    np.testing.assert_allclose(found, TABLE[coefficients, quanta], atol=2e-6)


@pytest.mark.physics
@pytest.mark.parametrize("beads", [8, 16, 32])
@pytest.mark.parametrize(("coefficients", "quanta"), list(TABLE))
def test_anharmonic_wells_are_sampled(coefficients, quanta, beads):
    well = Polynomial(coefficients, quanta)
    data = sampled(well, beads=beads, steps=40_000, seed=beads)
    kept = data["total_energy"].values[data.sizes["frame"] // 10 :] / COORDINATES
    assert_within(average(kept), well.energy(beads), 3)


@pytest.mark.physics
@pytest.mark.parametrize("propagator", ["bcocb", "baoab", "obabo"])
def test_one_bead_is_at_every_place_as_often_as_a_classical_particle(propagator):
    """exp(-V/kT) in an anharmonic well, by Kolmogorov and Smirnov and by its moments; and the temperature."""
    well = Polynomial(ASYMMETRIC, 1.0)
    # OBABO samples at a displaced temperature, to second order in the timestep.
    step = 0.05 if propagator == "obabo" else 0.3
    every = round(6 / step)
    data = sampled(well, beads=1, steps=600 * every, seed=1, every=every, step=step, propagator=propagator)
    x = np.linspace(-9, 8, 20_000)
    weight = np.exp(-sum(c * x**n for n, c in enumerate(ASYMMETRIC)))
    weight /= weight.sum()
    found = ((data["positions"].values - 2.0 * np.arange(64)[:, None]) / well.length)[50:].reshape(-1, COORDINATES)
    for power in (1, 2, 3):
        moment = average((found**power).mean(axis=1))
        assert abs(moment.mean - np.sum(weight * x**power)) < 4 * moment.error
    assert kstest(found.ravel(), lambda at: np.interp(at, x, np.cumsum(weight))).pvalue > 1e-4
    warmth = average(data["temperature"].values[50:])
    assert abs(warmth.mean - 300) < 4 * warmth.error
    np.testing.assert_allclose(data["kinetic_energy"] / COORDINATES, KT / 2)


@pytest.mark.physics
@pytest.mark.parametrize(("beads", "expected"), [(4, 49.077), (8, 50.086), (16, 50.355), (32, 50.423)])
def test_silicon_has_the_kinetic_energy_of_its_phonons(beads, expected):
    """64 atoms at 300 K, meV per atom; half a per cent is granted to what is not harmonic."""
    import mlip_nb

    ensemble = mlip_nb.LocalPILE(beads=beads, friction=20)
    silicon, potential = mlip_nb.load("Si", repeat=2), mlip_nb.potential("stillinger-weber")
    data = mlip_nb.PIMD(ensemble=ensemble, timestep=2.0, steps=20_000, every=20).run(silicon, potential)
    found = data.mlip.average("kinetic_energy", discard=0.05)
    mean, error = 1e3 * found.mean / 64, 1e3 * found.error / 64
    assert abs(mean - expected) < 3 * error + 0.005 * expected
    assert error < 0.005 * expected
