"""Laws every barostat obeys, on systems whose averages are known in closed form."""

import functools
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.simulate import draw_momenta, ensembles, simulate, start_state
from mlip_nb.simulate._barostat import Load
from mlip_nb.simulate._middle import AbstractMiddle
from mlip_nb.simulate._momenta import noise
from mlip_nb.simulate._piston import Piston, piston_mass, piston_step
from mlip_nb.system import System

from .elastic import COUPLINGS, Elastic, barostat, begin, box, controls, follow, ideal

BAROSTATS = ("npt-crescale", "npt-mtk", "nph")
DETERMINISTIC = ("npt-mtk", "nph")
STRESS = {"isotropic": None, "anisotropic": (0.3, -0.2, 0.1), "triclinic": (0.3, -0.2, 0.1, 0.2, -0.1, 0.15)}
"""GPa; enough to deform the elastic cell by several parts in a hundred."""
KEY = jax.random.PRNGKey(0)
COARSE, MIDDLE, FINE = 0.1, 0.05, 0.00625
DURATION = 8.0


def _thorough(names, quick):
    """All couplings of these; those but the one named `quick` in the long suite."""
    return [
        pytest.param(name, coupling, marks=() if coupling == quick else pytest.mark.physics, id=f"{name}-{coupling}")
        for name in names
        for coupling in COUPLINGS
    ]


@pytest.fixture(scope="module")
def march():
    """The state after `DURATION`, and what was seen on the way, of the elastic cell under pressure and stress."""
    cube = box(6, 1000.0)
    surface = Elastic(cube.cell, cube.positions.T)

    @functools.cache
    def compiled(name, coupling, timestep):
        integrator = barostat(name, time=5.0, coupling=coupling, stress=STRESS[coupling]).integrator(timestep)
        start = begin(cube, integrator, surface, 0.05, jax.random.PRNGKey(1))
        steps = round(DURATION / timestep)
        return start, jax.jit(lambda state, targets: follow(state, integrator, surface, targets, steps))

    def go(name, coupling, timestep, *, kT=0.05, state=None):
        start, run = compiled(name, coupling, timestep)
        return run(start if state is None else state, controls(pressure=0.003, temperature=kT))

    go.start = lambda *case: compiled(*case)[0]
    return go


@pytest.mark.physics
@pytest.mark.parametrize(("name", "coupling"), _thorough(BAROSTATS, "triclinic"))
def test_the_cell_follows_its_equation_of_motion_to_the_declared_order(march, report, name, coupling):
    """Noise off, against a step 8 times finer."""
    # A chain has no noise, and needs its temperature.
    kT = 1e-30 if name == "npt-crescale" else 0.05
    coarse, middle, exact = (march(name, coupling, h, kT=kT)[0].cell for h in (COARSE, MIDDLE, FINE))
    order = ensembles[name]().integrator(1.0).order
    assert np.abs(exact - march.start(name, coupling, FINE).cell).max() > 0.01
    ratio = np.abs(coarse - exact).max() / np.abs(middle - exact).max()
    report.ensemble(name, order=np.log2(ratio))
    assert ratio == pytest.approx((COARSE**order - FINE**order) / (MIDDLE**order - FINE**order), rel=0.05)


@pytest.mark.parametrize(("name", "coupling"), _thorough(BAROSTATS, "triclinic"))
def test_conserved_quantity_wanders_fourfold_less_at_half_the_step(march, name, coupling):
    """With work of pressure and stress, heat of thermostats and the motion of the cell counted; of 0.75 eV."""
    coarse, middle = (np.ptp(march(name, coupling, h)[1][1]) for h in (COARSE, MIDDLE))
    assert coarse < 0.01
    # Under noise each step size has its own trajectory.
    assert coarse / middle == pytest.approx(4, rel=0.15 if name in DETERMINISTIC else 0.3)


@pytest.mark.parametrize(("name", "coupling"), _thorough(DETERMINISTIC, "triclinic"))
def test_motion_reversed_leads_back(march, name, coupling):
    """560 steps there and 560 back: atoms and cell within 1e-8, after the cell has changed by more than 1 %."""
    state = start = march.start(name, coupling, COARSE)
    for _ in range(7):
        state = march(name, coupling, COARSE, state=state)[0]
    assert np.abs(state.cell - start.cell).max() > 0.1
    state = _reversed(state)
    for _ in range(7):
        state = march(name, coupling, COARSE, state=state)[0]
    np.testing.assert_allclose(state.positions, start.positions, atol=1e-8)
    np.testing.assert_allclose(state.cell, start.cell, atol=1e-8)


