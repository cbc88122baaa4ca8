"""Laws every ensemble's integrator obeys; a new ensemble is tested the moment it is registered."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mlip_nb.simulate import NVE, NVTLangevin, ensembles

from .oscillators import Oscillators, at_rest, run

CASES = [(name, engine) for name in ensembles for engine in ("fused", "jax-md")]


def _quiet(ensemble):
    """The controls of an ensemble with its noise off and its friction, if any, gentle."""
    quiet = {"temperature": 1e-30, "friction": 0.3}
    return {name: quiet.get(name, value) for name, value in ensemble.controls().items()}


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_trajectory_error_has_the_declared_order(name, engine):
    """Against a step 16 times finer; timesteps are powers of two, which jax_md's float32 represents."""
    ensemble = ensembles[name](engine=engine)

    def final(halvings: int) -> float:
        integrator = ensemble.integrator(0.25 / 2**halvings)
        frames = run(at_rest(1, 1.0), Oscillators(1.0), integrator, _quiet(ensemble), steps=8 * 2**halvings)
        return frames.positions[-1, 0, 0]

    exact = final(6)
    ratio = (final(1) - exact) / (final(2) - exact)
    assert ratio == pytest.approx(2 ** ensemble.integrator(1.0).order, rel=0.05)


@pytest.mark.parametrize("name", list(ensembles))
def test_fused_equals_jax_md_step_for_step(name):
    """Same noise, same arithmetic: float64 round-off apart, over 200 steps."""
    rng = np.random.default_rng(0)
    positions = jnp.asarray(rng.normal(size=(7, 3)))
    system = at_rest(7)
    frames = {}
    for engine in ("fused", "jax-md"):
        ensemble = ensembles[name](engine=engine)
        frames[engine] = run(
            type(system)(positions, system.numbers, jnp.arange(1.0, 8.0), system.cell, system.momenta),
            Oscillators(1.0),
            ensemble.integrator(0.125),
            ensemble.controls(),
            steps=200,
            every=20,
        )
    for field in ("positions", "momenta", "conserved"):
        np.testing.assert_allclose(
            getattr(frames["fused"], field), getattr(frames["jax-md"], field), rtol=1e-10, atol=1e-12
        )


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_conserved_quantity_is_conserved(name, engine):
    """At ωh = 0.05 it wanders by parts in 10⁴ of the energy, and does not drift."""
    ensemble = ensembles[name](engine=engine)
    frames = run(
        at_rest(64, 1.0), Oscillators(1.0), ensemble.integrator(0.05), ensemble.controls(), steps=2000, every=10
    )
    energy = 0.5 * 64
    assert np.ptp(frames.conserved) < 2e-3 * energy
    drift = np.polyfit(np.linspace(0, 1, len(frames.conserved)), frames.conserved, 1)[0]
    assert abs(drift) < 5e-4 * energy


def test_nve_is_reversible():
    """Momenta reversed, 500 steps lead back to the start."""
    integrator = NVE().integrator(0.1)
    there = run(at_rest(1, 1.0), Oscillators(1.0), integrator, {}, steps=500, every=500)
    system = at_rest(1)
    turned = type(system)(
        jnp.asarray(there.positions[-1]), system.numbers, system.masses, system.cell, -jnp.asarray(there.momenta[-1])
    )
    back = run(turned, Oscillators(1.0), integrator, {}, steps=500, every=500)
    np.testing.assert_allclose(back.positions[-1], there.positions[0], atol=1e-12)


def test_baoab_samples_a_harmonic_mode_exactly():
    """At ωh = 1: <x²> = kT/k, and on-step <v²> = 0.75 kT/m; 5 standard errors."""
    ensemble = NVTLangevin()
    controls = {"temperature": 1.0, "friction": 1.0}
    atoms, steps = 4000, 400
    frames = run(at_rest(atoms), Oscillators(1.0), ensemble.integrator(1.0), controls, steps=steps, every=10)
    late = slice(3, None)
    for values, expected in ((frames.positions[late], 1.0), (frames.momenta[late], 0.75)):
        # Atoms are independent, frames ten steps apart nearly so: errors from the spread over atoms.
        per_atom = np.mean(values**2, axis=(0, 2))
        error = per_atom.std() / np.sqrt(atoms)
        assert abs(per_atom.mean() - expected) < 5 * error
        assert error < 0.005


def test_live_parameter_moves_without_retracing():
    """A slider changes a traced number, never the program."""
    potential = Oscillators(1.0)
    integrator = NVTLangevin().integrator(0.5)
    run(at_rest(8), potential, integrator, {"temperature": 1.0, "friction": 1.0}, steps=20)
    traces = len(potential.traced)
    assert traces
    run(at_rest(8), potential, integrator, {"temperature": 2.0, "friction": 0.5}, steps=40, every=3)
    assert len(potential.traced) == traces


def test_noise_follows_the_atom_not_its_place_in_memory():
    """Sorting atoms anew must not change their trajectories: noise is drawn in the caller's order."""
    integrator = NVTLangevin().integrator(0.1)
    from mlip_nb.simulate import start_state

    state = start_state(at_rest(5, 1.0), integrator, key=jax.random.PRNGKey(3))
    controls = {"temperature": jnp.array(1.0), "friction": jnp.array(1.0)}
    shuffled = state.reorder(jnp.array([3, 1, 4, 0, 2]))

    def surface(positions, cell):
        return None, -positions, None

    plain = integrator.step(state, surface, controls)
    sorted_ = integrator.step(shuffled, surface, controls)
    np.testing.assert_array_equal(plain.positions.T, sorted_.in_callers_order(sorted_.positions))
