"""A set that is right stays clean, and each damage is found, by frame number."""

from dataclasses import replace

import ase
import numpy as np
import pytest
from ase.build import bulk, molecule

from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.learn import Order, examine, read_frames, reordered
from mlip_nb.learn._orders import ORDERS

from .sets import changed, clean, labelled_by_emt, moved, rattled

HARTREE, BOHR = units.to_internal(1.0, "Ha"), units.BOHR
STRAINED = tuple(range(12, 30))


@pytest.fixture(scope="module")
def frames():
    return list(clean())


def only(found, check, severity="error"):
    """The one finding of a check and a severity."""
    (finding,) = found.of(check, severity)
    return finding


def times(factor):
    return lambda value: None if value is None else factor * value


def test_a_right_set_is_clean(frames):
    report = examine(frames)
    assert report.is_clean, report
    assert report.summary.frames == 31
    assert report.summary.elements == {"Cu": 12 * 32 + 18 * 8 + 1}
    assert report.summary.groups == {"isolated": 1, "rattled": 12, "strained": 18}
    assert report.summary.shortest_distance < 2.4
    assert "frames" in str(report)


def test_nothing_is_changed(frames):
    before = [frame.forces.copy() for frame in frames[:30]]
    examine(frames)
    assert all(np.array_equal(frame.forces, old) for frame, old in zip(frames, before, strict=False))


@pytest.mark.parametrize(
    ("energy", "force", "length", "words"),
    [
        (1 / HARTREE, 1, 1, "energies in Ha and forces in eV/Å"),
        (1, BOHR / HARTREE, 1, "energies in eV and forces in Ha/bohr"),
        (1 / HARTREE, BOHR / HARTREE, 1, "energies in Ha and forces in Ha/bohr"),
        (2 / HARTREE, 1, 1, "energies in Ry and forces in eV/Å"),
        (1 / units.to_internal(1, "kcal/mol"), 1, 1, "energies in kcal/mol and forces in eV/Å"),
        (1, -1, 1, "wrong sign"),
        (1, 1, 1 / BOHR, "positions in bohr"),
    ],
)
def test_units_that_do_not_fit_each_other_are_named(frames, energy, force, length, words):
    damaged = [replace(frame, energy=energy * frame.energy, forces=force * frame.forces) for frame in frames[:12]]
    if length != 1:
        damaged = [scaled(frame, length) for frame in damaged]
    assert words in only(examine(damaged), "units").message


def scaled(frame, length):
    import equinox as eqx

    system = eqx.tree_at(lambda s: (s.positions, s.cell), frame.system, replace_fn=lambda leaf: leaf * length)
    return replace(frame, system=system)


def test_lengths_in_bohr_and_fractions_are_found_without_labels(frames):
    assert "bohr" in only(examine([scaled(frame, 1 / BOHR) for frame in frames[:3]]), "units", "warning").message
    assert any("fractions" in finding.message for finding in examine([scaled(frames[0], 0.1)]).of("units", "error"))


def test_all_electron_energies_in_hartree_and_torn_bonds_are_found():
    water = molecule("H2O")
    water.info["energy"], water.arrays["forces"] = -76.4, np.zeros((3, 3))
    assert any("all electrons in Ha" in finding.message for finding in examine(read_frames(water)).of("units"))
    water.arrays["forces"] = 23 * np.array([[2.0, 0, 0], [-2.0, 0, 0], [0, 0, 0]])
    assert any("withstand" in finding.message for finding in examine(read_frames(water)).of("units"))


def test_copies_are_found_however_they_are_wrapped(frames):
    lattice = np.asarray(frames[3].system.cell)
    positions = np.array(frames[3].system.positions)
    positions[5] += lattice[0] - 2 * lattice[2]
    copies = [replace(frames[7], index=40), replace(moved(frames[3], positions + 1e-6), index=41)]
    assert only(examine([*frames, *copies]), "duplicates", "warning").frames == (3, 7, 40, 41)
    other = replace(copies[0], energy=copies[0].energy + 1)
    report = examine([*frames, other, copies[1]])
    assert only(report, "duplicates").frames == (7, 40)
    assert only(report, "duplicates", "warning").frames == (3, 41)


