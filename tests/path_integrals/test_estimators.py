"""Estimators, frame by frame: each is a derivative of what it comes from."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.path_integrals import LocalPILE

from .rings import evaluator

KT, BEADS, FRAME = units.to_internal(300.0, "K"), 6, -1


@pytest.fixture(scope="module")
def light():
    """Silicon's crystal of atoms as light as hydrogen."""
    return dataclasses.replace(mlip_nb.load("Si", repeat=1), masses=jnp.full(8, 1.008))


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber")


@pytest.fixture(scope="module")
def dataset(light, potential):
    ensemble = LocalPILE(beads=BEADS, heat_capacity=True, store_beads=True)
    return mlip_nb.PIMD(ensemble=ensemble, timestep=0.5, steps=60, every=20, skin=2.0).run(light, potential)


@pytest.fixture(scope="module")
def evaluate(light, potential):
    return evaluator(light, potential)


@pytest.fixture(scope="module")
def last(dataset):
    return dataset.isel(frame=FRAME)


def away(frame) -> np.ndarray:
    return frame["bead_positions"].values - frame["positions"].values


def test_dataset_has_every_estimator(dataset):
    assert dataset["bead_positions"].dims == ("frame", "bead", "atom", "xyz")
    assert dataset["atom_kinetic_energy"].dims == ("frame", "atom")
    np.testing.assert_allclose(dataset["kinetic_energy"], dataset["atom_kinetic_energy"].sum("atom"))
    np.testing.assert_allclose(dataset["total_energy"], dataset["potential_energy"] + dataset["kinetic_energy"])
    trace = np.trace(dataset["kinetic_energy_tensor"].values, axis1=1, axis2=2)
    np.testing.assert_allclose(trace, dataset["kinetic_energy"], rtol=1e-12)


def test_kinetic_energy_is_the_virial_of_what_beads_do_about_their_centroid(last, evaluate):
    _, forces, _ = evaluate(last["bead_positions"].values)
    virial = -np.sum(away(last) * forces, axis=(0, 2)) / BEADS
    np.testing.assert_allclose(last["atom_kinetic_energy"], 1.5 * KT + 0.5 * virial, rtol=1e-9)


def test_primitive_kinetic_energy_is_what_springs_leave(last):
    """3NP kT/2 - Σ ½ m ω_P² (q_j - q_j+1)², of the literature's Hamiltonian at P times the temperature."""
    beads = last["bead_positions"].values
    stretched = np.sum((beads - np.roll(beads, 1, axis=0)) ** 2)
    springs = 0.5 * 1.008 * (BEADS * KT / units.HBAR) ** 2 * stretched / BEADS
    assert float(last["primitive_kinetic_energy"]) == pytest.approx(1.5 * 8 * BEADS * KT - springs, rel=1e-9)


def test_radius_of_gyration(last):
    np.testing.assert_allclose(last["gyration_radius"] ** 2, np.mean(np.sum(away(last) ** 2, axis=-1), axis=0))


def test_pressure_is_felt_by_centroids(last, evaluate):
    """Strain cell and centroids, keep what beads do about them: -dV̄/dV, and the ideal gas of centroids."""

    def mean_energy(strain: float) -> float:
        return float(np.mean(evaluate((1 + strain) * last["positions"].values + away(last), strain)[0]))

    step = 1e-5
    slope = (mean_energy(step) - mean_energy(-step)) / (2 * step)
    expected = (8 * KT - slope / 3) / float(last["volume"]) / units.GIGAPASCAL
    assert float(last["pressure"]) == pytest.approx(expected, rel=1e-6)


def test_energy_slope_is_the_derivative_along_scaled_paths(last, evaluate):
    """ε(b) = d/2b + d[b V̄(q̄ + √(b/β) u)]/db, by differences of energies alone."""
    centroid, displacement, beta = last["positions"].values, away(last), 1 / KT

    def action(b: float) -> float:
        return b * float(np.mean(evaluate(centroid + np.sqrt(b / beta) * displacement)[0]))

    step = 2e-3 * beta
    low, middle, high = (action(beta + change) for change in (-step, 0.0, step))
    energy = 12 * KT + (high - low) / (2 * step)
    assert float(last["total_energy"]) == pytest.approx(energy, rel=1e-6)
    slope = -12 * KT**2 + (high - 2 * middle + low) / step**2
    assert float(last["energy_slope"]) == pytest.approx(slope, rel=1e-4)


def test_potential_outside_jax_has_no_heat_capacity(light):
    from ase.calculators.emt import EMT

    outside = mlip_nb.from_calculator(EMT())
    with pytest.raises(mlip_nb.InputError, match="outside JAX and has no second derivatives; leave heat_capacity out"):
        mlip_nb.PIMD(ensemble=LocalPILE(heat_capacity=True), steps=1).run(light, outside)
