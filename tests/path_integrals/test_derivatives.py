"""Derivatives of averages: against closed forms, and differences of runs with common random numbers."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array, Float

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.path_integrals import LocalPILE, harmonic_energy
from mlip_nb.potentials import AbstractPotential, Edges, Parts, PotentialSpec
from mlip_nb.properties import average
from mlip_nb.simulate import Guards

from ..simulate.oscillators import OscillatorsSpec
from .rings import KT, frequency_of, scattered

QUANTA, BEADS, ATOMS = 3.0, 8, 4
COORDINATES = 3 * ATOMS
OMEGA = frequency_of(QUANTA)
STIFFNESS = OMEGA**2
ENERGY = harmonic_energy(OMEGA, KT, BEADS)
SQUARE = ENERGY / STIFFNESS
"""<q²> of a harmonic coordinate."""


class Well(AbstractPotential):
    """½ k x² + ¼ q x⁴ of each coordinate about a site of its own."""

    strengths: Float[Array, "2"]
    """k and q."""
    cutoff: float = eqx.field(static=True, default=0.0)
    spec: PotentialSpec = eqx.field(static=True, default=OscillatorsSpec())

    def compute(self, edges: Edges) -> Parts:
        x = edges.positions - 2.0 * jnp.round(edges.positions / 2.0)
        k, q = self.strengths
        forces = -(k * x + q * x**3)
        return jnp.sum(0.5 * k * x**2 + 0.25 * q * x**4, axis=0), forces, -forces @ edges.positions.T


HARMONIC = Well(jnp.array([STIFFNESS, 0.0]))
ANHARMONIC = Well(jnp.array([STIFFNESS, 0.4 * STIFFNESS / SQUARE]))


def run(potential: Well, mass: float = 1.0):
    """The same noise for every potential and mass."""
    ensemble = LocalPILE(beads=BEADS, friction=units.from_internal(OMEGA, "1/ps"), store_beads=True)
    options = {"timestep": units.from_internal(0.3 / OMEGA, "fs"), "steps": 20_000, "guards": Guards(drift=1e4)}
    system = dataclasses.replace(scattered(ATOMS), masses=jnp.full(ATOMS, mass))
    return mlip_nb.PIMD(ensemble=ensemble, **options).run(system, potential)


@pytest.fixture(scope="module")
def harmonic():
    return run(HARMONIC)


@pytest.fixture(scope="module")
def anharmonic():
    return run(ANHARMONIC)


def by_parameters(data, potential):
    return mlip_nb.parameter_derivatives(data, potential, lambda p: p.strengths).set_index(estimator="estimator")


def assert_close(found, name: str, parameter: int, wanted: float, error: float = 0.0, scale: float = 0.0) -> None:
    """Within three standard errors, which are 15 % of the value or of a scale at most."""
    row = found.sel(estimator=name).isel(parameter=parameter)
    total = np.hypot(float(row["derivative_error"]), error)
    assert abs(float(row["derivative"]) - wanted) < 3 * total, (name, float(row["derivative"]), wanted, total)
    assert total < 0.15 * max(abs(wanted), scale), (name, total, wanted)


def slope(function, point: float, step: float = 1e-4) -> float:
    return (function(point * (1 + step)) - function(point * (1 - step))) / (2 * step * point)


def energy_at(stiffness: float, mass: float = 1.0) -> float:
    return harmonic_energy(np.sqrt(stiffness / mass), KT, BEADS)


def gyration_at(stiffness: float, mass: float = 1.0) -> float:
    return 3 * (energy_at(stiffness, mass) - KT) / stiffness


def test_derivatives_by_stiffness_have_closed_forms(harmonic):
    """Of energies, free energy and the radius of gyration; the quartic strength to first order changes F by ¾<q²>²."""
    found = by_parameters(harmonic, HARMONIC)
    assert_close(found, "free energy", 0, COORDINATES * SQUARE / 2)
    assert_close(found, "free energy", 1, COORDINATES * 0.75 * SQUARE**2)
    change = slope(energy_at, STIFFNESS)
    assert_close(found, "total energy", 0, COORDINATES * change)
    assert_close(found, "potential energy", 0, COORDINATES * change / 2)
    assert_close(found, "kinetic energy, centroid virial", 0, COORDINATES * change / 2)
    assert_close(found, "squared radius of gyration of H", 0, slope(gyration_at, STIFFNESS))


def test_derivatives_by_mass_have_closed_forms(harmonic):
    found = mlip_nb.mass_derivatives(harmonic, HARMONIC).set_index(estimator="estimator")
    change = slope(lambda mass: energy_at(STIFFNESS, mass), 1.0)
    assert_close(found, "free energy", 0, -COORDINATES * (ENERGY - KT) / 2)
    assert_close(found, "total energy", 0, COORDINATES * change)
    assert_close(found, "kinetic energy, centroid virial", 0, COORDINATES * change / 2)
    assert_close(found, "squared radius of gyration of H", 0, slope(lambda mass: gyration_at(STIFFNESS, mass), 1.0))
    half = mlip_nb.mass_derivatives(harmonic, HARMONIC, substituted="0:2").set_index(estimator="estimator")
    assert_close(half, "free energy", 0, -COORDINATES * (ENERGY - KT) / 4)


def differences(low, high, step: float):
    """Of averages of two runs, with the errors of frames taken in pairs."""
    for name, told in (
        ("potential_energy", "potential energy"),
        ("total_energy", "total energy"),
        ("kinetic_energy", "kinetic energy, centroid virial"),
    ):
        paired = (high[name] - low[name]).values[int(0.2 * high.sizes["frame"]) :] / step
        found = average(paired)
        yield told, float(found.mean), float(found.error)


@pytest.mark.parametrize("parameter", [0, 1])
def test_derivatives_are_those_of_runs_with_common_random_numbers(anharmonic, parameter):
    """In a well that is not harmonic, with both its strengths."""
    found, at = by_parameters(anharmonic, ANHARMONIC), ANHARMONIC.strengths
    step = 0.05 * float(at[parameter])
    low, high = (run(Well(at.at[parameter].add(change))) for change in (-step, step))
    scale = abs(float(found["derivative"].sel(estimator="total energy")[parameter]))
    for name, difference, error in differences(low, high, 2 * step):
        # The potential energy hardly depends on the quartic strength: what is steeper is lived in less.
        assert_close(found, name, parameter, difference, error, scale)


@pytest.mark.physics
def test_derivatives_by_mass_are_those_of_runs_with_common_random_numbers(anharmonic):
    found = mlip_nb.mass_derivatives(anharmonic, ANHARMONIC).set_index(estimator="estimator")
    low, high = (run(ANHARMONIC, mass) for mass in (0.95, 1.05))
    for name, difference, error in differences(low, high, np.log(1.05 / 0.95)):
        assert_close(found, name, 0, difference, error)


@pytest.mark.physics
def test_derivatives_are_limits_of_reweighting():
    """Many bodies, periodic: frames of silicon with a little more of a parameter, and a little less."""
    silicon, potential = mlip_nb.load("Si"), mlip_nb.potential("stillinger-weber")
    ensemble = LocalPILE(beads=2, store_beads=True)
    data = mlip_nb.PIMD(ensemble=ensemble, timestep=2, steps=100, every=10).run(silicon, potential)
    found = mlip_nb.parameter_derivatives(data, potential, lambda p: p.epsilon)
    place, step = list(potential.spec.elements).index("Si"), 1e-4
    index = place * len(potential.spec.elements) + place
    changed = [
        eqx.tree_at(lambda p: p.epsilon, potential, potential.epsilon.at[place, place].add(change))
        for change in (-step, step)
    ]
    low, high = (mlip_nb.reweight(data, one) for one in changed)
    names = ["free-energy difference" if name == "free energy" else name for name in found["estimator"].values]
    for name, wanted in zip(names, found["derivative"].values[:, index], strict=True):
        ends = [float(one.set_index(estimator="estimator").sel(estimator=name)["estimate"]) for one in (low, high)]
        assert (ends[1] - ends[0]) / (2 * step) == pytest.approx(wanted, rel=1e-4), name


def test_what_cannot_be_differentiated_is_refused(harmonic):
    from ase.calculators.emt import EMT

    with pytest.raises(InputError, match=r"where gives 0.0, which is no array of the potential"):
        mlip_nb.parameter_derivatives(harmonic, HARMONIC, lambda p: p.cutoff)
    with pytest.raises(InputError, match="outside JAX and cannot be differentiated"):
        mlip_nb.mass_derivatives(harmonic, mlip_nb.from_calculator(EMT()))
    with pytest.raises(InputError, match="substituted: no atom is Si"):
        mlip_nb.mass_derivatives(harmonic, HARMONIC, substituted="Si")
    with pytest.raises(InputError, match="no positions of beads"):
        mlip_nb.mass_derivatives(harmonic.drop_vars("bead_positions"), HARMONIC)