def test_missing_labels_are_found(frames):
    damaged = changed(frames, {2, 5}, forces=lambda _: None)
    damaged = changed(damaged, {14}, stress=lambda _: None, energy=lambda _: None)
    found = {finding.frames: finding.message for finding in examine(damaged).of("labels")}
    assert "no forces" in found[(2, 5)]
    assert len([frames for frames in found if frames == (14,)]) == 1
    assert {finding.severity for finding in examine(damaged).of("labels")} == {"warning", "note"}


@pytest.mark.parametrize("label", ["energy", "forces", "stress"])
def test_labels_that_are_not_finite_are_found(frames, label):
    finding = only(examine(changed(frames, {6}, **{label: times(np.nan)})), "labels")
    assert finding.frames == (6,)
    assert label in finding.message


def test_zero_forces_are_fillers_unless_symmetry_makes_them(frames):
    perfect = read_frames(labelled_by_emt(bulk("Cu", cubic=True), "perfect"))[0]
    perfect = replace(perfect, forces=np.zeros((4, 3)), index=50)
    report = examine(changed([*frames, perfect], {8, 9}, forces=times(0)))
    assert only(report, "labels").frames == (8, 9)


def test_outlying_forces_and_energies_are_found(frames):
    def kick(forces):
        forces = forces.copy()
        forces[[0, 1]] += [[80, 0, 0], [-80, 0, 0]]
        return forces

    assert only(examine(changed(frames, {4}, forces=kick)), "forces", "warning").frames == (4,)
    damaged = changed(frames, {13}, energy=lambda energy: energy - 8 * 30)
    assert only(examine(damaged), "energies", "warning").frames == (13,)


def test_a_net_force_is_found(frames):
    finding = only(examine(changed(frames, {1, 20}, forces=lambda forces: forces + 0.05)), "net force", "warning")
    assert finding.frames == (1, 20)


@pytest.mark.parametrize("number", [0, 5, 11])
def test_an_energy_that_contradicts_the_forces_is_found(frames, number):
    damaged = changed(frames, {number}, energy=lambda energy: energy + 32 * 0.15)
    assert only(examine(damaged), "gradient").frames == (number,)


def test_forces_of_another_frame_are_found(frames):
    damaged = changed(frames, {3}, forces=lambda forces: 3 * forces)
    assert 3 in only(examine(damaged), "gradient").frames


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_sign_and_order_of_stresses_are_told_by_strained_frames(frames, order):
    """Damage and cure: what is permuted is found, and putting it right makes the set clean."""
    assert (
        order.restored(scrambled(np.arange(9.0).reshape(3, 3), order)).tolist() == np.arange(9.0).reshape(3, 3).tolist()
    )
    damaged = changed(frames, set(STRAINED), stress=lambda stress: scrambled(stress, order))
    report = examine(damaged)
    if order == Order():
        assert "confirm the order and sign" in str(report)
        return
    finding = only(report, "stress")
    assert finding.frames == STRAINED
    assert f"are {order}, not" in finding.message
    assert examine(reordered(damaged, order, group="strained")).is_clean


def scrambled(stress, order):
    """What a file in this order has where we read yz, xz, xy."""
    places = {"yz": (1, 2), "xz": (0, 2), "xy": (0, 1)}
    wrong = order.sign * stress
    for here, there in zip(places, order.shears, strict=True):
        (a, b), (c, d) = places[here], places[there]
        wrong[a, b], wrong[b, a] = order.sign * stress[c, d], order.sign * stress[d, c]
    return wrong


