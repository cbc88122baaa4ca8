"""Thermostats: what can be said of them exactly, and what takes statistics (marked `physics`)."""

import dataclasses
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, stats

from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.simulate import Brownian, NVTLangevin, NVTNoseHoover, ensembles
from mlip_nb.simulate._chain import Chain, propagate
from mlip_nb.simulate._momenta import noise
from mlip_nb.simulate.csvr import chi_square, rescaling

from .oscillators import Oscillators, Wells, at_rest, begin, march, moving, run, surface_of, traced

WARM = {"temperature": 1.0, "friction": 1.0, "thermostat_time": 2.0}


def _controls(ensemble, **values):
    return {name: (WARM | values)[name] for name in ensemble.controls()}


# --- linear maps: the stationary law of a harmonic mode, solved for, not sampled


def _mode(x: float, p: float):
    system = at_rest(1, x)
    return dataclasses.replace(system, momenta=system.momenta.at[0, 0].set(p))


def _one(integrator, state, controls):
    return integrator.step(state, surface_of(Oscillators(1.0)), traced(controls, state))


def _stationary(integrator, controls):
    """Covariance of position and momentum, and variance of the thermal momentum: X = M X Mᵀ + b bᵀ."""

    def along(state):
        return np.array([state.positions[0, 0], state.momenta[0, 0]])

    starts = [begin(_mode(*start), integrator, Oscillators(1.0)) for start in ((1, 0), (0, 1), (0, 0))]
    cold = controls | {"temperature": 0.0}
    matrix = np.stack([along(_one(integrator, state, cold)) for state in starts[:2]], axis=1)
    still = starts[2]
    drawn = noise(still, jax.random.split(still.bath.key)[1])[0, 0]
    kick = along(_one(integrator, still, controls)) / float(drawn)
    covariance = np.linalg.solve(np.eye(4) - np.kron(matrix, matrix), np.outer(kick, kick).ravel()).reshape(2, 2)
    later = [eqx.tree_at(lambda s: s.step, state, jnp.int32(1)) for state in starts[:2]]
    thermal = np.array([integrator.thermal_momenta(state)[0, 0] for state in later])
    return covariance, thermal @ covariance @ thermal


@pytest.mark.parametrize("step", [0.1, 1.0, 1.9])
@pytest.mark.parametrize("friction", [0.1, 10.0])
def test_baoab_samples_a_harmonic_mode_exactly(step, friction):
    """At any stable timestep <x²> = kT/k; <v²> is low by (ωh)²/4 in the state, and right after the O step exact."""
    covariance, thermal = _stationary(NVTLangevin().integrator(step), {"temperature": 1.0, "friction": friction})
    assert covariance[0, 0] == pytest.approx(1, rel=1e-11)
    assert covariance[1, 1] == pytest.approx(1 - step**2 / 4, rel=1e-11)
    assert thermal == pytest.approx(1, rel=1e-11)


@pytest.mark.parametrize("step", [0.1, 1.0, 1.9])
def test_brownian_dynamics_samples_a_harmonic_mode_exactly(step):
    """At any stable timestep, ω²h/γ < 2. Euler and Maruyama's scheme would give 1/(1 - ω²h/2γ)."""
    covariance, thermal = _stationary(Brownian().integrator(step), {"temperature": 1.0, "friction": 1.0})
    assert covariance[0, 0] == pytest.approx(1, rel=1e-11)
    assert thermal == pytest.approx(1, rel=1e-11)


def test_brownian_dynamics_is_langevin_dynamics_without_end_of_friction():
    """Step for step with the same noise: h/γ of the one is h²/2 of the other."""
    step, potential, system = 0.3, Wells(), moving(5)
    start = begin(system, Brownian().integrator(step), potential)
    limit = Brownian().integrator(step**2 / 2)
    brown = march(start, limit, {"temperature": 1.0, "friction": 1.0}, potential, 50)
    # The Langevin state is half a kick later than its thermal momentum, which is the Brownian one.
    kicked = eqx.tree_at(lambda s: s.momenta, start, start.momenta + step / 2 * start.forces)
    heavy = march(kicked, NVTLangevin().integrator(step), {"temperature": 1.0, "friction": 1e6}, potential, 50)
    np.testing.assert_allclose(brown.positions, heavy.positions, rtol=1e-10)


