"""A cheap potential for all beads and its correction for few, seldom: what can be said of it without sampling."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.path_integrals import RPMD, Contracted, LocalPILE
from mlip_nb.path_integrals.contraction import slowest
from mlip_nb.potentials.lennard_jones import LennardJonesSpec
from mlip_nb.simulate import CorrectedSurface, from_beads, to_beads

from ..simulate.oscillators import Oscillators, OscillatorsSpec, Wells, surface_of, traced
from .rings import CONTROLS, KT, Polynomial, frequency_of, polymers, scattered
from .test_propagators import covariances_of

OMEGA = frequency_of(5.0)
SOFT, STIFF = 0.7 * OMEGA**2, 0.6 * OMEGA**2
WELLS = Wells((OMEGA**2, 1.3 * OMEGA**2, 1.7 * OMEGA**2), 10 * OMEGA**2)


def in_two(cheap, accurate) -> CorrectedSurface:
    """The surface of the accurate one."""

    def missing(positions, cell):
        return jax.tree.map(jnp.subtract, accurate.parts(positions), cheap.parts(positions))

    return CorrectedSurface(surface_of(cheap), missing)


def contracted(kind=RPMD, step: float = 0.1, **changes) -> Contracted:
    """The integrator; `step` in units of 1/ω."""
    preparation = {"preparation": 0} if kind is RPMD else {}
    return kind(cheap=OscillatorsSpec(), **preparation, **changes).integrator(step / OMEGA)


def started(integrator: Contracted, surface, *, atoms: int = 2):
    """Somewhere, with its forces."""
    state = polymers(integrator.polymer, Oscillators(1.0), atoms=atoms)
    state = eqx.tree_at(
        lambda s: s.ring, state, dataclasses.replace(state.ring, correction=integrator.ring(state).correction)
    )
    return jax.jit(lambda s: integrator.felt(s, surface, traced(CONTROLS, s))[2])(state)


def gone(state, integrator, surface, steps: int):
    controls = traced(CONTROLS, state)
    go = jax.jit(lambda s: jax.lax.fori_loop(0, steps, lambda _, s: integrator.step(s, surface, controls), s))
    return go(state)


def energy(state, integrator, surface):
    """The conserved quantity."""
    controls = traced(CONTROLS, state)
    return integrator.conserved(state, integrator.felt(state, surface, controls)[1], controls)


@pytest.mark.parametrize(("beads", "few"), [(8, 8), (8, 5), (8, 4), (9, 4), (6, 1)])
def test_few_beads_are_interpolated(beads, few):
    """A smooth path, of as many waves as few beads can tell, has them on it, whatever the number of beads."""
    waves = (few - 1) // 2
    size = np.random.default_rng(0).normal(size=(2, waves))

    def path(time):
        angle = 2 * np.pi * time[:, None] * np.arange(1, waves + 1)
        return np.cos(angle) @ size[0] + np.sin(angle) @ size[1]

    where = jnp.asarray(path(np.arange(beads) / beads))[:, None, None] * jnp.ones((1, 3, 1))
    centroid, modes = from_beads(where)
    found = to_beads(centroid, modes[slowest(beads, few)])
    np.testing.assert_allclose(found[:, 0, 0], path(np.arange(few) / few), atol=1e-12)


@pytest.mark.parametrize("few", [1, 4, 5, 8])
def test_forces_are_minus_the_gradient_of_the_energy(few):
    """On every mode, of energies that few beads and all of them have."""
    integrator, surface = contracted(beads=8, contracted_beads=few), in_two(Oscillators(SOFT), WELLS)
    state = started(integrator, surface)

    def mean(positions, modes):
        moved = eqx.tree_at(lambda s: (s.positions, s.ring.positions), state, (positions, modes))
        return integrator.felt(moved, surface, traced(CONTROLS, moved))[1]

    @jax.jit
    def found():
        parts, _, _ = integrator.felt(state, surface, traced(CONTROLS, state))
        return parts[1], jax.grad(mean, (0, 1))(state.positions, state.ring.positions)

    forces, (centroid, modes) = found()
    np.testing.assert_allclose(forces, -to_beads(centroid, modes), rtol=1e-10, atol=1e-10)
    # What kicks is what was recorded.
    kept = state.ring.forces.at[slowest(8, few)].add(state.ring.correction[1:])
    np.testing.assert_allclose(to_beads(state.forces + state.ring.correction[0], kept), forces, rtol=1e-10, atol=1e-10)


def test_all_beads_at_every_step_are_no_contraction():
    """The trajectory in the accurate potential, with thermostats."""
    surface, plain = in_two(Oscillators(SOFT), WELLS), LocalPILE(beads=6).integrator(0.2 / OMEGA)
    integrator = contracted(LocalPILE, 0.2, beads=6)
    state = started(integrator, surface)
    bare = dataclasses.replace(state.ring, correction=None)
    whole = eqx.tree_at(lambda s: s.ring, state, bare, is_leaf=lambda leaf: leaf is state.ring)
    whole = jax.jit(lambda s: plain.felt(s, surface, traced(CONTROLS, s))[2])(whole)
    controls = traced(CONTROLS, state)
    end, expected = gone(state, integrator, surface, 40), gone(whole, plain, surface, 40)
    np.testing.assert_allclose(end.positions, expected.positions, rtol=1e-9)
    np.testing.assert_allclose(end.ring.positions, expected.ring.positions, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(integrator.thermal_momenta(end), plain.thermal_momenta(expected), rtol=1e-9)
    found = energy(end, integrator, surface), energy(expected, plain, surface)
    assert float(found[0]) == pytest.approx(float(found[1]), rel=1e-10)
    assert set(controls) == set(CONTROLS)


@pytest.mark.parametrize("few", [1, pytest.param(4, marks=pytest.mark.physics)])
def test_harmonic_modes_are_sampled_exactly(few):
    """Slow modes have the stiffness of both parts, fast ones that of the cheap one; at a long step."""
    surface = in_two(Oscillators(SOFT), Oscillators(SOFT + STIFF))
    integrator = contracted(LocalPILE, 0.8, beads=8, contracted_beads=few)
    found = covariances_of(integrator, integrator.polymer, started(integrator, surface, atoms=1), surface)[:, 0, 0]
    springs = integrator.polymer.modes({"temperature": jnp.asarray(KT)}).springs
    stiffness = SOFT + np.append(0, springs)
    stiffness[np.append(0, 1 + slowest(8, few))] += STIFF
    np.testing.assert_allclose(found, KT / stiffness, rtol=1e-10)


def test_energy_is_conserved_to_second_order_of_the_kicks():
    """Four inner steps of four beads out of nine: half the timestep, a quarter of the error over one time."""
    surface, errors = in_two(Oscillators(SOFT), WELLS), []
    for steps in (100, 200):
        integrator = contracted(step=2.0 / steps, beads=9, contracted_beads=4, inner_steps=4)
        start = started(integrator, surface, atoms=4)
        end = gone(start, integrator, surface, steps)
        errors.append(float(energy(end, integrator, surface) - energy(start, integrator, surface)))
        assert np.abs(end.positions - start.positions).max() > 0.05
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


@pytest.mark.physics
def test_thermostats_account_for_the_heat_they_give():
    """At inner steps, too: the conserved quantity keeps its value to the order of the step."""
    surface, errors = in_two(Oscillators(SOFT), WELLS), []
    for steps in (200, 800):
        integrator = contracted(LocalPILE, 4.0 / steps, beads=6, contracted_beads=3, inner_steps=3)
        start = started(integrator, surface, atoms=4)
        end = gone(start, integrator, surface, steps)
        assert abs(float(end.bath.heat)) > 0.1 * KT
        errors.append(abs(float(energy(end, integrator, surface) - energy(start, integrator, surface))))
    assert errors[1] < errors[0] / 8
    assert errors[1] < 0.01 * KT


# --- in the loop


WELL = Polynomial((0.0, 0.0, 0.5, 0.1, 0.01), 3.0)


@pytest.mark.physics
def test_a_run_in_two_parts_is_the_whole(tmp_path, monkeypatch):
    """To the last bit: forces of both potentials are in the checkpoint."""
    neon = dataclasses.replace(scattered(4), numbers=jnp.full(4, 10, jnp.int32))
    ensemble = LocalPILE(beads=4, cheap="lennard-jones", contracted_beads=2, inner_steps=3)
    options = {"ensemble": ensemble, "timestep": 0.5, "every": 5, "seed": 3}
    whole = mlip_nb.PIMD(**options, steps=20).run(neon, WELL)
    for steps in (9, 11):
        append, run = (tmp_path / "run.zarr").exists(), mlip_nb.PIMD(**options, steps=steps)
        both = run.run(neon, WELL, save=tmp_path / "run.zarr", append=append)
    assert np.ptp(whole["potential_energy"].values) > KT
    for variable in whole.data_vars:
        np.testing.assert_array_equal(both[variable], whole[variable], err_msg=variable)
    assert both.attrs["cheap_fingerprint"] == whole.attrs["cheap_fingerprint"]
    other = mlip_nb.potential("lennard-jones", epsilon=0.01, sigma=3.0)
    monkeypatch.setattr(LennardJonesSpec, "build", lambda spec: other)
    with pytest.raises(InputError, match="another cheap potential"):
        mlip_nb.PIMD(**options, steps=5).run(neon, WELL, save=tmp_path / "run.zarr", append=True)


# --- bad input


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inner_steps": 4}, "contracted_beads and inner_steps need two potentials; name the cheap one as cheap"),
        ({"cheap": "tersoff", "contracted_beads": 9}, r"contracted_beads \(9\) are at most beads \(8\)"),
        ({"cheap": "tersoff", "heat_capacity": True}, "leave out heat_capacity or cheap"),
    ],
)
def test_parameters_that_do_not_go_together(changes, message):
    with pytest.raises(InputError, match=message):
        LocalPILE(beads=8, **changes)


def test_both_potentials_have_to_cover_the_system_in_one_precision():
    silicon, accurate = mlip_nb.load("Si", repeat=1), mlip_nb.potential("stillinger-weber")
    with pytest.raises(InputError, match="sutton-chen covers .*; the system has Si"):
        mlip_nb.PIMD(ensemble=LocalPILE(cheap="sutton-chen")).run(silicon, accurate)
    with pytest.raises(InputError, match="stillinger-weber has positions in float64 and the cheap tersoff in float32"):
        LocalPILE(cheap={"name": "tersoff", "precision": "float32"}).corrected(accurate)
    with pytest.raises(InputError, match="leave out walls or cheap"):
        mlip_nb.PIMD(ensemble=LocalPILE(cheap="tersoff"), walls={"name": "sphere", "radius": 50}).run(silicon, accurate)
