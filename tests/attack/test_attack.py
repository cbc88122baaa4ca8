"""Attacks climb, keep within their bounds, and turn with the structure."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import spglib
from ase.build import bulk, molecule

import mlip_nb
from mlip_nb.attack import Boltzmann, Destroy, Stabilise, Target, Uncertain
from mlip_nb.attack.perturbation import Bounds
from mlip_nb.errors import InputError
from mlip_nb.learn import Recipe, fit_linear, fresh
from mlip_nb.potentials import potential
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.statics import Symmetry, rigid_motions
from mlip_nb.system import from_ase, to_ase
from mlip_nb.uncertainty import uncertainties

from ..learn.teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si",), degree=1, channels=4, hidden=8, radial=4, cutoff=3.8, precision="float64")
SETTINGS = mlip_nb.Attack(radius=0.2, strain=0.02, iterations=15, starts=4, objective=Boltzmann(temperature=3000))


@pytest.fixture(scope="module")
def spread():
    """Of a committee that has learned from little."""
    frames = frames_of_silicon(6)
    committee, _ = fit_linear(fresh(SPEC.replace(members=3), frames), frames, Recipe(batch=64))
    return uncertainties["committee"]().fitted(committee)


@pytest.fixture(scope="module")
def crystal():
    atoms = bulk("Si", cubic=True)
    atoms.rattle(0.1, seed=3)
    return from_ase(atoms)


@pytest.fixture(scope="module")
def found(spread, crystal):
    return SETTINGS.run(crystal, spread)


def test_no_step_goes_down_and_all_go_up(found):
    steps = np.diff(found["objective"].values, axis=0)
    assert (steps >= 0).all()
    assert (found["objective"].values[-1] > found["objective"].values[0] + 1).all()
    assert (np.diff(found["objective"].values[-1]) <= 0).all()


def test_every_structure_is_within_its_bounds(found, crystal):
    for frame in range(found.sizes["frame"]):
        cell = found["cell"].values[frame]
        deformation = np.linalg.solve(np.asarray(crystal.cell), cell).T
        strain = deformation - np.eye(3)
        np.testing.assert_allclose(strain, strain.T, atol=1e-12)
        assert np.linalg.norm(strain) <= 0.02 + 1e-12
        moved = found["positions"].values[frame] @ np.linalg.inv(deformation).T - np.asarray(crystal.positions)
        assert np.linalg.norm(moved, axis=1).max() <= 0.2 + 1e-12
        assert np.linalg.norm(moved, axis=1).max() > 0.05
    assert (found["closest_distance"] >= 0.75).all()
    assert (found["energy_rise"] <= 1).all()


def test_what_is_told_is_what_the_structures_have(found, spread):
    for frame in (0, 3):
        system = found.mlip.system(frame)
        sigma = np.asarray(spread.assess(system).atoms)
        np.testing.assert_allclose(found["atom_uncertainty"].values[frame], sigma, rtol=1e-8)
        assert float(found["frame_uncertainty"][frame]) == pytest.approx(np.sqrt(np.mean(sigma**2)))
    energies = [float(spread.potential.evaluate(found.mlip.system(frame)).energy) for frame in (0, 1)]
    rises = 8 * found["energy_rise"].values[:2]
    assert energies[1] - energies[0] == pytest.approx(rises[1] - rises[0], abs=1e-8)


def test_it_is_worse_than_chance_and_cheaper(found):
    assert (found["frame_uncertainty"] > 1.5 * found["chance_uncertainty"]).all()
    # The structure is no minimum, so that chance may lead down now and then.
    assert float(found["energy_rise"].median()) < 0.25 * float(found["chance_energy_rise"].median())


@pytest.mark.physics
def test_it_turns_with_the_structure(spread, crystal):
    """Without noise at the start everything is equivariant."""
    still = SETTINGS.replace(noise=0.0, starts=1, iterations=6)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    places = jnp.asarray(crystal.positions @ turn.T), jnp.asarray(crystal.cell @ turn.T)
    turned = eqx.tree_at(lambda s: (s.positions, s.cell), crystal, places)
    one, other = (still.run(system, spread) for system in (crystal, turned))
    np.testing.assert_allclose(other["positions"][0], one["positions"].values[0] @ turn.T, atol=1e-5)
    np.testing.assert_allclose(other["cell"][0], one["cell"].values[0] @ turn.T, atol=1e-5)


LONG = [pytest.param(objective, marks=pytest.mark.physics) for objective in (Uncertain(), Stabilise())]


@pytest.mark.parametrize("objective", [Destroy(), Target(error=0.5), *LONG])
def test_every_objective_gets_what_it_wants(spread, crystal, objective):
    found = SETTINGS.replace(objective=objective, starts=2, window=5.0).run(crystal, spread)
    trace = found["objective"].values
    assert (np.diff(trace, axis=0) >= 0).all()
    if isinstance(objective, Target):
        np.testing.assert_allclose(found["frame_uncertainty"], 0.5, rtol=0.05)
    if isinstance(objective, Destroy):
        np.testing.assert_allclose(trace[-1], 8 * found["energy_rise"], rtol=1e-9)
        assert (found["energy_rise"] > found["chance_energy_rise"]).all()
    if isinstance(objective, Stabilise):
        assert (found["energy_rise"] < 0).all()


@pytest.mark.physics
def test_held_atoms_stay(spread, crystal):
    mobile = np.arange(8) > 2
    held = dataclasses.replace(crystal, mobile=jnp.asarray(np.arange(8) != 0))
    found = SETTINGS.replace(strain=0.0, frozen="1:3").run(held, spread)
    moved = np.linalg.norm(found["positions"].values - np.asarray(crystal.positions), axis=2)
    assert (moved[:, ~mobile] == 0).all()
    assert (moved[:, mobile].max(axis=1) > 0.05).all()


@pytest.mark.physics
def test_bonds_stay_within_their_window(spread, crystal):
    """Where the window is narrow it is what ends the attack, and it holds in every structure."""
    free = SETTINGS.run(crystal, spread)
    kept = SETTINGS.replace(bonds=0.04, objective=Uncertain()).run(crystal, spread)
    before = to_ase(crystal).get_all_distances(mic=True)
    bonded = (before > 0) & (before < 1.2 * 2 * 1.11)
    for found, most in ((kept, 0.04), (free, np.inf)):
        after = np.stack([atoms.get_all_distances(mic=True) for atoms in found.mlip.to_ase()])
        # Bonds to images, which the shortest distances do not have, can only change more.
        change = np.abs(after[:, bonded] / before[bonded] - 1).max(axis=1)
        assert (change <= found["bond_change"].values + 1e-9).all()
        assert (found["bond_change"] <= most).all()
    assert free["bond_change"].max() > 0.04


@pytest.mark.physics
def test_symmetry_is_kept(spread):
    """Of diamond nothing but its volume is left; of a cell with a free parameter that parameter, too."""
    still = SETTINGS.replace(symmetry=True, strain=0.05, starts=2, iterations=5)
    diamond = from_ase(bulk("Si", cubic=True))
    found = still.run(diamond, spread)
    ratios = found["cell"].values @ np.linalg.inv(np.asarray(diamond.cell))
    np.testing.assert_allclose(ratios, ratios[:, :1, :1] * np.eye(3), atol=1e-9)
    # Farther than where it began: one start may be at the top already.
    assert np.abs(ratios[:, 0, 0] - 1).max() > 1e-3
    tetragonal = bulk("Si", cubic=True)
    tetragonal.positions[:4, 2] += 0.05
    group = spglib.get_spacegroup(_cell(tetragonal), symprec=1e-3)
    assert "227" not in group
    moved = still.run(from_ase(tetragonal), spread).mlip.to_ase(0)
    assert spglib.get_spacegroup(_cell(moved), symprec=1e-3) == group
    assert np.abs(moved.get_scaled_positions() - tetragonal.get_scaled_positions()).max() > 1e-3
    with pytest.raises(InputError, match="not periodic"):
        still.replace(strain=0.0).run(dataclasses.replace(diamond, pbc=(False,) * 3), spread)


def test_chance_is_as_long_with_symmetry():
    """Of a cell with one free parameter, in which a random displacement has hardly a part that is allowed."""
    tetragonal = bulk("Si", cubic=True)
    tetragonal.positions[:4, 2] += 0.05
    system = from_ase(tetragonal)
    bounds = Bounds.of(system, 0.2, 0.02, Symmetry.of(system))
    drawn = bounds.random(jax.random.key(0), jnp.full(8, 0.15), jnp.asarray(0.01))
    np.testing.assert_allclose(drawn.lengths, 0.15, rtol=1e-9)
    assert float(drawn.bending) == pytest.approx(0.01, rel=1e-9)


def _cell(atoms):
    return atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers


@pytest.mark.physics
def test_a_reference_tells_true_errors(spread, crystal):
    truth = potential("stillinger-weber")
    found = SETTINGS.replace(starts=2, iterations=3).run(crystal, spread, reference=truth)
    system = found.mlip.system(1)
    apart = spread.potential.evaluate(system).forces - truth.evaluate(system).forces
    assert float(found["true_error"][1]) == pytest.approx(float(jnp.sqrt(jnp.mean(apart**2))))
    assert (found["chance_true_error"] > 0).all()


@pytest.mark.physics
def test_an_attack_can_be_watched_and_stopped(spread, crystal):
    """What is seen of the best is what the Dataset has at last; a stop keeps it."""
    run = SETTINGS.replace(starts=2, iterations=4).start(crystal, spread)
    found = run.result()
    assert run.status == "finished"
    assert run.frames == 5
    np.testing.assert_allclose(run.series["objective"], found["objective"].values.max(axis=1))
    np.testing.assert_allclose(run.data()["positions"][-1], found["positions"][0])
    np.testing.assert_allclose(run.of_atoms["atom_uncertainty"], found["atom_uncertainty"][0])
    assert [plot.label for plot in run.plots()] == ["Objective", "Uncertainty", "Energy"]
    stopped = SETTINGS.replace(starts=2, iterations=100_000).start(crystal, spread)
    stopped.stop()
    assert stopped.result().sizes["frame"] == 2
    assert stopped.status == "stopped"


def test_rigid_motions():
    assert len(rigid_motions(from_ase(bulk("Si")))) == 3
    assert len(rigid_motions(from_ase(molecule("H2O")))) == 6
    assert len(rigid_motions(from_ase(molecule("CO2")))) == 5


def test_what_cannot_be_attacked_is_refused(spread, crystal):
    with pytest.raises(InputError, match="silicon|covers"):
        SETTINGS.run(from_ase(bulk("Cu", cubic=True)), spread)
    same = Committee.of([spread.potential.member(0)] * 2, SPEC.replace(members=2))
    with pytest.raises(InputError, match="zero everywhere"):
        SETTINGS.replace(iterations=1).run(crystal, uncertainties["committee"]().fitted(same))
    with pytest.raises(InputError, match="no cell to strain"):
        SETTINGS.run(dataclasses.replace(crystal, pbc=(False,) * 3), spread)
    with pytest.raises(InputError, match="no start is allowed"):
        SETTINGS.replace(closest=0.99).run(crystal, spread)
    with pytest.raises(InputError, match="radius"):
        mlip_nb.Attack(radius=0)
