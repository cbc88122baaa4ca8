"""Gradients through dynamics: right in both modes, cheap in memory, and silent about nothing."""

import dataclasses
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk
from hypothesis import given, settings
from hypothesis import strategies as st

import mlip_nb
from mlip_nb import MD, NVE, NVTLangevin
from mlip_nb.errors import InputError, SimulationError
from mlip_nb.simulate import draw_momenta, ensembles, lyapunov, rollout
from mlip_nb.simulate._itinerary import itinerary
from mlip_nb.system import from_ase

from .oscillators import Oscillators, at_rest


def _moving(atoms, kT):
    system = from_ase(atoms)
    return system.with_momenta(draw_momenta(system, kT, key=jax.random.PRNGKey(0)))


@pytest.fixture(scope="module")
def argon():
    """A warm crystal of 32 atoms, and a potential that reaches a little less than its cell allows."""
    potential = mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=5.0)
    return _moving(bulk("Ar", "fcc", a=5.4, cubic=True).repeat(2), 0.02), potential


@pytest.fixture(scope="module")
def silicon():
    """Eight atoms in a cell that is neither cubic nor at rest."""
    crystal = bulk("Si", cubic=True)
    crystal.set_cell(crystal.cell.array @ [[1.02, 0.03, 0.0], [0.0, 0.99, 0.02], [0.01, 0.0, 1.0]], scale_atoms=True)
    return _moving(crystal, 0.05), mlip_nb.potential("stillinger-weber", species=("Si",))


def _a_bit_of_everything(snapshot):
    """An observable that feels energy, pressure, momenta and each atom by itself."""
    each = jnp.cos(jnp.arange(snapshot.positions.size)).reshape(snapshot.positions.shape)
    return snapshot.total_energy + snapshot.pressure + 0.1 * jnp.sum(each * snapshot.positions)


def _temperature(snapshot):
    return snapshot.temperature


def _loss(ensemble, timestep, steps):
    def loss(point):
        potential, system = point
        done = rollout(system, potential, ensemble, timestep=timestep, steps=steps, observe=_a_bit_of_everything)
        return done.values[-1]

    return loss


def _parts(point):
    """What can be varied: parameters of the potential, positions, momenta, cell; the rest."""
    potential, system = point
    parameters = eqx.filter(potential, eqx.is_inexact_array)
    return {"parameters": parameters, "positions": system.positions, "momenta": system.momenta, "cell": system.cell}


def _moved(point, parts):
    potential, system = point
    names = ("positions", "momenta", "cell")
    system = eqx.tree_at(lambda s: [getattr(s, name) for name in names], system, [parts[name] for name in names])
    return eqx.combine(parts["parameters"], potential), system


@pytest.mark.parametrize(
    ("case", "ensemble", "timestep"),
    [
        pytest.param("argon", NVE(), 5.0, id="Lennard-Jones NVE", marks=pytest.mark.physics),
        pytest.param(
            "silicon", NVTLangevin(temperature=600, friction=20), 1.0, id="SW Langevin", marks=pytest.mark.physics
        ),
    ],
)
def test_gradients_equal_finite_differences_and_forward_mode(case, ensemble, timestep, request):
    """By parameters, positions, momenta and cell, along random directions, to 1e-6 and 1e-10."""
    system, potential = request.getfixturevalue(case)
    point = (potential, system)
    loss = _loss(ensemble, timestep, steps=25)
    here = _parts(point)
    slopes = _parts(eqx.filter_grad(loss)(point))
    rng = np.random.default_rng(0)
    direction = jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), here)
    forward = jax.jvp(lambda parts: loss(_moved(point, parts)), (here,), (direction,))[1]
    reverse = {name: _dot(slopes[name], direction[name]) for name in here}
    assert forward == pytest.approx(sum(reverse.values()), rel=1e-10)
    for name, slope in reverse.items():

        def along(h, name=name):
            part = jax.tree.map(lambda leaf, way: leaf + h * way, here[name], direction[name])
            return float(loss(_moved(point, {**here, name: part})))

        step = 1e-5 if name == "parameters" else 1e-4
        numeric = (8 * (along(step) - along(-step)) - along(2 * step) + along(-2 * step)) / (12 * step)
        assert slope == pytest.approx(numeric, rel=1e-6), name


