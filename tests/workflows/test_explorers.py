"""Explorers go where they should; what they bring is sane, new, and the same again."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk, molecule

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.learn import Recipe, fit_linear, fresh
from mlip_nb.learn.selectors import selectors
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.system import from_ase
from mlip_nb.uncertainty import uncertainties
from mlip_nb.workflows._candidates import chosen, descriptors, is_sane
from mlip_nb.workflows._knowledge import apart
from mlip_nb.workflows.explorers import Scene, explorers
from mlip_nb.workflows.explorers._base import check_slope
from mlip_nb.workflows.learn import Campaign, Learn

from ..learn.teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si",), degree=1, channels=4, hidden=8, radial=4, cutoff=3.8, precision="float64")
SHORT = {
    "md": {"steps": 40, "every": 10, "walks": 1},
    "hot-md": {"steps": 40, "every": 10, "walks": 1},
    "biased-md": {"steps": 20, "every": 10},
    "pimd": {"steps": 20, "every": 10, "beads": 4},
    "attack": {"structures": 1, "starts": 2, "iterations": 4},
    "rattle": {"structures": 6},
    "pool": {},
}


@pytest.fixture(scope="module")
def spread():
    """Of a committee that has learned from little."""
    frames = frames_of_silicon(6)
    committee, _ = fit_linear(fresh(SPEC.replace(members=3), frames), frames, Recipe(batch=64))
    return uncertainties["committee"]().fitted(committee)


@pytest.fixture(scope="module")
def scene(spread):
    starts = [from_ase(bulk("Si", cubic=True))]
    return Scene(spread.potential, spread, starts, frames_of_silicon(3, seed=4))


def test_every_explorer_is_looked_at():
    assert set(SHORT) == set(explorers)


DEAR = [pytest.param(name, marks=pytest.mark.physics) for name in SHORT if name not in ("rattle", "pool")]


@pytest.mark.parametrize("name", ["rattle", "pool", *DEAR])
def test_what_is_brought_is_sane_new_and_the_same_again(scene, spread, name):
    explorer = explorers[name](**SHORT[name])
    explorer.check(spread, scene.pool)
    found, again = explorer.candidates(scene, seed=1), explorer.candidates(scene, seed=1)
    assert len(found) >= 2
    for one, other in zip(found, again, strict=True):
        assert is_sane(one, 0.5)
        np.testing.assert_array_equal(one.positions, other.positions)
        assert one.momenta is None
        apart = np.abs(np.asarray(one.positions) - np.asarray(scene.starts[0].positions))
        assert apart.max() > 1e-3


@pytest.mark.physics
def test_a_bias_leads_to_larger_uncertainty(scene, spread):
    """By five standard errors of the means of 16 walks each."""
    means = {}
    for strength in (0.0, 1.0):
        explorer = explorers["biased-md"](strength=strength, steps=60, every=30, walks=16)
        found = explorer.candidates(scene, seed=0)
        means[strength] = np.array([float(spread.assess(one).frame) for one in found])
    error = np.sqrt(sum(np.var(values) / len(values) for values in means.values()))
    assert means[1.0].mean() - means[0.0].mean() > 5 * error


def test_random_displacements_have_the_size_that_is_asked_for(scene):
    explorer = explorers["rattle"](displacement=0.05, strain=0.0, structures=200)
    moved = np.stack([one.positions for one in explorer.candidates(scene, seed=0)]) - scene.starts[0].positions
    # 4800 normal numbers: five standard errors of their standard deviation.
    assert np.std(moved) == pytest.approx(0.05, rel=5 / np.sqrt(2 * moved.size))
    water = dataclasses.replace(scene, starts=[from_ase(molecule("H2O"))])
    assert not np.asarray(explorers["rattle"](structures=1).candidates(water, seed=0)[0].cell).any()


def test_descriptors_do_not_turn_with_the_structure(spread, scene):
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    one = frames_of_silicon(1)[0].system
    order = np.array([3, 1, 0, 2, 7, 6, 5, 4])
    turned = dataclasses.replace(
        one, positions=jnp.asarray((one.positions @ turn.T)[order]), cell=jnp.asarray(one.cell @ turn.T)
    )
    rows = descriptors(spread.potential, [one, turned, scene.starts[0]])
    np.testing.assert_allclose(rows[1], rows[0], atol=1e-10)
    assert np.linalg.norm(rows[2] - rows[0]) > 1e-2


@pytest.mark.physics
def test_what_is_absurd_known_or_there_twice_is_not_labelled(spread):
    known = frames_of_silicon(2)
    new = [frame.system for frame in frames_of_silicon(3, seed=8)]
    near = dataclasses.replace(new[0], positions=new[0].positions.at[0].set(new[0].positions[1] + 0.5))
    lost = dataclasses.replace(new[0], positions=new[0].positions * jnp.nan)
    options = {"count": 10, "closest": 0.6, "novelty": 1e-6, "most": 100, "seed": 0}
    brought = [near, lost, known[1].system, *new, new[1]]
    choice = chosen(brought, known, spread, selectors["most-uncertain"](), **options)
    assert choice.brought == 7
    assert len(choice.systems) == 3
    assert (np.diff(choice.chosen) <= 0).all()
    worth = [float(spread.assess(one).frame) for one in choice.systems]
    np.testing.assert_allclose(choice.chosen, worth, rtol=1e-6)


def test_frames_kept_aside_stay_aside_however_many_follow():
    (frame,) = frames_of_silicon(1)
    frames = [dataclasses.replace(frame, index=index) for index in range(32)]
    for share in (0.0, 0.1, 0.2, 0.5):
        _, all_aside = apart(frames, share)
        _, before = apart(frames[:13], share)
        assert [one.index for one in before] == [one.index for one in all_aside if one.index < 13]
        assert len(all_aside) == pytest.approx(32 * share, abs=1)


def test_a_start_that_cannot_be_attacked_is_left_out(scene, monkeypatch):
    crowded = dataclasses.replace(scene.starts[0], positions=scene.starts[0].positions * 0)

    def run(attack, system, uncertainty):
        if system is not scene.starts[0] and not np.asarray(system.positions).any():
            raise InputError("atoms are too close")
        return {"positions": _Values(system.positions[None]), "cell": _Values(system.cell[None])}

    monkeypatch.setattr(mlip_nb.Attack, "run", run)
    both = dataclasses.replace(scene, starts=[crowded, scene.starts[0]])
    (found,) = explorers["attack"](structures=2).candidates(both, seed=0)
    np.testing.assert_array_equal(found.positions, scene.starts[0].positions)


@dataclasses.dataclass
class _Values:
    values: object


def test_what_an_explorer_lacks_is_said(spread):
    with pytest.raises(InputError, match="there is no pool; give structures to choose from"):
        explorers["pool"]().check(spread, [])

    class Flat:
        differentiable = False

    with pytest.raises(InputError, match="explorer attack: this uncertainty has no derivatives"):
        check_slope(Flat(), "attack")


@pytest.mark.physics
def test_a_potential_learns_from_what_it_asked_for(tmp_path):
    """With everything real, from a pool: the error falls, and a second call finds all labels and the same weights."""
    sets = {"frames": (6, 0.02), "pool": (24, 0.15), "test": (16, 0.15)}
    frames, pool, test = (crystals_of_silicon(*each, seed=seed) for seed, each in enumerate(sets.values()))
    form = SPEC.replace(degree=2, channels=8, hidden=24, members=3, precision="mixed")
    learn = Learn(explorer=explorers["pool"](), linear=True, rounds=2, labels=8, batch=64, folder=tmp_path / "labels")
    run = learn.start(Campaign(frames, test=test, pool=pool), form.build())
    data = run.result()
    assert data["labels_used"].values.tolist() == [6, 14, 22]
    errors = data["test_force_error"].values
    assert errors[2] < 0.9 * errors[0]
    assert (data["largest_uncertainty"].values[1:] > data["mean_uncertainty"].values[1:]).all()
    again = learn.start(Campaign(frames, test=test, pool=pool), form.build())
    np.testing.assert_array_equal(again.result()["test_force_error"], errors)
    assert again.product().potential.fingerprint == run.product().potential.fingerprint


def crystals_of_silicon(count, size, seed):
    """Displaced by so many Å, labelled by Stillinger and Weber."""
    random, oracle = (
        np.random.default_rng(seed),
        mlip_nb.learn.labellers.oracle_of(mlip_nb.potential("stillinger-weber")),
    )
    made = []
    for index in range(count):
        atoms = bulk("Si", cubic=True)
        atoms.positions += random.normal(0, size, atoms.positions.shape)
        made.append(labelled(oracle, atoms, index))
    return made


@pytest.mark.physics
def test_a_molecule_is_learned_from_a_quantum_code(tmp_path):
    """Water by xTB: five structures, then two rounds of ten labels; the force error falls by a third at least."""
    random = np.random.default_rng(0)

    def waters(count, size):
        made = [molecule("H2O") for _ in range(count)]
        for atoms in made:
            atoms.positions += random.normal(0, size, (3, 3))
        return made

    oracle = mlip_nb.learn.labellers.oracle_of("xtb")
    test = [labelled(oracle, atoms, index) for index, atoms in enumerate(waters(20, 0.05))]
    start = mlip_nb.read_frames(waters(5, 0.02), labelled=False)
    form = GauntSpec(symbols=("H", "O"), degree=2, channels=8, hidden=24, radial=6, cutoff=3.0, members=3)
    learn = Learn(
        explorer=explorers["rattle"](displacement=0.06, strain=0), linear=True, rounds=2, labels=10, processes=1
    )
    data = learn.run(Campaign(start, labeller="xtb", test=test), form.build())
    assert data["labels_used"].values.tolist() == [5, 15, 25]
    assert float(data["test_force_error"][-1]) < 0.67 * float(data["test_force_error"][0])


def labelled(oracle, atoms, index):
    """A frame with the oracle's answer."""
    system = from_ase(atoms)
    answer = oracle.answer(system)
    return mlip_nb.learn.Labelled(system, answer.energy, answer.forces, answer.stress, index=index)
