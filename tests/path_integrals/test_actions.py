"""Actions of second and of fourth order: exact averages of the shipped ones, and what their forces conserve."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.path_integrals import ACTIONS, RPMD, LocalPILE, beads_needed, harmonic_energy
from mlip_nb.properties import average
from mlip_nb.simulate import draw_momenta, from_beads, simulate, start_state

from ..simulate.oscillators import Oscillators, Wells, surface_of, traced
from .rings import CONTROLS, KT, Polynomial, energy, evaluator, frequency_of, go, polymers, sampled, scattered

QUANTA = 5.0
OMEGA = frequency_of(QUANTA)
FOURTH = ("takahashi-imada", "suzuki-chin")
TERMS = {"takahashi-imada": ((1.0, 1 / 24),), "suzuki-chin": ((2 / 3, 0.0), (4 / 3, 1 / 9))}
WELL = Polynomial((0.0, 0.0, 0.5, 0.1, 0.01), 3.0)
QUARTIC = Wells((1.0 * OMEGA**2, 1.3 * OMEGA**2, 1.7 * OMEGA**2), 10 * OMEGA**2)


# --- exact averages


def exact_energies(beads: int, action: str) -> tuple[float, float]:
    """Of a vibration, eV, with the virial and with the primitive kinetic energy: Gaussian averages of what is shipped.

    All is quadratic along x, so that a covariance, which the action has, gives averages without sampling.
    """
    integrator, potential = LocalPILE(beads=beads, action=action).integrator(1.0), Oscillators(OMEGA**2)
    state, surface = polymers(integrator, potential), surface_of(potential)
    state = eqx.tree_at(lambda s: (s.momenta, s.ring.momenta), state, replace_fn=jnp.zeros_like)
    controls = traced(CONTROLS, state)

    def at(coordinates):
        along = jnp.zeros((beads, 3, 1)).at[:, 0, 0].set(coordinates)
        return eqx.tree_at(lambda s: (s.positions, s.ring.positions), state, (along[0], along[1:]))

    def felt_energy(coordinates):
        here = at(coordinates)
        return integrator.conserved(here, integrator.felt(here, surface, controls)[1], controls)

    def estimated(coordinates):
        here = at(coordinates)
        parts, _, _ = integrator.felt(here, surface, controls)
        seen = integrator.observe(here, parts, surface, controls)
        potential_energy = parts[0].mean(axis=0).sum()
        return potential_energy + jnp.stack([seen["atom_kinetic_energy"].sum(), seen["primitive_kinetic_energy"]])

    origin = jnp.zeros(beads)
    twice = jax.jit(lambda x: (jax.hessian(felt_energy)(x), estimated(x), jax.hessian(estimated)(x)))
    stiffness, constant, curvature = map(np.asarray, twice(origin))
    fluctuation = 0.5 * np.einsum("eij,ji->e", curvature, KT * np.linalg.inv(stiffness))
    return tuple(constant / 3 + fluctuation)


@pytest.fixture(scope="module")
def exact():
    """By action and number of beads."""
    return {action: {beads: exact_energies(beads, action) for beads in (16, 32)} for action in ACTIONS}


@pytest.mark.parametrize("action", ACTIONS)
def test_shipped_action_has_the_energy_of_the_closed_form(exact, action):
    """By both estimators of the kinetic energy: each is a derivative of the partition function."""
    for beads, found in exact[action].items():
        np.testing.assert_allclose(found, harmonic_energy(OMEGA, KT, beads, action), rtol=1e-9)


@pytest.mark.parametrize(("action", "order", "within"), [("primitive", 2, 0.1), *((name, 4, 0.2) for name in FOURTH)])
def test_order_of_convergence(exact, action, order, within):
    errors = [exact[action][beads][0] - harmonic_energy(OMEGA, KT) for beads in (16, 32)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=within)
    assert ACTIONS[action].order == order


def test_errors_at_eight_beads_are_those_of_another_program():
    """In units of ħω."""
    found = [(harmonic_energy(OMEGA, KT, 8, action) - harmonic_energy(OMEGA, KT)) / (QUANTA * KT) for action in ACTIONS]
    np.testing.assert_allclose(found, [-2.25e-2, -4.9e-4, -1.24e-3], rtol=5e-3)


@pytest.mark.parametrize("action", FOURTH)
def test_closed_form_is_that_of_density_matrices(action):
    """Products on a grid, of a retyped action."""
    well = Polynomial((0.0, 0.0, 0.5), QUANTA)
    for beads in (4, 8):
        assert well.energy(beads, TERMS[action]) == pytest.approx(harmonic_energy(OMEGA, KT, beads, action), rel=1e-6)


def test_fewer_beads_are_needed():
    frequency = frequency_of(10.0)
    beads = [beads_needed(frequency, KT, action).beads for action in ACTIONS]
    assert beads == [64, 16, 16]
    assert LocalPILE(action="suzuki-chin").beads_for(frequency, KT).beads == 16
    assert beads_needed(frequency_of(0.01), KT, "suzuki-chin").beads == 2


# --- forces and what is conserved


def newtonian(action: str, step: float, beads: int = 6):
    """No thermostat: what a user is not offered, because real time has no fourth order."""
    integrator = LocalPILE(beads=beads, action=action).integrator(step)
    return dataclasses.replace(integrator, damping=0.0, centroid=None)


@pytest.mark.parametrize("action", FOURTH)
def test_forces_of_a_step_are_minus_the_gradient_of_the_action(action):
    integrator, surface = newtonian(action, 0.05 / OMEGA), surface_of(QUARTIC)
    state = go(polymers(integrator, QUARTIC, atoms=2), integrator, QUARTIC, 3)

    def felt_energy(place):
        here = eqx.tree_at(lambda s: (s.positions, s.ring.positions), state, place)
        return integrator.felt(here, surface, traced(CONTROLS, state))[1]

    slopes = jax.jit(jax.grad(felt_energy))((state.positions, state.ring.positions))
    plain = from_beads(jax.vmap(lambda bead: QUARTIC.parts(bead)[1])(state.beads))
    for slope, force, bare in zip(slopes, (state.forces, state.ring.forces), plain, strict=True):
        np.testing.assert_allclose(force, -slope, rtol=1e-9, atol=1e-12)
        assert np.abs(force - bare).max() > 0.01 * np.abs(force).max()


@pytest.mark.parametrize("action", FOURTH)
def test_energy_in_anharmonic_wells_is_conserved_to_second_order(action):
    """Over one time: half the timestep, a quarter of the error."""
    errors = []
    for steps in (100, 200):
        integrator = newtonian(action, 2.0 / OMEGA / steps)
        start = polymers(integrator, QUARTIC, atoms=4)
        end = go(start, integrator, QUARTIC, steps)
        errors.append(energy(end, integrator, QUARTIC) - energy(start, integrator, QUARTIC))
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


@pytest.fixture(scope="module")
def light():
    """Silicon's crystal of atoms as light as hydrogen."""
    return dataclasses.replace(mlip_nb.load("Si", repeat=1), masses=jnp.full(8, 1.008))


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber")


