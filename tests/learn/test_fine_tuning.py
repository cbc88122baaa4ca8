"""Trained potentials that learn more: new elements, weights that stay, old data among new ones."""

import dataclasses

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from mlip_nb.errors import InputError
from mlip_nb.learn import Labelled, begun, extended_to, predictions, replayed
from mlip_nb.potentials import load_weights, save_weights
from mlip_nb.potentials._extended import with_elements
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.system import from_ase
from mlip_nb.workflows.train import Train

from .teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si",), degree=1, channels=4, hidden=8, radial=4, cutoff=3.8, precision="float64")
TWO_LAYERS = SPEC.replace(symbols=("Si", "C"), layers=2, messages=4, members=2)
ALLOY = bulk("SiGe", "zincblende", a=5.5, cubic=True)
TRAIN = Train(epochs=2, batch=32, validation=0.25, optimiser="adam")


@pytest.fixture(scope="module")
def frames():
    return frames_of_silicon(8)


def rattled(atoms, seed=0):
    atoms = atoms.copy()
    atoms.rattle(0.1, seed=seed)
    return from_ase(atoms)


LONG = [pytest.param(spec, marks=pytest.mark.physics) for spec in (SPEC.replace(members=2), TWO_LAYERS)]


@pytest.mark.parametrize("spec", [SPEC, *LONG], ids=["one", "committee", "two layers"])
def test_more_elements_change_nothing_where_they_are_not(spec):
    known = rattled(bulk("Si", cubic=True))
    old = spec.build()
    new = with_elements(old, ("Ge", "Si", "Sn"))
    assert new.spec.symbols == (*spec.symbols, "Ge", "Sn")
    before, after = old.evaluate(known), new.evaluate(known)
    assert float(after.energy) == pytest.approx(float(before.energy), rel=1e-12)
    np.testing.assert_allclose(after.forces, before.forces, atol=1e-12)


def test_a_new_element_begins_as_the_mean_of_the_others_and_can_be_saved(tmp_path):
    old = SPEC.build()
    new = with_elements(old, ("Ge",))
    # Of one element there is only one mean; nuclei repel at shorter distances than these.
    silicon = Atoms(["Si"] * 8, positions=ALLOY.positions, cell=ALLOY.cell, pbc=True)
    told = [float(one.evaluate(rattled(atoms)).energy) for one, atoms in ((old, silicon), (new, ALLOY))]
    assert told[1] == pytest.approx(told[0], rel=1e-9)
    assert load_weights(save_weights(new, tmp_path / "sige.safetensors")).fingerprint == new.fingerprint


def test_no_new_elements_no_change():
    old = SPEC.build()
    assert with_elements(old, ("Si",)) is old


def mixed(count: int) -> list[Labelled]:
    """Silicon with some germanium, whose atoms are worth -4 eV more."""
    teacher, made = SPEC.replace(weight_seed=5).build(), []
    for seed in range(count):
        atoms = bulk("Si", cubic=True)
        told = teacher.evaluate(rattled(atoms, seed))
        atoms.symbols[: seed % 4] = "Ge"
        system = rattled(atoms, seed)
        energy = float(told.energy) - 4.0 * (seed % 4)
        made.append(Labelled(system, energy, np.asarray(told.forces), None, index=seed))
    return made


def test_energies_of_new_atoms_are_those_of_the_data():
    made = extended_to(SPEC.replace(weight_seed=5).build(), mixed(8))
    assert float(made.isolated[1]) == pytest.approx(-4.0, abs=1e-6)
    assert float(made.isolated[0]) == 0.0


@pytest.mark.physics
def test_what_is_frozen_stays(frames):
    start = begun(SPEC.build(), frames)
    made = TRAIN.replace(freeze=("first.*",)).start(frames, start)
    made.wait()
    after = made.product()
    np.testing.assert_array_equal(after.first.network.entry, np.asarray(start.first.network.entry, np.float32))
    np.testing.assert_array_equal(after.first.invariants.mixing, np.asarray(start.first.invariants.mixing, np.float32))
    assert not np.array_equal(after.readout, start.readout)


@pytest.mark.parametrize(
    ("freeze", "message"),
    [
        (("second.*",), r"freeze: no weights are called 'second\.\*'; there are .*first\.invariants\.mixing.*readout"),
        (("*",), r"freeze: \* leaves nothing to train"),
    ],
)
def test_patterns_that_make_no_sense_are_refused_before_anything_runs(frames, freeze, message):
    with pytest.raises(InputError, match=message):
        TRAIN.replace(freeze=freeze).start(frames, SPEC.build())


def test_old_frames_are_drawn_by_seed(frames):
    new = mixed(3)
    together = replayed(new, frames, share=0.5, seed=1)
    assert [frame.index for frame in together] == [0, 1, 2, 3, 4, 5]
    assert all(any(np.array_equal(one.forces, old.forces) for old in frames) for one in together[3:])
    assert len(replayed(new, frames, share=0.9, seed=1)) == 3 + 8
    other = replayed(new, frames, share=0.5, seed=2)
    assert any(one.energy != two.energy for one, two in zip(together[3:], other[3:], strict=True))


@pytest.mark.physics
def test_replay_keeps_what_was_learned(frames):
    """Data that contradict the old ones alone make a potential forget; with old ones among them it forgets less."""
    train = Train(epochs=20, batch=8, rate=3e-2, average=0.9, decay=0, validation=0, optimiser="adam")

    def taught(start, data):
        run = train.start(data, start)
        run.wait()
        return run.product()

    def error(made) -> float:
        off = predictions(made, frames).forces - np.concatenate([frame.forces for frame in frames])
        return float(np.sqrt(np.mean(off**2)))

    first = taught(SPEC.build(), frames)
    other = [dataclasses.replace(frame, forces=0.5 * frame.forces) for frame in frames_of_silicon(8, seed=9)]
    alone, together = (taught(first, data) for data in (other, replayed(other, frames, share=0.5, seed=0)))
    assert error(first) < 0.6 * error(together) < 0.4 * error(alone)