def test_temperature_of_a_frame_is_that_right_after_the_thermostat():
    """Frame 0 has its own momenta; later ones are half a kick behind the O step."""
    frames = run(moving(6), Oscillators(1.0), NVTLangevin().integrator(0.5), WARM, steps=4)
    kick = np.where(frames.step > 0, 0.25, 0)[:, None, None]
    thermal = frames.momenta - kick * frames.forces
    np.testing.assert_allclose(frames.flow, np.einsum("fna,fnb->fab", thermal, thermal), rtol=1e-12)


# --- the random factor


@pytest.mark.parametrize("freedom", [1, 2, 3, 100])
def test_rescaling_keeps_the_law_of_the_kinetic_energy(freedom):
    """Γ(n_f/2, kT) before and after, by Kolmogorov and Smirnov; without its noise it would not be."""
    kT, draws = 0.7, 20000

    def after(key):
        first, second = jax.random.split(key)
        kinetic = kT * jax.random.gamma(first, freedom / 2)
        factor = rescaling(kinetic, 0.5, freedom=freedom, kT=jnp.asarray(kT), time=jnp.asarray(0.5), key=second)
        relaxed = kinetic + (1 - jnp.exp(-1.0)) * (freedom * kT / 2 - kinetic)
        return factor**2 * kinetic, relaxed

    kinetic, relaxed = jax.jit(jax.vmap(after))(jax.random.split(jax.random.PRNGKey(freedom), draws))
    law = stats.gamma(freedom / 2, scale=kT)
    assert stats.kstest(np.asarray(kinetic), law.cdf).pvalue > 1e-3
    assert stats.kstest(np.asarray(relaxed), law.cdf).pvalue < 1e-20