def test_a_stress_in_another_unit_is_found(frames):
    damaged = changed(frames, set(STRAINED), stress=times(1 / units.GIGAPASCAL))
    finding = only(examine(damaged), "stress")
    assert "0.0062" in finding.message
    assert finding.frames == STRAINED


def test_an_asymmetric_stress_is_found(frames):
    found = examine(changed(frames, {5}, stress=lambda stress: stress + 0.01 * np.eye(3, k=1)))
    finding = only(found, "stress")
    assert "not symmetric" in finding.message
    assert finding.frames == (5,)


def test_one_wrong_stress_does_not_accuse_its_group(frames):
    report = examine(changed(frames, {15}, stress=lambda stress: stress + 0.1 * np.eye(3)))
    assert only(report, "stress").frames == (15,)
    assert "confirm the order and sign of stresses in group 'strained'" in str(report)


def test_stresses_that_nothing_decides_are_noted(frames):
    notes = examine(frames).of("stress", "note")
    assert any("'rattled' are undecided" in note.message for note in notes)


def test_strain_along_the_axes_tells_the_sign_only(frames):
    along = [frame for frame in frames[12:30] if np.abs(off_diagonal_change(frame, frames[12])).max() < 1e-9]
    assert len(along) > 5
    (note,) = examine(along).of("stress")
    assert "the order of shears is undecided" in note.message


def off_diagonal_change(frame, first):
    strain = np.linalg.solve(np.asarray(first.system.cell), np.asarray(frame.system.cell))
    return strain - np.diag(np.diag(strain))


def test_a_lonely_element_is_found(frames):
    alloy = rattled(1)[0].copy()
    alloy.numbers[0] = 47
    alloy = replace(read_frames(labelled_by_emt(alloy, "alloy"))[0], index=60)
    finding = only(examine([*frames, alloy]), "elements", "warning")
    assert finding.frames == (60,)
    assert finding.message.startswith("Ag")


def test_isolated_atoms_are_told(frames):
    assert examine(frames).of("elements", "note")[0].frames == (30,)
    assert "no frame has an isolated atom of Cu" in str(examine(frames[:30]))


def test_cells_without_sense_are_found(frames):
    close = np.array(frames[2].system.positions)
    close[1] = close[0] + [0.5, 0, 0]
    infinite = np.array(frames[3].system.positions)
    infinite[4, 1] = np.inf
    report = examine([moved(frames[2], close), moved(frames[3], infinite), *frames[4:]])
    assert only(report, "cells").frames == (3,)
    assert only(report, "cells", "warning").frames == (2,)
    assert "0.50 Å between atoms 0 and 1" in str(report)


def test_mixed_periodicity_and_left_handed_cells_are_found(frames):
    import equinox as eqx

    free = eqx.tree_at(lambda system: system.cell, frames[0].system, 0 * frames[0].system.cell)
    free = replace(frames[0], system=type(free)(free.positions, free.numbers, free.masses, free.cell))
    left = eqx.tree_at(lambda system: system.cell, frames[1].system, -frames[1].system.cell)
    report = examine([free, replace(frames[1], system=left), *frames[2:]])
    assert only(report, "cells", "warning").frames == (0,)
    assert only(report, "cells", "note").frames == (1,)


def test_volumes_that_hold_too_much_or_nothing_are_found(frames):
    wide = read_frames(labelled_by_emt(ase.Atoms("Cu2", [[0, 0, 0], [2.2, 0, 0]], cell=[50] * 3, pbc=True), "dimer"))[0]
    report = examine([scaled(frames[0], 0.6), replace(wide, index=70), *frames[1:]])
    assert 0 in next(finding for finding in report.of("cells", "warning") if "smaller" in finding.message).frames
    assert only(report, "cells", "note").frames == (70,)


def test_no_frames_and_frames_with_one_number_are_refused(frames):
    with pytest.raises(InputError, match="no frames to examine"):
        examine([])
    with pytest.raises(InputError, match="two frames have one number"):
        examine([frames[0], frames[0]])
