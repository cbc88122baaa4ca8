"""Laws every integrator at constant volume obeys; a new ensemble is tested the moment it is registered."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mlip_nb.simulate import ensembles

from .oscillators import Oscillators, Wells, begin, march, moving, run, trajectory


def _engines(name: str) -> tuple[str | None, ...]:
    return next((field.choices for field in ensembles[name].fields() if field.name == "engine"), (None,))


def _ensemble(name: str, engine: str | None = None):
    return ensembles[name](**({"engine": engine} if engine else {}))


FIXED_CELL = [name for name in ensembles if not ensembles[name]().integrator(1.0).changes_cell]
CASES = [(name, engine) for name in FIXED_CELL for engine in _engines(name)]
TWO_ENGINES = [name for name in FIXED_CELL if len(_engines(name)) > 1]

GENTLE = {"temperature": 1.0, "friction": 0.5, "thermostat_time": 2.0}
"""Controls that suit oscillators of unit mass and frequency."""
FIRST_ORDER_TRAJECTORIES = {("brownian", None), ("nvt-csvr", "jax-md")}
"""Where averages are better than trajectories: without inertia, and with the thermostat not amid the step."""


def _controls(ensemble, **values) -> dict[str, float]:
    values = GENTLE | values
    return {name: values[name] for name in ensemble.controls()}


def _quiet(ensemble) -> dict[str, float]:
    """Noise off, and a friction that does something; a chain has no noise and needs its temperature."""
    has_noise = "friction" in ensemble.controls() or ensemble.registered_name == "nvt-csvr"
    return _controls(ensemble, temperature=1e-30 if has_noise else 0.5)


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_trajectory_error_has_the_declared_order(name, engine, report):
    """Against a step 16 times finer; timesteps are powers of two, which jax_md's float32 represents."""
    ensemble, potential = _ensemble(name, engine), Oscillators(1.0)

    def final(halvings: int) -> float:
        integrator = ensemble.integrator(0.25 / 2**halvings)
        state = begin(moving(1), integrator, potential)
        # Momenta that are noise must be silent as well.
        state = eqx.tree_at(lambda s: s.momenta, state, state.momenta * (name != "brownian"))
        return float(march(state, integrator, _quiet(ensemble), potential, 8 * 2**halvings).positions[0, 0])

    exact = final(6)
    ratio = (final(1) - exact) / (final(2) - exact)
    order = 1 if (name, engine) in FIRST_ORDER_TRAJECTORIES else ensemble.integrator(1.0).order
    # The reference is itself off, by a 16th of the error it judges where the order is first.
    if engine != "jax-md":
        report.ensemble(name, order=np.log2(ratio))
    assert ratio == pytest.approx(2**order, rel=0.05 if order > 1 else 0.15)


@pytest.mark.parametrize("name", [name for name in TWO_ENGINES if name != "nvt-csvr"])
def test_fused_equals_jax_md_step_for_step(name):
    """Same noise, same arithmetic: round-off apart, over 200 steps; jax_md rounds the weights of a chain to float32.

    The two velocity rescalings stand at different places of a step, and draw differently: they are no such pair.
    """
    system, potential = moving(7), Oscillators(1.0)
    system = eqx.tree_at(lambda s: s.masses, system, jnp.arange(1.0, 8.0))
    runs = []
    for engine in ("fused", "jax-md"):
        ensemble = _ensemble(name, engine)
        integrator = ensemble.integrator(0.125)
        state = begin(system, integrator, potential)
        runs.append(trajectory(state, integrator, _controls(ensemble), potential, samples=10, every=20))
    tolerance = 1e-6 if name == "nvt-nose-hoover" else 1e-10
    (ours, conserved), (theirs, same) = runs
    for mine, other in ((ours.positions, theirs.positions), (ours.momenta, theirs.momenta), (conserved, same)):
        np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_conserved_quantity_is_conserved(name, engine):
    """At ωh = 0.05 it wanders by parts in 10³ of the energy, and does not drift."""
    ensemble, atoms, potential = _ensemble(name, engine), 64, Oscillators(1.0)
    integrator = ensemble.integrator(0.05)
    state = begin(moving(atoms), integrator, potential)
    _, conserved = trajectory(state, integrator, _controls(ensemble), potential, samples=200, every=10)
    energy = 3 * atoms
    assert np.ptp(conserved) < 2e-3 * energy
    drift = np.polyfit(np.linspace(0, 1, len(conserved)), np.asarray(conserved), 1)[0]
    assert abs(drift) < 5e-4 * energy


