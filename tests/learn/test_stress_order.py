"""A potential's predictions tell the order and the sign of stresses, group by group."""

import gzip
import json
from dataclasses import replace

import ase
import numpy as np
import pytest

from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.learn import Labelled, Order, examine, read_frames, reordered, stress_order_against
from mlip_nb.learn._orders import ORDERS
from mlip_nb.potentials import potential

from .predictions import predicted_stresses

KILOBAR = 0.1 * units.GIGAPASCAL


def random_stresses(count: int, seed: int = 0) -> np.ndarray:
    stress = np.random.default_rng(seed).normal(size=(count, 3, 3))
    return stress + stress.swapaxes(1, 2)


def labelled(stresses, group="") -> list[Labelled]:
    return [Labelled(None, 0.0, None, stress, group, index) for index, stress in enumerate(stresses)]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_order_and_sign_are_found_and_put_right(order):
    wrong, noise = random_stresses(30), 0.3 * random_stresses(30, seed=1)
    right = order.restored(wrong)
    found = stress_order_against(labelled(wrong, "melt"), list(right + noise))
    assert found["melt"].order == order
    np.testing.assert_array_equal([frame.stress for frame in reordered(labelled(wrong), order)], right)


def test_groups_are_told_apart_and_put_right_one_by_one():
    stress, other = random_stresses(40), Order(("xy", "yz", "xz"))
    right = np.concatenate([stress[:20], other.restored(stress[20:])])
    frames = [replace(frame, group="ab"[frame.index // 20]) for frame in labelled(stress)]
    found = stress_order_against(frames, list(right))
    assert (found["a"].order, found["b"].order) == (Order(), other)
    mended = reordered(frames, other, group="b")
    np.testing.assert_array_equal([frame.stress for frame in mended], right)


def test_predictions_of_noise_decide_nothing():
    found = stress_order_against(labelled(random_stresses(200)), list(random_stresses(200, seed=3)))
    assert found[""].order is None
    assert "undecided" in str(found[""])


def test_every_frame_needs_a_prediction():
    with pytest.raises(InputError, match="2 predictions for 3 frames"):
        stress_order_against(labelled(random_stresses(3)), [np.eye(3)] * 2)


def silicon(shared_data) -> list[Labelled]:
    """The Zuo set with groups and stresses, these in the order of the file."""
    with gzip.open(shared_data / "zuo2020" / "Si_training.json.gz") as file:
        entries = json.load(file)
    return read_frames([_atoms(entry) for entry in entries])


def _atoms(entry: dict) -> ase.Atoms:
    structure, outputs = entry["structure"], entry["outputs"]
    places = [site["xyz"] for site in structure["sites"]]
    atoms = ase.Atoms(f"Si{len(places)}", places, cell=structure["lattice"]["matrix"], pbc=True)
    stress = -KILOBAR * np.array(outputs["virial_stress"])
    atoms.info |= {"energy": outputs["energy"], "group": entry["group"], "stress": stress}
    atoms.arrays["forces"] = np.array(outputs["forces"])
    return atoms


@pytest.fixture(scope="module")
def zuo(shared_data):
    return silicon(shared_data)


def test_strained_frames_tell_the_order_of_one_group_of_silicon(zuo):
    """Pairs decide the group Elastic; the others have no frames that differ by a strain alone, and that is said."""
    report = examine(zuo)
    (finding,) = report.of("stress", "error")
    assert "'Elastic' are xx,yy,zz,xy,yz,xz, not" in finding.message
    assert finding.frames == tuple(frame.index for frame in zuo if frame.group == "Elastic")
    undecided = [note.message for note in report.of("stress", "note")]
    assert all(any(group in note for note in undecided) for group in ("AIMD-NVT", "Vacancy", "Surface"))
    mended = reordered(zuo, Order(("xy", "yz", "xz")), group="Elastic")
    assert examine(mended).is_clean


def test_an_empirical_potential_tells_the_order_in_molecular_dynamics_of_silicon(zuo):
    """Stillinger-Weber was not fitted to these data, and is good enough to tell orders apart."""
    frames = [frame for frame in zuo if frame.group == "AIMD-NVT"]
    found = stress_order_against(frames, predicted_stresses(potential("stillinger-weber"), frames))
    assert found["AIMD-NVT"].order == Order(("xy", "xz", "yz")), str(found["AIMD-NVT"])


@pytest.mark.parametrize("name", ["Si_train", "Li_train"])
def test_published_sets_are_clean(shared_data, name):
    report = examine(read_frames(shared_data / "zuo2020" / f"{name}.xyz.gz"))
    assert report.is_clean, report


def test_a_set_of_molecules_is_clean_and_its_isolated_atoms_are_seen(shared_data):
    folder = shared_data / "acac"
    frames = read_frames([folder / "train_300K.xyz.gz", folder / "isolated_atoms.xyz.gz"])
    report = examine(frames)
    assert report.is_clean, report
    assert "isolated atoms of C, H, O are there" in str(report)
    hartree = [replace(frame, energy=frame.energy / units.to_internal(1.0, "Ha")) for frame in frames]
    assert "all electrons in Ha" in str(examine(hartree))
