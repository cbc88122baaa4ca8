"""The compiled loop: the list is always complete, frames never depend on how work is cut, causes are named."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import SimulationError
from mlip_nb.neighbors import cell_list
from mlip_nb.simulate import NVE, NVTLangevin, _fleet, draw_momenta, simulate, start_state
from mlip_nb.system import from_ase

from .oscillators import run


@pytest.fixture(scope="module")
def argon():
    system = from_ase(bulk("Ar", "fcc", a=5.4, cubic=True).repeat(3))
    return system.with_momenta(draw_momenta(system, 120 * units.KELVIN, key=jax.random.PRNGKey(0)))


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0)


def _run(system, potential, *, timestep=4.0, ensemble=None, **options):
    ensemble = ensemble or NVE(temperature=120)
    return run(system, potential, ensemble.integrator(timestep * units.FEMTOSECOND), ensemble.controls(), **options)


@pytest.mark.physics
def test_skin_changes_speed_only(argon, potential):
    """A thin skin rebuilds every few steps, a thick one never: the trajectory is the same."""
    thin, thick = (_run(argon, potential, steps=100, every=20, skin=skin) for skin in (0.2, 2.0))
    np.testing.assert_allclose(thin.positions, thick.positions, atol=1e-9)


def test_frames_do_not_depend_on_the_storing_interval(argon, potential):
    often, rarely = (_run(argon, potential, steps=60, every=every) for every in (5, 20))
    np.testing.assert_array_equal(often.positions[::4], rarely.positions)
    np.testing.assert_array_equal(often.step, np.arange(0, 61, 5))


def test_frames_are_in_the_callers_order(argon, potential):
    """Frame 0 is the structure that was given, forces included."""
    frames = _run(argon, potential, steps=1, every=1)
    np.testing.assert_array_equal(frames.positions[0], argon.positions)
    np.testing.assert_allclose(frames.forces[0], potential.evaluate(argon).forces, atol=1e-12)


def test_energy_fluctuation_falls_fourfold_when_the_step_is_halved(argon, potential):
    """Velocity Verlet on a smooth potential: rms fluctuation ∝ h²."""
    coarse, fine = (_run(argon, potential, timestep=h, steps=int(2000 / h), every=int(40 / h)) for h in (8.0, 4.0))
    assert coarse.conserved.std() / fine.conserved.std() == pytest.approx(4, abs=0.5)


def test_table_that_overflows_is_enlarged(argon, potential, monkeypatch):
    """Too few slots at first: the same trajectory, one compilation later."""
    expected = _run(argon, potential, steps=20)
    mended, mend = [], _fleet.with_more_room
    monkeypatch.setattr(_fleet, "with_more_room", lambda *given: mended.append(given) or mend(*given))
    count = cell_list.count_neighbors
    monkeypatch.setattr(cell_list, "count_neighbors", lambda *given: 0.75 * count(*given))
    np.testing.assert_allclose(_run(argon, potential, steps=20).positions, expected.positions, atol=1e-10)
    assert mended


def test_explosion_names_step_atom_and_cure_and_keeps_frames(argon, potential):
    """One atom as fast as a bullet."""
    bullet = argon.with_momenta(argon.momenta.at[5].set(jnp.array([0, 0, 4e3])))
    integrator = NVE().integrator(10 * units.FEMTOSECOND)
    state = start_state(bullet, integrator, key=jax.random.PRNGKey(0))
    options = {"pbc": bullet.pbc, "steps": 50, "every": 1, "skin": 0.5}
    chunks = simulate(state, potential, integrator, lambda step: ({}, 100), **options)
    assert len(next(chunks).frames.step) == 1
    with pytest.raises(SimulationError, match=r"after step 0 .*atom 5 \(Ar\) would move .*timestep below 10 fs"):
        next(chunks)


@pytest.mark.physics
def test_single_precision_stays_single(argon):
    potential = mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0, precision="float32")
    frames = _run(argon.astype("float32"), potential, ensemble=NVTLangevin(temperature=120), steps=50)
    assert frames.positions.dtype == np.float32
    double = _run(
        argon,
        mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0),
        steps=50,
        ensemble=NVTLangevin(temperature=120),
    )
    assert frames.potential_energy[0] == pytest.approx(double.potential_energy[0], rel=1e-5)


def test_checkpoint_continues_bit_for_bit(argon, potential):
    """Sixty steps at once, or thirty and thirty from a checkpoint; neighbours are rebuilt several times."""
    ensemble = NVTLangevin(temperature=120)
    integrator = ensemble.integrator(4 * units.FEMTOSECOND)
    whole = _run(argon, potential, ensemble=ensemble, steps=60, every=5, skin=0.5)
    state = start_state(argon, integrator, key=jax.random.PRNGKey(0))

    def go(steps, checkpoint=None):
        options = {"pbc": argon.pbc, "steps": steps, "every": 5, "skin": 0.5, "checkpoint": checkpoint}
        return list(simulate(state, potential, integrator, lambda step: (ensemble.controls(), 99), **options))

    later = go(60, go(30)[-1].checkpoint())
    positions = np.concatenate([chunk.frames.positions for chunk in later])
    np.testing.assert_array_equal(positions, whole.positions[7:])