@pytest.mark.parametrize("name", ["nve", "nvt-nose-hoover"])
def test_deterministic_motion_is_reversible(name):
    """All velocities reversed, those of a chain as well, 500 steps lead back to the start."""
    ensemble, potential = _ensemble(name), Wells()
    integrator = ensemble.integrator(0.1)
    start = begin(moving(4), integrator, potential)
    there = march(start, integrator, _controls(ensemble), potential, 500)
    assert np.abs(there.positions - start.positions).max() > 0.1
    turned = eqx.tree_at(lambda s: s.momenta, there, -there.momenta)
    if name == "nvt-nose-hoover":
        turned = eqx.tree_at(lambda s: s.bath.velocities, turned, -there.bath.velocities)
    back = march(turned, integrator, _controls(ensemble), potential, 500)
    np.testing.assert_allclose(back.positions, start.positions, atol=1e-8)
    np.testing.assert_allclose(back.momenta, -start.momenta, atol=1e-8)


@pytest.mark.parametrize("name", [name for name in FIXED_CELL if name != "nve"])
def test_live_parameter_moves_without_retracing(name):
    """A slider changes a traced number, never the program."""
    ensemble, potential = _ensemble(name), Oscillators(1.0)
    integrator = ensemble.integrator(0.5)
    run(moving(8), potential, integrator, _controls(ensemble), steps=20)
    traces = len(potential.traced)
    assert traces
    moved = _controls(ensemble, temperature=2.0, friction=0.7, thermostat_time=3.0)
    run(moving(8), potential, integrator, moved, steps=40, every=3)
    assert len(potential.traced) == traces


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_noise_follows_the_atom_not_its_place_in_memory(name, engine):
    """Sorting atoms anew must not change their trajectories: noise is drawn in the caller's order."""
    ensemble, potential = _ensemble(name, engine), Wells()
    integrator = ensemble.integrator(0.125)
    state = begin(moving(6), integrator, potential)
    shuffled = state.reorder(jnp.array([3, 1, 4, 0, 5, 2]))
    plain, sorted_ = (march(s, integrator, _controls(ensemble), potential, 1) for s in (state, shuffled))
    np.testing.assert_allclose(plain.positions.T, sorted_.in_callers_order(sorted_.positions), rtol=1e-14)
    np.testing.assert_allclose(plain.momenta.T, sorted_.in_callers_order(sorted_.momenta), rtol=1e-13)


@pytest.mark.parametrize("name", FIXED_CELL)
def test_single_precision_stays_single_and_agrees(name):
    """Ten steps of quiet dynamics, for the two precisions draw different noise."""
    ensemble, potential = _ensemble(name), Wells()
    integrator, ends = ensemble.integrator(0.125), {}
    for dtype in ("float64", "float32"):
        state = begin(moving(6, dtype=dtype), integrator, potential)
        ends[dtype] = march(state, integrator, _quiet(ensemble), potential, 10)
    assert ends["float32"].positions.dtype == ends["float32"].momenta.dtype == np.float32
    np.testing.assert_allclose(ends["float32"].positions, ends["float64"].positions, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", FIXED_CELL)
def test_replicas_at_once_move_as_they_do_alone(name):
    """Four seeds and temperatures under `vmap`."""
    ensemble, potential = _ensemble(name), Wells()
    integrator = ensemble.integrator(0.125)
    states = [begin(moving(6, seed), integrator, potential, seed=seed) for seed in range(4)]
    controls = [_controls(ensemble, temperature=0.5 + seed) for seed in range(4)]
    go = jax.vmap(lambda state, controls: march(state, integrator, controls, potential, 20))
    together = jax.jit(go)(_stacked(states), _stacked(controls))
    for index, (state, own) in enumerate(zip(states, controls, strict=True)):
        alone = march(state, integrator, own, potential, 20)
        np.testing.assert_allclose(together.positions[index], alone.positions, rtol=1e-10)


def _stacked(trees):
    return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *trees)
