"""Ring polymers in the compiled loop: one table of the centroids serves all beads, and never lacks a pair."""

import dataclasses
import re

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import RunWarning, SimulationError
from mlip_nb.path_integrals import NPTPILE, LocalPILE
from mlip_nb.simulate import draw_momenta, from_beads, simulate, start_state

from .rings import evaluator

FEMTOSECOND = units.FEMTOSECOND


@pytest.fixture(scope="module")
def light():
    """Silicon's crystal of atoms as light as hydrogen, whose beads spread; it flies, so that tables do not last."""
    system = dataclasses.replace(mlip_nb.load("Si", repeat=1), masses=jnp.full(8, 1.008))
    momenta = draw_momenta(system, 300 * units.KELVIN, key=jax.random.PRNGKey(1))
    return system.with_momenta(momenta + 1.008 * 0.1 * units.ANGSTROM_PER_FEMTOSECOND * jnp.array([1.0, 0.0, 0.0]))


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber")


def frames_of(system, potential, *, skin, steps=60, ensemble=None, change=lambda state: state):
    ensemble = ensemble or LocalPILE(beads=8, store_beads=True)
    integrator = ensemble.integrator(0.5 * FEMTOSECOND)
    state = change(start_state(system, integrator, key=jax.random.PRNGKey(0)))
    controls = ensemble.controls()
    options = {"pbc": system.pbc, "steps": steps, "every": 1, "skin": skin}
    chunks = list(simulate(state, potential, integrator, lambda step: (controls, steps + 1), **options))
    return jax.tree.map(lambda *pieces: np.concatenate(pieces), *[chunk.frames for chunk in chunks]), chunks


def test_every_bead_has_all_its_pairs(light, potential):
    """Energies and forces of each frame are the means of beads evaluated one by one; tables are made on the way."""
    frames, chunks = frames_of(light, potential, skin=1.4)
    assert chunks[-1].progress.rebuilt[0] > 0
    beads = frames.extra["bead_positions"]
    assert np.linalg.norm(beads - frames.positions[:, None], axis=-1).max() > 0.3
    np.testing.assert_allclose(beads.mean(axis=1), frames.positions, atol=1e-12)
    # The table of the evaluation is that of the first frame, with a skin of its own: beads seen from the flying frame.
    flight = frames.positions.mean(axis=1) - frames.positions[0].mean(axis=0)
    evaluate = evaluator(light, potential)
    for index in (0, 30, 60):
        energies, forces, _ = evaluate(beads[index] - flight[index])
        assert frames.potential_energy[index] == pytest.approx(float(energies.mean()), abs=1e-10)
        np.testing.assert_allclose(frames.forces[index], np.mean(forces, axis=0), atol=1e-10)


@pytest.mark.physics
def test_every_bead_has_all_its_pairs_in_a_cell_that_moves(light, potential):
    """A pressure and a shear that come up in 20 fs; tables are made anew on the way, and beads are seen in no other."""
    ensemble = NPTPILE(
        beads=4,
        pressure="0->10",
        coupling="triclinic",
        stress=(0, 0, 0, 5, -5, 5),
        pressure_time=20,
        compressibility=0.02,
        store_beads=True,
    )
    frames, chunks = frames_of(light, potential, skin=1.4, ensemble=ensemble.over(30.0))
    assert chunks[-1].progress.rebuilt[0] > 0
    change = frames.cell[-1] / frames.cell[0, 0, 0]
    assert np.linalg.det(change) < 0.97
    assert np.abs(change[np.tril_indices(3, -1)]).max() > 0.01
    beads, cell = frames.extra["bead_positions"][-1], jnp.asarray(frames.cell[-1])
    last = dataclasses.replace(light, positions=jnp.asarray(frames.positions[-1]), cell=cell)
    energies, forces, _ = evaluator(last, potential)(beads)
    assert frames.potential_energy[-1] == pytest.approx(float(energies.mean()), abs=1e-10)
    np.testing.assert_allclose(frames.forces[-1], np.mean(forces, axis=0), atol=1e-10)