def _dot(one, other):
    return sum(float(np.vdot(a, b)) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


@pytest.mark.physics
@pytest.mark.parametrize(
    "every", [8, pytest.param(1, marks=pytest.mark.physics), pytest.param(24, marks=pytest.mark.physics)]
)
def test_trajectory_is_that_of_md(argon, every):
    """Momenta drawn, noise, order of atoms, units; rows within a leg, several legs to a row."""
    system, potential = argon
    system = eqx.tree_at(lambda s: s.momenta, system, None)
    options = {"timestep": 4.0, "steps": 24, "every": every, "seed": 3}
    ensemble = NVTLangevin(temperature="120->200", friction=5)
    values = rollout(system, potential, ensemble, **options).values
    dataset = MD(ensemble=ensemble, **options).run(system, potential)
    for name in ("step", "time", "positions", "velocities", "forces", "total_energy", "temperature", "stress"):
        np.testing.assert_allclose(getattr(values, name), dataset[name], rtol=1e-9, atol=1e-10, err_msg=name)


@pytest.mark.physics
@pytest.mark.parametrize("name", list(ensembles))
def test_every_ensemble_can_be_differentiated(name, argon):
    """By parameters and cell, against central differences."""
    system, potential = argon
    ensemble = ensembles[name](**({"temperature": 120} if "temperature" in ensembles[name].model_fields else {}))
    loss, point = _loss(ensemble, 4.0, steps=20), (potential, system)
    slopes = _parts(eqx.filter_grad(loss)(point))
    for part in ("parameters", "cell"):

        def along(h, part=part):
            changed = jax.tree.map(lambda leaf: leaf * (1 + h), _parts(point)[part])
            return float(loss(_moved(point, {**_parts(point), part: changed})))

        numeric = (8 * (along(1e-5) - along(-1e-5)) - along(2e-5) + along(-2e-5)) / 12e-5
        assert _dot(slopes[part], _parts(point)[part]) == pytest.approx(numeric, rel=1e-6), part


def _compiled_gradient(system, potential, steps):
    options = {"timestep": 4.0, "observe": _temperature}
    plan = rollout(system, potential, NVE(), steps=4, **options).plan

    def loss(epsilon):
        changed = eqx.tree_at(lambda p: p.epsilon, potential, epsilon)
        return rollout(system, changed, NVE(), steps=steps, plan=plan, **options).values[-1]

    return jax.jit(jax.grad(loss)).lower(potential.epsilon).compile()


@pytest.mark.physics
def test_memory_grows_as_the_square_root_of_the_steps(argon):
    """Four times the steps, about twice the memory; remembering every step would need four times."""
    short, long = (_compiled_gradient(*argon, steps).memory_analysis().temp_size_in_bytes for steps in (1000, 4000))
    assert long < 2.2 * short
    assert long < 0.25 * 4000 * argon[0].positions.nbytes


@pytest.mark.physics
def test_table_that_does_not_serve_is_replaced_outside_jit(argon):
    """A thin skin, and far too few rebuilds and slots at first: the same trajectory in the end."""
    system, potential = argon
    options = {"timestep": 4.0, "steps": 24, "observe": _temperature}
    expected = rollout(system, potential, NVE(), **options)
    grid = dataclasses.replace(expected.plan.grid, skin=0.1, slots=4)
    hopeless = dataclasses.replace(expected.plan, grid=grid, interval=24)
    found = rollout(system, potential, NVE(), plan=hopeless, **options)
    assert found.complete
    assert found.plan.interval < 24
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-9)


@pytest.mark.physics
def test_table_that_does_not_serve_spoils_everything_inside_jit(argon):
    """No silent wrong physics: neither values nor derivatives are numbers."""
    system, potential = argon
    options = {"timestep": 4.0, "steps": 24, "observe": _temperature}
    plan = rollout(system, potential, NVE(), **options).plan
    narrow = dataclasses.replace(plan, grid=dataclasses.replace(plan.grid, slots=4))

    @jax.jit
    def gradient(momenta):
        def loss(momenta):
            done = rollout(system.with_momenta(momenta), potential, NVE(), plan=narrow, **options)
            return done.values[-1], done.complete

        return jax.value_and_grad(loss, has_aux=True)(momenta)

    (value, complete), slope = gradient(system.momenta)
    assert not complete
    assert np.isnan(value)
    assert np.isnan(slope).all()


