"""Vibrations, and what their closed forms say of errors."""

import dataclasses

import ase
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.path_integrals import ACTIONS, harmonic_energy, harmonic_free_energy, vibrations

from .rings import KT, Polynomial, frequency_of, scattered


def cluster(*positions) -> mlip_nb.System:
    """Atoms of argon, in Å."""
    return mlip_nb.from_ase(ase.Atoms(f"Ar{len(positions)}", positions))


def test_clusters_vibrate_as_springs_between_them():
    """Each pair at rest by itself is a spring: ω² is 2k/m of a pair, 3k/m and twice 3k/2m of a triangle."""
    pair = vibrations(cluster((0, 0, 0), (0, 0, 3.8)), mlip_nb.potential("lennard-jones"))
    triangle = vibrations(cluster((0, 0, 0), (0, 0, 3.8), (0, 3.3, 1.9)), mlip_nb.potential("lennard-jones"))
    np.testing.assert_allclose(triangle**2, np.array([1.5, 1.5, 3.0]) * pair**2 / 2, rtol=0.01)


def test_hessian_is_that_of_differences():
    """Of the same potential behind a calculator; of a crystal that floats, so that three motions are left out."""
    silicon, potential = mlip_nb.load("Si", primitive=True), mlip_nb.potential("stillinger-weber")
    exact = vibrations(silicon, potential)
    assert exact.shape == (3,)
    np.testing.assert_allclose(vibrations(silicon, mlip_nb.from_calculator(potential.calculator())), exact, rtol=1e-5)


def test_wells_hold_every_motion_and_held_atoms_have_none():
    well = Polynomial((0.0, 0.0, 0.5), 5.0)
    np.testing.assert_allclose(vibrations(scattered(2), well), frequency_of(5.0), rtol=1e-9)
    held = dataclasses.replace(scattered(2), mobile=jnp.array([True, False]))
    np.testing.assert_allclose(vibrations(held, well), np.full(3, frequency_of(5.0)), rtol=1e-9)


def test_what_is_no_minimum_is_told():
    with pytest.raises(InputError, match=r"no minimum \(3 imaginary vibrations\); displace atoms"):
        vibrations(scattered(1), Polynomial((0.0, 0.0, -0.5, 0.0, 0.1), 5.0))


@pytest.mark.parametrize("beads", [None, 8])
@pytest.mark.parametrize("action", ACTIONS)
def test_energy_is_the_derivative_of_the_free_energy(action, beads):
    """E = d(βF)/dβ."""
    omega, step = frequency_of(5.0), 1e-5 / KT
    warm, cold = (
        harmonic_free_energy(omega, 1 / beta, beads, action) * beta for beta in (1 / KT - step, 1 / KT + step)
    )
    assert (cold - warm) / (2 * step) == pytest.approx(harmonic_energy(omega, KT, beads, action), rel=1e-8)


# --- error split


@pytest.fixture(scope="module")
def split():
    """A vibration of ħω = 15.80 kT, by a potential that says 15.83."""
    reference, other = (Polynomial((0.0, 0.0, 0.5), quanta) for quanta in (15.80, 15.83))
    models = {"model": other, "same": reference}
    return mlip_nb.error_split(scattered(1), reference, models, temperature=300.0, beads=(4, 8, 16, 32, 64, 128))


def test_bead_errors_are_those_of_another_program(split):
    """In per cent of the energy, of the reference and of the other potential."""
    limit = split["harmonic_limit"]
    found = 100 * (split["bead_error"] / limit).isel(estimator=0)
    np.testing.assert_allclose(found, [-54.8, -28.8, -10.3, -2.92, -0.753, -0.190], rtol=5e-3)
    own = 100 * np.array([harmonic_energy(frequency_of(15.83), KT, count) for count in (4, 8, 16, 32, 64, 128)])
    exact = harmonic_energy(frequency_of(15.83), KT)
    np.testing.assert_allclose(own / exact - 100, [-54.90, -28.91, -10.37, -2.925, -0.756, -0.191], rtol=3e-3)


def test_parts_of_the_error_are_the_whole(split):
    """And a potential with the curvatures of the reference has only the other part."""
    total = split["curvature_error"] + split["bead_error"]
    np.testing.assert_allclose(total.transpose(*split["nuclear_error"].dims), split["nuclear_error"], atol=1e-12)
    np.testing.assert_allclose(split["curvature_error"].sel(potential="same"), 0, atol=1e-12)
    assert (split["curvature_error"].sel(potential="model") > 0).all()
    ratio = split["frequency"].sel(potential="model") / split["reference_frequency"]
    np.testing.assert_allclose(ratio, 15.83 / 15.80, rtol=1e-9)
    assert split.mlip.plot().axes[0].get_xlabel() == "beads"


@pytest.mark.physics
def test_silicon_has_the_kinetic_energy_of_its_phonons():
    """meV per atom at 300 K and no pressure, with the centre of mass at its temperature, by another program."""
    silicon, potential = mlip_nb.load("Si", repeat=2, a=5.43095), mlip_nb.potential("stillinger-weber")
    data = mlip_nb.error_split(silicon, potential, {"same": potential}, beads=(4, 8, 16, 32))
    found = 1e3 / 64 * (data["harmonic_limit"] + data["bead_error"]).isel(estimator=0)
    np.testing.assert_allclose(found, [49.077, 50.086, 50.355, 50.423], atol=1e-3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"potentials": {}}, "give the reference and one more at least"),
        ({"temperature": 0.0}, "0 K is out of bounds"),
        ({"beads": (4, 7), "action": "suzuki-chin"}, "beads: 7; suzuki-chin takes positive multiples of 2"),
        ({"beads": (0,)}, "beads: 0; primitive takes positive multiples of 1"),
        ({"potentials": {"flat": Polynomial((0.0,), 1.0)}}, "flat has 0 vibrations, the reference has 3"),
    ],
)
def test_what_cannot_be_split_is_refused(changes, message):
    well = Polynomial((0.0, 0.0, 0.5), 5.0)
    with pytest.raises(InputError, match=message):
        mlip_nb.error_split(scattered(1), well, **{"potentials": {"other": well}} | changes)


def test_frequencies_are_in_terahertz(split):
    expected = 15.80 * KT / (2 * np.pi * units.HBAR)
    assert float(split["reference_frequency"][0]) == pytest.approx(units.from_internal(expected, "THz"))