def test_rescaling_turns_a_single_velocity_as_often_as_it_must():
    """One degree of freedom is an Ornstein–Uhlenbeck process: the velocity remembers e^(-h/2τ) of itself."""
    momenta = jax.random.normal(jax.random.PRNGKey(0), (20000,))

    def turned(momentum, key):
        return momentum * rescaling(
            momentum**2 / 2, 1.0, freedom=1, kT=jnp.asarray(1.0), time=jnp.asarray(0.5), key=key
        )

    after = jax.vmap(turned)(momenta, jax.random.split(jax.random.PRNGKey(1), len(momenta)))
    assert float(jnp.mean(momenta * after)) == pytest.approx(np.exp(-1), abs=5 / np.sqrt(len(momenta)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_chi_square_has_its_law_in_both_precisions(dtype):
    """From one degree of freedom to those of a million atoms; of none it is zero."""
    keys = jax.random.split(jax.random.PRNGKey(3), 20000)
    draw = jax.jit(jax.vmap(lambda key, freedom: chi_square(freedom, key=key), (0, None)))
    for freedom in (1.0, 2.0, 95.0, 3e6):
        values = np.asarray(draw(keys, jnp.asarray(freedom, dtype)), float)
        assert stats.kstest(values, stats.chi2(freedom).cdf).pvalue > 1e-3
    assert not draw(keys[:3], jnp.zeros((), dtype)).any()


# --- chains


def test_chain_keeps_its_energy_to_fourth_order_and_runs_backwards():
    """The propagator alone, with the momenta it rescales: half the substep, a sixteenth of the error."""
    coupling = {"freedom": 9, "kT": jnp.asarray(0.5), "time": jnp.asarray(2.0)}

    @partial(jax.jit, static_argnums=2)
    def go(chain, kinetic, steps):
        def once(carry, _):
            chain, factor = propagate(carry[0], carry[1], 40.0 / steps, **coupling)
            return (chain, carry[1] * factor**2), None

        return jax.lax.scan(once, (chain, kinetic), length=steps)[0]

    start, kinetic = Chain.at_rest(jnp.zeros(()).dtype), jnp.asarray(6.0)
    errors = []
    for steps in (200, 400):
        chain, there = go(start, kinetic, steps)
        errors.append(float(there + chain.energy(**coupling) - kinetic))
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.2)
    back, again = go(eqx.tree_at(lambda c: c.velocities, chain, -chain.velocities), there, 400)
    assert again == pytest.approx(6.0, rel=1e-9)
    np.testing.assert_allclose(back.velocities, 0, atol=1e-9)


def test_chain_faster_than_the_timestep_is_refused():
    ensemble = NVTNoseHoover(thermostat_time=15)
    with pytest.raises(InputError, match="thermostat_time 15 fs is shorter than 10 timesteps of 2 fs; give 20 fs"):
        ensemble.prepare(at_rest(2), 2 * units.FEMTOSECOND)
    ensemble.prepare(at_rest(2), 1.5 * units.FEMTOSECOND)


# --- the centre of mass


@pytest.mark.parametrize("kind", [NVTLangevin, Brownian])
def test_fixed_centre_of_mass_stays_where_it_is(kind):
    """Atoms of different masses on springs to each other, 200 steps with noise."""
    ensemble, masses = kind(fix_center=True), jnp.arange(1.0, 7.0)
    system = dataclasses.replace(moving(6), masses=masses)
    momenta = system.momenta - masses[:, None] * system.momenta.sum(axis=0) / masses.sum()
    integrator = ensemble.integrator(0.1)
    state = begin(dataclasses.replace(system, momenta=momenta), integrator, Springs())
    end = march(state, integrator, _controls(ensemble), Springs(), 200)
    assert np.abs(end.positions - state.positions).max() > 0.1
    np.testing.assert_allclose(end.positions @ masses, state.positions @ masses, atol=1e-11)
    np.testing.assert_allclose(end.momenta.sum(axis=1), 0, atol=1e-12)


class Springs(Oscillators):
    """Every atom tied to the mean of all: forces that sum to zero."""

    stiffness: float = eqx.field(static=True, default=1.0)

    def parts(self, positions):
        away = positions - positions.mean(axis=1, keepdims=True)
        return 0.5 * jnp.sum(away**2, axis=0), -away, -away @ positions.T


# --- statistics: independent replicas of a small system, so that errors come from their spread


def _sample(ensemble, step, potential, system, *, replicas, skip, samples, every, mobile=None, **values):
    """Squares of positions, momenta, thermal momenta, and x ∂U/∂x: `[replicas, kind, 3, atoms]`, means over time."""
    integrator = ensemble.integrator(step)
    start = begin(
        system, integrator, potential, mobile=mobile, freedom=None if mobile is None else 3 * int(mobile.sum())
    )
    controls = traced(_controls(ensemble, **values), start)

    def one(key):
        state = eqx.tree_at(lambda s: s.bath, start, integrator.bath(start, key=key))
        state = eqx.tree_at(lambda s: s.momenta, state, state.momenta + 0.3 * noise(state, key))

        def go(state, _):
            state = march(state, integrator, controls, potential, every)
            squares = (kind**2 for kind in (state.positions, state.momenta, integrator.thermal_momenta(state)))
            return state, jnp.stack([*squares, -state.positions * state.forces])

        state = march(state, integrator, controls, potential, skip)
        end, squares = jax.lax.scan(go, state, length=samples)
        return squares.mean(axis=0), integrator.thermal_momenta(end)

    return jax.jit(jax.vmap(one))(jax.random.split(jax.random.PRNGKey(7), replicas))


def _mean_square(k: float, q: float) -> float:
    def weight(x):
        return np.exp(-k * x**2 / 2 - q * x**4 / 4)

    return integrate.quad(lambda x: x**2 * weight(x), -8, 8)[0] / integrate.quad(weight, -8, 8)[0]


def _agrees(values, expected) -> None:
    """Means over replicas, within five standard errors that are small."""
    values = np.asarray(values).reshape(len(values), -1).mean(axis=1)
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert error < 0.02 * expected
    assert abs(values.mean() - expected) < 5 * error, (values.mean(), expected, error)


@pytest.mark.physics
@pytest.mark.parametrize("name", ["brownian", "nvt-csvr", "nvt-langevin"])
def test_anharmonic_wells_are_sampled_canonically(name):
    """Two atoms, six unlike coordinates, from a start that is far from it; kinetic energy by its whole law."""
    wells, step = Wells(), 0.05 if name == "brownian" else 0.1
    options = {"replicas": 1000, "skip": 1000, "samples": 200, "every": 20}
    squares, last = _sample(ensembles[name](), step, wells, moving(2), **options)
    for axis, k in enumerate(wells.stiffness):
        _agrees(squares[:, 0, axis], _mean_square(k, wells.quartic))
    _agrees(squares[:, 2], 1.0)
    kinetic = np.sum(np.asarray(last) ** 2, axis=(1, 2)) / 2
    assert stats.kstest(kinetic, stats.gamma(3).cdf).pvalue > 1e-3


@pytest.mark.physics
def test_chain_of_thermostats_samples_coupled_wells_canonically():
    """<x ∂U/∂x> = kT for each coordinate, and the law of the kinetic energy. Wells apart are too regular for it."""
    options = {"replicas": 1000, "skip": 2000, "samples": 200, "every": 20}
    squares, last = _sample(NVTNoseHoover(), 0.05, Coupled(), moving(2), **options)
    for axis in range(3):
        _agrees(squares[:, 3, axis], 1.0)
        _agrees(squares[:, 2, axis], 1.0)
    kinetic = np.sum(np.asarray(last) ** 2, axis=(1, 2)) / 2
    assert stats.kstest(kinetic, stats.gamma(3).cdf).pvalue > 1e-3


class Coupled(Wells):
    """½ k x² for each coordinate and x²y² for each pair of them: chaotic."""

    def parts(self, positions):
        k = jnp.array(self.stiffness)[:, None]
        others = jnp.sum(positions**2) - positions**2
        energies = jnp.sum(0.5 * k * positions**2 + 0.5 * positions**2 * others, axis=0)
        forces = -positions * (k + 2 * others)
        return energies, forces, -forces @ positions.T


@pytest.mark.physics
@pytest.mark.parametrize("name", ["nvt-csvr", "nvt-langevin"])
def test_held_atoms_leave_the_temperature_of_the_others_alone(name):
    """Three of five atoms, equally warm in all directions."""
    mobile = jnp.array([True, False, True, True, False])
    system = dataclasses.replace(moving(5), momenta=jnp.where(mobile[:, None], moving(5).momenta, 0))
    held = Held(mobile)
    options = {"replicas": 500, "skip": 1000, "samples": 200, "every": 20, "mobile": mobile}
    squares, _ = _sample(ensembles[name](), 0.1, held, system, **options)
    for axis in range(3):
        _agrees(squares[:, 2, axis][:, np.asarray(mobile)], 1.0)
    assert not np.any(squares[:, 1:][..., ~np.asarray(mobile)])


class Held(Wells):
    """Wells without a force on some atoms, as the loop sees a potential."""

    mobile: jax.Array = eqx.field(default=None)

    def __init__(self, mobile):
        super().__init__()
        self.mobile = mobile

    def parts(self, positions):
        energies, forces, strain = super().parts(positions)
        return energies, jnp.where(self.mobile, forces, 0), strain


@pytest.mark.physics
@pytest.mark.parametrize("kind", [NVTLangevin, Brownian])
def test_fixed_centre_samples_the_others_exactly(kind):
    """Springs to the mean of six atoms: <(x - mean)²> = 5/6 kT/k, and 5/6 of the momenta are left."""
    step = 0.2 if kind is Brownian else 0.5
    options = {"replicas": 1000, "skip": 200, "samples": 200, "every": 10}
    system = dataclasses.replace(at_rest(6), positions=jnp.zeros((6, 3)))
    squares, _ = _sample(kind(fix_center=True), step, Springs(), system, **options)
    _agrees(squares[:, 2], 5 / 6)


@pytest.mark.physics
def test_one_link_alone_does_not_sample_an_oscillator():
    """<x²>, <x⁴>/3 and the part of the time within 0.3 of the origin: three links reach them, one does not."""
    potential, step, kT = Oscillators(1.0), 0.1, 1.0
    starts = np.random.default_rng(5).normal(size=(16, 2))
    inside = 1 - np.exp(-(0.3**2) / 2)

    def worst(links: int) -> float:
        integrator = NVTNoseHoover(links=links).integrator(step)
        controls = {"temperature": jnp.asarray(kT), "thermostat_time": jnp.asarray(1.0)}

        def one(x, p):
            state = begin(at_rest(1), integrator, potential, freedom=1)
            state = eqx.tree_at(
                lambda s: (s.positions, s.momenta, s.forces),
                state,
                (state.positions.at[0, 0].set(x), state.momenta.at[0, 0].set(p), state.forces.at[0, 0].set(-x)),
            )

            def go(state, _):
                state = march(state, integrator, controls, potential, 5)
                x, p = state.positions[0, 0], state.momenta[0, 0]
                return state, jnp.stack([x**2, x**4 / 3, (x**2 + p**2 < 0.09) / inside])

            return jax.lax.scan(go, state, length=40000)[1].mean(axis=0)

        means = jax.jit(jax.vmap(one))(*starts.T)
        return float(jnp.abs(means - 1).max())

    assert worst(3) < 0.25
    assert worst(1) > 0.9