def change_of_conserved(system, potential, action: str, step: float) -> float:
    """In the compiled loop from the same start, over 80 or more steps; femtoseconds."""
    integrator = newtonian(action, step * units.FEMTOSECOND, beads=4)
    key, rng = jax.random.PRNGKey(0), np.random.default_rng(1)
    system = system.with_momenta(draw_momenta(system, KT, key=key))
    state = start_state(system, integrator, key=key)
    shape, widths = state.ring.positions.shape, (0.05, np.sqrt(float(system.masses[0]) * KT))
    moved = tuple(jnp.asarray(width * rng.normal(size=shape)) for width in widths)
    state = eqx.tree_at(lambda s: (s.ring.positions, s.ring.momenta), state, moved)
    steps, controls = round(16 / step), {"temperature": KT, "friction": 0.1}
    options = {"pbc": system.pbc, "steps": steps, "every": steps, "skin": 2.0}
    chunks = simulate(state, potential, integrator, lambda step: (controls, steps + 1), **options)
    return float(np.diff(np.concatenate([chunk.frames.conserved for chunk in chunks]))[0])


@pytest.mark.physics
def test_energy_is_conserved_from_the_very_first_force_on():
    """In the loop, which computes that one itself."""
    errors = [change_of_conserved(scattered(4), WELL, "suzuki-chin", step) for step in (0.2, 0.1)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


@pytest.mark.physics
@pytest.mark.parametrize("action", FOURTH)
def test_energy_of_silicon_is_conserved_to_second_order(light, potential, action):
    errors = [change_of_conserved(light, potential, action, step) for step in (0.2, 0.1)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)


# --- estimators, frame by frame


@pytest.fixture(scope="module", params=[pytest.param("takahashi-imada", marks=pytest.mark.physics), "suzuki-chin"])
def run(request, light, potential):
    """A name, and the last frame of a run."""
    ensemble = LocalPILE(beads=4, action=request.param, store_beads=True)
    data = mlip_nb.PIMD(ensemble=ensemble, timestep=0.5, steps=40, every=40, skin=2.0).run(light, potential)
    return request.param, data.isel(frame=-1)


@pytest.fixture(scope="module")
def evaluate(light, potential):
    return evaluator(light, potential)


@pytest.mark.physics
def test_estimators_are_derivatives_of_the_action(run, evaluate):
    """By differences of the energy of the action, retyped.

    Potential energy: by the strength of the potential. Kinetic energy: by the mass, beads drawn towards their centroid
    as their wavelength shrinks. Pressure: by a strain of the cell and of centroids.
    """
    action, last = run
    centroid, away = last["positions"].values, last["bead_positions"].values - last["positions"].values
    shares, squares = np.array((TERMS[action] * 4)[:4]).T

    def felt_energy(strength: float = 1.0, mass: float = 1.0, strain: float = 0.0) -> float:
        energies, forces, _ = evaluate((1 + strain) * centroid + away / np.sqrt(mass), strain)
        squared = np.sum(np.asarray(forces) ** 2, axis=(1, 2)) / (1.008 * mass)
        time = units.HBAR / (4 * KT)
        return float(np.mean(shares * strength * energies + squares * strength**2 * time**2 * squared))

    def slope(name: str, at: float) -> float:
        step = 1e-4
        return (felt_energy(**{name: at + step}) - felt_energy(**{name: at - step})) / (2 * step)

    assert float(last["potential_energy"]) == pytest.approx(slope("strength", 1.0), rel=1e-6)
    assert float(last["kinetic_energy"]) == pytest.approx(12 * KT - slope("mass", 1.0), rel=1e-6)
    pressure = (8 * KT - slope("strain", 0.0) / 3) / float(last["volume"]) / units.GIGAPASCAL
    assert float(last["pressure"]) == pytest.approx(pressure, rel=1e-5)
    assert np.trace(last["kinetic_energy_tensor"]) == pytest.approx(float(last["kinetic_energy"]), rel=1e-9)


# --- sampling

HARMONIC = Polynomial((0.0, 0.0, 0.5), QUANTA)
ASYMMETRIC = Polynomial((0.0, 0.0, 0.5, 0.1, 0.01), 8.0)
COORDINATES = 3 * 64


def assert_sampled(data, expected: float, errors: float) -> None:
    """Of one coordinate; half as precise as the error of four beads, or better."""
    kept = data.isel(frame=slice(data.sizes["frame"] // 10, None))
    total = average(kept["total_energy"].values / COORDINATES)
    assert abs(total.mean - expected) < errors * total.error
    assert total.error < 0.006 * expected
    between = average((kept["kinetic_energy"] - kept["primitive_kinetic_energy"]).values)
    assert abs(between.mean) < errors * between.error


@pytest.mark.physics
@pytest.mark.parametrize("action", FOURTH)
def test_harmonic_wells_are_sampled(action):
    """With four beads, where the error of Suzuki and Chin's action is three per cent, of the primitive one fifteen."""
    data = sampled(HARMONIC, beads=4, steps=10_000, action=action)
    assert_sampled(data, harmonic_energy(OMEGA, KT, 4, action), 4)


@pytest.mark.physics
@pytest.mark.parametrize("beads", [4, 8])
@pytest.mark.parametrize("action", FOURTH)
def test_anharmonic_wells_are_sampled(action, beads):
    data = sampled(ASYMMETRIC, beads=beads, steps=40_000, seed=beads, action=action)
    assert_sampled(data, ASYMMETRIC.energy(beads, TERMS[action]), 3)


# --- bad input


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"beads": 7, "action": "suzuki-chin"}, r"suzuki-chin takes beads in groups of 2 \(got 7\)"),
        ({"beads": 1, "action": "suzuki-chin"}, r"suzuki-chin takes beads in groups of 2 \(got 1\)"),
        ({"heat_capacity": True, "action": "takahashi-imada"}, "takahashi-imada has no estimator of the heat capacity"),
        ({"action": "trotter"}, "action: .*'primitive', 'takahashi-imada' or 'suzuki-chin'"),
    ],
)
def test_wrong_parameters_are_told_in_a_line(wrong, message):
    with pytest.raises(mlip_nb.InputError, match=message) as error:
        LocalPILE(**wrong)
    assert len(str(error.value).splitlines()) == 1


def test_real_time_has_no_fourth_order():
    with pytest.raises(mlip_nb.InputError, match="action"):
        RPMD(action="suzuki-chin")


def test_potential_outside_jax_has_no_fourth_order(light):
    from ase.calculators.emt import EMT

    outside = mlip_nb.from_calculator(EMT())
    with pytest.raises(mlip_nb.InputError, match="no second derivatives, which takahashi-imada needs"):
        mlip_nb.PIMD(ensemble=LocalPILE(action="takahashi-imada"), steps=1).run(light, outside)