def _reversed(state):
    """Everything that is odd in time turned round."""
    piston = state.bath if isinstance(state.bath, Piston) else state.bath.piston
    turned = eqx.tree_at(lambda p: p.rate, piston, -piston.rate)
    state = eqx.tree_at(lambda s: s.momenta, state, -state.momenta)
    if isinstance(state.bath, Piston):
        return eqx.tree_at(lambda s: s.bath, state, turned)
    chains = [chain.velocities for chain in (state.bath.particles, state.bath.barostat)]
    return eqx.tree_at(
        lambda s: (s.bath.piston, s.bath.particles.velocities, s.bath.barostat.velocities),
        state,
        (turned, *[-velocities for velocities in chains]),
    )


def _many(one, chains: int):
    """Volumes `[chain, time]` of independent chains, less the first fifth of each."""
    cells = np.asarray(jax.jit(jax.vmap(one))(jax.random.split(jax.random.PRNGKey(0), chains)))
    volumes = np.abs(np.linalg.det(cells))
    return volumes[:, volumes.shape[1] // 5 :]


def _agrees(per_chain, expected: float, slack: float = 0.0) -> bool:
    error = per_chain.std() / np.sqrt(len(per_chain))
    assert error < 0.05 * expected
    return abs(per_chain.mean() - expected) < 5 * error + slack * expected


ATOMS, CHAINS, STEPS, STEP = 8, 96, 3000, 0.05


def _gas_volumes(ensemble, chains=CHAINS):
    """Volumes of an ideal gas at unit temperature and pressure."""
    system, integrator = box(ATOMS, float(ATOMS)), ensemble.integrator(STEP)
    targets = controls(pressure=1.0)

    def one(key):
        state = begin(system, integrator, ideal, 1.0, key)
        return follow(state, integrator, ideal, targets, STEPS, every=10)[1][0]

    return _many(one, chains)


def _deviations(volumes, expected: float) -> dict[str, float]:
    """Of mean and variance from the law, %."""
    return {"gas_volume": 100 * (volumes.mean() / expected - 1), "gas_variance": 100 * (volumes.var() / expected - 1)}


@pytest.mark.parametrize(("thermostat", "coupling"), _thorough(["rescaling", "langevin"], "triclinic"))
def test_ideal_gas_has_its_volume_and_fluctuation(report, thermostat, coupling):
    """<V> = Var V = n_f/3 + 1 in units of kT/P: N with the centre of mass at rest, N + 1 with it free."""
    volumes = _gas_volumes(barostat("npt-crescale", time=2.0, coupling=coupling, thermostat=thermostat))
    expected = ATOMS + (thermostat == "langevin")
    report.ensemble("npt-crescale", **_deviations(volumes, expected))
    # The bias of first order: half a timestep over the relaxation time of the volume, here 1/80.
    assert _agrees(volumes.mean(axis=1), expected, slack=STEP / 4)
    assert _agrees(((volumes - volumes.mean()) ** 2).mean(axis=1), expected, slack=STEP / 2)


@pytest.mark.parametrize("coupling", ["isotropic", pytest.param("anisotropic", marks=pytest.mark.physics)])
def test_ideal_gas_in_a_thermostatted_piston(report, coupling):
    """The same law. Chains and a gas without forces are ergodic enough together unless the shape is free, too."""
    volumes = _gas_volumes(barostat("npt-mtk", time=2.0, coupling=coupling))
    report.ensemble("npt-mtk", **_deviations(volumes, ATOMS))
    assert _agrees(volumes.mean(axis=1), ATOMS)
    assert _agrees(((volumes - volumes.mean()) ** 2).mean(axis=1), ATOMS)


def _shaken(state, load, surface, targets, time, keys):
    """States of a piston with friction and noise on atoms and cell in place of chains: nothing hinges on ergodicity."""
    keep, kT = jnp.exp(-0.5 * STEP), targets["temperature"]
    # Noise moves the centre of mass, too.
    state = eqx.tree_at(lambda s: (s.freedom, s.bath), state, (jnp.array(3.0 * len(state.masses)), None))
    mass = piston_mass(state, kT, time)

    def step(carry, key):
        state, piston = piston_step(*carry, surface, load, mass, STEP, targets)
        atoms, cell = jax.random.split(key)
        momenta = keep * state.momenta + jnp.sqrt((1 - keep**2) * state.masses * kT) * noise(state, atoms)
        push = jnp.sqrt((1 - keep**2) * kT / mass) * load.free(jax.random.normal(cell, (3, 3)))
        state = eqx.tree_at(lambda s: s.momenta, state, momenta)
        return (state, Piston(keep * piston.rate + push, piston.reference)), None

    def some(carry, keys):
        carry = jax.lax.scan(step, carry, keys)[0]
        return carry, carry[0].cell

    return jax.lax.scan(some, (state, Piston.at_rest(state)), keys)[1]


@pytest.mark.physics
@pytest.mark.parametrize(("name", "coupling"), _thorough(["npt-mtk"], "triclinic"))
def test_piston_keeps_the_measure(name, coupling):
    """The same law with the centre of mass free."""
    system, load, targets = box(ATOMS, float(ATOMS)), Load(coupling, (0.0,) * 6), controls(pressure=1.0)
    integrator = barostat(name, time=2.0, coupling=coupling).integrator(STEP)

    def one(key):
        state = begin(system, integrator, ideal, 1.0, key)
        return _shaken(state, load, ideal, targets, 2.0, jax.random.split(key, (STEPS // 10, 10)))

    volumes = _many(one, CHAINS)
    assert _agrees(volumes.mean(axis=1), ATOMS + 1)
    assert _agrees(((volumes - volumes.mean()) ** 2).mean(axis=1), ATOMS + 1)


class Warm(AbstractMiddle):
    """A thermostat that keeps unit temperature, whatever the rest of the integrator is told."""

    inner: AbstractMiddle
    timestep: float = STEP
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = False

    def thermalise(self, momenta, state, controls, *, key):
        return self.inner.thermalise(momenta, state, {**controls, "temperature": jnp.array(1.0)}, key=key)


def test_a_barostat_without_noise_fluctuates_too_little():
    """The negative control: weak coupling in Berendsen's manner, ours with noise for the atoms alone."""
    integrator = barostat("npt-crescale", time=2.0, thermostat="langevin").integrator(STEP)
    silent = eqx.tree_at(lambda i: i.thermostat, integrator, Warm(integrator.thermostat))
    system, targets = box(ATOMS, float(ATOMS)), controls(pressure=1.0, temperature=0.0)

    def one(key):
        state = begin(system, silent, ideal, 1.0, key)
        return follow(state, silent, ideal, targets, STEPS, every=10)[1][0]

    volumes = _many(one, CHAINS)
    variance = ((volumes - volumes.mean()) ** 2).mean(axis=1)
    assert not _agrees(variance, ATOMS + 1, slack=STEP / 2)
    assert variance.mean() < 0.8 * (ATOMS + 1)


KT, LOADED = 0.05, (20.0, -10.0, 5.0, 15.0, -5.0, 10.0)
"""eV, and a stress in GPa that strains the stiff elastic cell by 5 %."""
TARGET = units.to_internal(1.0, "GPa") * np.array([[20.0, 10.0, -5.0], [10.0, -10.0, 15.0], [-5.0, 15.0, 5.0]])


def _stiff():
    system = box(6, 20.0)
    return system, Elastic(system.cell, system.positions.T)


@pytest.mark.physics
def test_shape_of_an_elastic_cell_fluctuates_as_its_elastic_constant_says():
    """Piston under all six stresses: <η> = V₀ t / c - 3 kT/c, Var η = kT/c, half of it for shears."""
    system, surface = _stiff()
    integrator = barostat("npt-mtk", time=5.0, coupling="triclinic", stress=LOADED).integrator(STEP)
    targets = controls(temperature=KT)

    def one(key):
        state = begin(system, integrator, surface, KT, key)
        cells = _shaken(state, integrator.load, surface, targets, 5.0, jax.random.split(key, (500, 5)))
        return jax.vmap(surface.strain)(cells)

    strains = np.asarray(jax.jit(jax.vmap(one))(jax.random.split(jax.random.PRNGKey(0), CHAINS)))[:, 100:]
    variance = ((strains - strains.mean(axis=(0, 1))) ** 2).mean(axis=1)
    expected = KT / surface.modulus * (0.5 + 0.5 * np.eye(3))
    error = variance.std(axis=0) / np.sqrt(CHAINS)
    assert (np.abs(variance.mean(axis=0) - expected) < 5 * error + 0.01 * expected).all()
    assert (error < 0.04 * expected).all()
    mean = 20.0 / surface.modulus * TARGET - 3 * KT / surface.modulus * np.eye(3)
    error = strains.mean(axis=1).std(axis=0) / np.sqrt(CHAINS)
    assert (np.abs(strains.mean(axis=(0, 1)) - mean) < 5 * error + 5e-4).all()


@pytest.mark.physics
def test_mean_stress_is_the_target_in_all_six_components():
    """Random rescaling, true stress; kT/V apart where the frame turns with the cell: by ±2 kT/V along a and across."""
    system, surface = _stiff()
    integrator = barostat("npt-crescale", time=2.0, coupling="triclinic", stress=LOADED).integrator(STEP)
    targets = controls(temperature=KT)

    def one(key):
        state = begin(system, integrator, surface, KT, key)
        return follow(state, integrator, surface, targets, 3000, every=5)[1][2]

    stresses = np.asarray(jax.jit(jax.vmap(one))(jax.random.split(jax.random.PRNGKey(0), CHAINS)))[:, 120:]
    means = stresses.mean(axis=1)
    error = means.std(axis=0) / np.sqrt(CHAINS)
    frame = np.diag([2.0, 0.0, -2.0]) * KT / 20.0
    assert (error < 0.002).all()
    assert (np.abs(means.mean(axis=0) - TARGET - frame) < 5 * error).all()


@pytest.mark.parametrize("name", BAROSTATS)
def test_a_cell_keeps_its_place_in_space(name):
    """However it shears: the direction of a, the plane of a and b; angles stay right unless they are free."""
    system, surface = _stiff()
    for coupling in ("triclinic", "anisotropic"):
        stress = LOADED[: 6 if coupling == "triclinic" else 3]
        integrator = barostat(name, time=5.0, coupling=coupling, stress=stress).integrator(STEP)
        state = begin(system, integrator, surface, KT, jax.random.PRNGKey(0))
        step = jax.jit(lambda state, i=integrator: i.step(state, surface, controls(temperature=KT)))
        for _ in range(50):
            state = step(state)
        above = np.asarray(state.cell)[np.triu_indices(3, 1)]
        below = np.asarray(state.cell)[np.tril_indices(3, -1)]
        np.testing.assert_allclose(above, 0, atol=1e-12)
        assert (np.abs(below).max() > 1e-3) == (coupling == "triclinic")


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_strains_that_are_not_free_have_no_inertia(name):
    """What rounding leaves there must die: a thermostat of the piston would multiply it from step to step."""
    system, surface = _stiff()
    integrator = barostat(name, time=5.0, coupling="isotropic").integrator(STEP)
    state = begin(system, integrator, surface, KT, jax.random.PRNGKey(0))
    shear = 1e-3 * jnp.array([[1, 0, 0.5], [0, -1, 0], [0.5, 0, 0]])
    state = eqx.tree_at(lambda s: piston_of(s).rate, state, shear)
    moved = integrator.step(state, surface, controls(temperature=KT))
    shape = moved.cell @ jnp.linalg.inv(state.cell)
    np.testing.assert_allclose(shape, shape[0, 0] * np.eye(3), atol=1e-14)


def piston_of(state) -> Piston:
    return state.bath if isinstance(state.bath, Piston) else state.bath.piston


REFUSED = [
    ({"coupling": "isotropic", "stress": (1, 0, 0)}, "isotropic coupling knows no stress"),
    ({"coupling": "anisotropic", "stress": (1,) * 6}, "6 stress components for anisotropic"),
    ({"coupling": "triclinic", "stress": (1, 0, 0)}, "3 stress components for triclinic"),
    ({"pressure_time": -1}, "pressure_time"),
]


@pytest.mark.parametrize(("fields", "complaint"), REFUSED)
@pytest.mark.parametrize("name", BAROSTATS)
def test_settings_that_contradict_each_other_are_refused(name, fields, complaint):
    with pytest.raises(InputError, match=complaint):
        ensembles[name](**fields)


@pytest.fixture(scope="module")
def argon():
    return mlip_nb.from_ase(bulk("Ar", "fcc", a=5.4, cubic=True))


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=5.0)


@pytest.mark.parametrize("name", BAROSTATS)
def test_systems_that_cannot_be_pressed_on_are_refused(name, argon, potential):
    slab = System(argon.positions, argon.numbers, argon.masses, argon.cell, None, (True, True, False))
    skewed = System(argon.positions, argon.numbers, argon.masses, argon.cell.at[1, 0].set(0.5), None, argon.pbc)

    def prepare(system, timestep=1.0, **fields):
        mlip_nb.MD(ensemble=ensembles[name](**fields), timestep=timestep).prepare(system, potential)

    prepare(argon)
    with pytest.raises(InputError, match="not along c"):
        prepare(slab)
    with pytest.raises(InputError, match="anisotropic coupling needs lattice vectors along x, y and z"):
        prepare(skewed, coupling="anisotropic")
    with pytest.raises(InputError, match="pressure_time 40 fs is shorter than 10 steps; take 50 fs"):
        prepare(argon, timestep=5.0, pressure_time=40)
    held = jnp.arange(len(argon.masses)) > 0
    moving = argon.with_momenta(jnp.zeros_like(argon.positions))
    with pytest.raises(InputError, match="held in place"):
        start_state(moving, ensembles[name]().integrator(0.1), key=jax.random.PRNGKey(0), mobile=held)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.physics) for name in ("npt-mtk", "npt-crescale", "nph")]
)
def test_a_run_presses_and_its_checkpoint_continues_it_to_the_last_bit(name, argon, potential):
    """High pressure on a small crystal, through the whole engine: the cell shrinks, neighbours are found anew."""
    fields = {"pressure": 2.0, "compressibility": 0.1} if name == "npt-crescale" else {"pressure": 0.5}
    ensemble = ensembles[name](coupling="triclinic", pressure_time=300, temperature=50, **fields)
    # The cell rings: frames are closer than half a period.
    md = mlip_nb.MD(ensemble=ensemble, timestep=2.0, steps=400, every=10)
    whole = md.run(argon, potential)
    assert whole.attrs["status"] == "finished"
    assert float(whole["volume"].min()) < 0.95 * float(whole["volume"][0])
    np.testing.assert_allclose(whole["pressure"][0], _pressure(argon, potential, whole), rtol=1e-6, atol=1e-9)
    system = argon.with_momenta(draw_momenta(argon, 0.004, key=jax.random.PRNGKey(0)))
    integrator = ensemble.integrator(2.0 * units.FEMTOSECOND)
    start = start_state(system, integrator, key=jax.random.PRNGKey(1))

    def chunks(steps, checkpoint=None):
        given = {"pbc": system.pbc, "steps": steps, "every": 50, "skin": 0.5, "checkpoint": checkpoint}
        return list(simulate(start, potential, integrator, lambda step: (ensemble.controls(), 10**6), **given))

    straight, half = chunks(200)[-1], chunks(100)[-1]
    resumed = chunks(200, half.checkpoint())[-1]
    for one, other in zip(
        jax.tree.leaves(straight.progress.state), jax.tree.leaves(resumed.progress.state), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def _pressure(system, potential, ds):
    """Of the first frame by Evaluation, GPa."""
    stress = potential.evaluate(system, stress=True).stress
    kinetic = 2 * float(ds["kinetic_energy"][0]) / (3 * float(system.volume))
    return (kinetic - float(jnp.trace(stress)) / 3) / units.GIGAPASCAL


@pytest.mark.parametrize("name", BAROSTATS)
def test_single_precision_stays_single(name):
    """And goes the same way for a while."""
    system, surface = _stiff()
    ensemble = barostat(name, time=5.0, coupling="triclinic", stress=LOADED)
    ends = {}
    for precision in ("float32", "float64"):
        integrator = ensemble.integrator(STEP)
        own = jax.tree.map(lambda leaf, p=precision: leaf.astype(p) if eqx.is_inexact_array(leaf) else leaf, surface)
        targets = {key: value.astype(precision) for key, value in controls(temperature=KT).items()}
        if name == "npt-crescale":
            targets["temperature"] = targets["temperature"] * 0 + jnp.finfo(precision).tiny
        state = start_state(system.with_momenta(system.positions * 0).astype(precision), integrator, key=KEY)
        _, forces, strain = own(state.positions, state.cell)
        state = eqx.tree_at(lambda s: (s.forces, s.strain), state, (forces, strain))
        step = jax.jit(lambda state, i=integrator, o=own, t=targets: i.step(state, o, t))
        for _ in range(50):
            state = step(state)
        assert {leaf.dtype for leaf in (state.positions, state.momenta, state.cell, state.strain)} == {
            jnp.dtype(precision)
        }
        ends[precision] = np.asarray(state.cell)
    np.testing.assert_allclose(ends["float32"], ends["float64"], atol=1e-4)


@pytest.mark.parametrize("name", ["npt-crescale", "npt-mtk"])
def test_targets_move_without_retracing(name):
    system, surface = _stiff()
    integrator, traced = barostat(name, time=5.0).integrator(STEP), []

    def counted(positions, cell):
        traced.append(1)
        return surface(positions, cell)

    state = begin(system, integrator, surface, KT, KEY)
    step = jax.jit(lambda state, targets: integrator.step(state, counted, targets))
    first = step(state, controls(temperature=KT))
    squeezed = step(state, controls(temperature=KT, pressure=1.0))
    assert len(traced) == 1
    assert jnp.linalg.det(step(squeezed, controls(pressure=1.0)).cell) < jnp.linalg.det(step(first, controls()).cell)