def test_bad_requests_are_refused(argon, silicon):
    system, potential = argon
    with pytest.raises(InputError, match=r"every \(30\) is more than steps \(20\)"):
        rollout(system, potential, NVE(), timestep=1, steps=20, every=30)
    with pytest.raises(InputError, match="hides the positions.*pass plan="):
        jax.jit(lambda system: rollout(system, potential, NVE(), timestep=1, steps=20).values)(system)
    with pytest.raises(InputError, match="covers Si"):
        rollout(system, silicon[1], NVE(), timestep=1, steps=20)
    with pytest.raises(InputError, match=r"steps \(10\) are too few"):
        lyapunov(system, potential, NVE(), timestep=1, steps=10)


def test_bullet_is_named(argon):
    system, potential = argon
    bullet = system.with_momenta(system.momenta.at[5].set(jnp.array([0, 0, 4e3])))
    with pytest.raises(SimulationError, match=r"half the skin .* in one step.*timestep below 10 fs"):
        rollout(bullet, potential, NVE(), timestep=10, steps=1)


@settings(deadline=None)
@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 100))
def test_itinerary_covers_all_and_little_more(rows, every, interval):
    """No table serves longer than it may; blocks, and steps in them, are about the square root of all."""
    way = itinerary(rows, every, interval)
    root = math.sqrt(rows * every)
    if way.leg:
        assert way.march == every
        assert way.march * way.leg <= interval
        covered, wanted = way.leg * way.legs * way.blocks, rows
        block, blocks = way.march * way.leg * way.legs, way.blocks
    else:
        assert way.march <= interval
        covered, wanted = way.march * way.legs * way.blocks, every
        bundles = math.ceil(rows / max(1, way.bundle))
        block, blocks = way.march * way.legs * max(1, way.bundle), way.blocks * bundles
        assert bundles * max(1, way.bundle) <= rows + max(1, 0.1 * rows)
    assert wanted <= covered <= wanted + max(interval, 0.1 * wanted)
    assert max(block, blocks) <= 3 * root + 2 * interval


def test_harmonic_oscillators_have_no_horizon():
    """Nothing grows: an exponent of zero, and time without end."""
    apart = jnp.stack([jnp.arange(16.0), jnp.zeros(16), jnp.ones(16)], axis=1)
    system = eqx.tree_at(lambda s: s.positions, at_rest(16), apart)
    found = lyapunov(system, Oscillators(1.0), NVE(), timestep=2.0, steps=400)
    assert abs(found.exponent) < max(3 * found.error, 1e-2)
    assert found.horizon == np.inf


@pytest.mark.physics
def test_gradients_of_a_liquid_grow_at_the_lyapunov_rate():
    """Lennard-Jones at density 0.8, kT = 1: about 4/τ, by the tangent run and by gradients of growing length."""
    tau = 1 / mlip_nb.units.FEMTOSECOND
    crystal = bulk("Ar", "fcc", a=(4 / 0.8) ** (1 / 3), cubic=True).repeat((2, 2, 4))
    crystal.set_masses(np.ones(len(crystal)))
    system, kelvin = from_ase(crystal), 1 / mlip_nb.units.KELVIN
    potential = mlip_nb.potential("lennard-jones", epsilon=1.0, sigma=1.0, cutoff=2.0)
    options = {"timestep": 0.004 * tau, "skin": 0.3}
    hot = NVTLangevin(temperature=kelvin, friction=5e3 / tau)
    melted = rollout(system, potential, hot, steps=1500, **options).values
    liquid = eqx.tree_at(lambda s: s.positions, system, melted.positions[-1]).with_momenta(melted.momenta[-1])
    found = lyapunov(liquid, potential, NVE(), steps=4000, **options)
    rate = found.exponent * tau / 1e3
    assert rate == pytest.approx(4.1, abs=0.4)
    assert found.error * tau / 1e3 < 0.15

    def size(steps):
        def loss(system):
            return rollout(system, potential, NVE(), steps=steps, observe=_temperature, **options).values[-1]

        return np.linalg.norm(eqx.filter_grad(loss)(liquid).positions)

    times = np.array([500, 750, 1000, 1250]) * 0.004
    assert np.polyfit(times, np.log([size(round(t / 0.004)) for t in times]), 1)[0] == pytest.approx(rate, rel=0.25)