@pytest.mark.physics
def test_skin_changes_speed_only(light, potential):
    """The displacement of every bead is watched: a skin that is left often gives the same trajectory."""
    thin, thick = (frames_of(light, potential, skin=skin)[0] for skin in (1.4, 4.0))
    np.testing.assert_allclose(thin.positions, thick.positions, atol=1e-10)


@pytest.mark.physics
def test_beads_are_watched_at_inner_steps_too(light):
    """The same, by a cheap potential four times a step and half of the beads for the rest."""
    ensemble = LocalPILE(beads=8, cheap="stillinger-weber", contracted_beads=4, inner_steps=4)
    potential = ensemble.corrected(mlip_nb.potential("tersoff"))
    thin, thick = (frames_of(light, potential, skin=skin, ensemble=ensemble)[0] for skin in (1.4, 4.0))
    np.testing.assert_allclose(thin.positions, thick.positions, atol=1e-10)


@pytest.mark.physics
def test_beads_that_a_skin_does_not_cover_get_a_wider_one(light, potential):
    """No bead misses a pair on the way: it is the trajectory of a skin that covers them from the beginning."""
    (thin, chunks), (thick, _) = (frames_of(light, potential, skin=skin) for skin in (0.3, 4.0))
    assert chunks[-1].progress.neighbors.grid.skin > 0.5
    np.testing.assert_allclose(thin.positions, thick.positions, atol=1e-8)
    np.testing.assert_allclose(thin.extra["bead_positions"], thick.extra["bead_positions"], atol=1e-8)


def test_explosion_names_bead_atom_and_step(light, potential):
    """One mode of one atom as far out as it can be."""

    def exploding(state):
        return eqx.tree_at(lambda s: s.ring.momenta, state, state.ring.momenta.at[0, 0, 5].set(1e3))

    with pytest.raises(SimulationError, match=r"after step \d+ .* bead \d of atom 5 \(Si\) would move"):
        frames_of(light, potential, skin=1.4, change=exploding)


def test_two_atoms_at_one_place_in_one_bead_are_named(light, potential):
    """All other beads, and the centroids, are apart."""
    cell = float(light.cell[0, 0])
    between = np.asarray(light.positions[1] - light.positions[0])
    between = between - cell * np.round(between / cell)
    meeting = np.zeros((8, 3, 8))
    meeting[2, :, 0], meeting[2, :, 1] = between / 2, -between / 2
    modes = from_beads(jnp.asarray(meeting - meeting.mean(axis=0)))[1] * 8 / 7

    def met(state):
        return eqx.tree_at(lambda s: s.ring.positions, state, modes)

    # Whether the energy is finite there is up to rounding.
    named = r"bead 2 of atom [01] \(Si\)|atoms [01] \(Si\) and [01] \(Si\), bead 2, are at 0%"
    with pytest.raises(SimulationError, match=rf"step 0 \(0 fs\).*({named})"):
        frames_of(light, potential, skin=4.0, change=met)


def test_run_that_leaves_its_domain_keeps_what_was_computed(light, potential):
    """A timestep that no crystal survives: frames before it, and a message with bead, atom and step."""
    guards = mlip_nb.Guards(drift=1e9, hottest=1e9)
    pimd = mlip_nb.PIMD(ensemble=LocalPILE(beads=8), timestep=4.0, steps=1000, every=1, skin=2.0, guards=guards)
    with pytest.warns(RunWarning):
        data = pimd.run(light, potential)
    assert data.attrs["status"] == "failed"
    assert re.search(r"bead \d.* (atom \d|atoms? \d)|atoms \d .*bead \d", data.attrs["message"])
    assert re.search(r"step \d+", data.attrs["message"])
    assert data.sizes["frame"] > 1
    assert np.isfinite(data["positions"]).all()
