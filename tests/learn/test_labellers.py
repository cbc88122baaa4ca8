"""Labellers answer, or say why not."""

import re
import time
from pathlib import Path

import cloudpickle
import numpy as np
import psutil
import pytest
from ase.build import bulk, molecule
from ase.calculators.emt import EMT

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.learn.labellers import KnownLabels, _child, asked, labellers, oracle_of
from mlip_nb.learn.labellers import _codes as codes
from mlip_nb.learn.labellers._codes import CODES, Settings, grid
from mlip_nb.system import from_ase

from .moody import Moody
from .teacher import frames_of_silicon


@pytest.fixture(scope="module")
def copper():
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.1, seed=1)
    return from_ase(atoms)


def test_labels_of_a_calculator_are_ours(copper):
    atoms = mlip_nb.to_ase(copper)
    atoms.calc = EMT()
    answer = oracle_of(EMT()).answer(copper)
    assert answer.energy == pytest.approx(atoms.get_potential_energy())
    np.testing.assert_allclose(answer.forces, atoms.get_forces())
    np.testing.assert_allclose(answer.stress, atoms.get_stress(voigt=False))
    assert not answer.problem
    assert answer.seconds > 0


@pytest.mark.parametrize(
    ("mood", "told"),
    [
        ("fails", "RuntimeError: SCF not converged"),
        ("nan", "not finite"),
        ("forgets", r"forces of shape \(3, 3\) for 4"),
    ],
)
def test_what_goes_wrong_is_an_answer(copper, mood, told):
    answer = oracle_of(Moody(mood)).answer(copper)
    assert answer.forces is None
    assert re.search(told, answer.problem)


def test_a_calculation_that_hangs_or_dies_takes_nothing_with_it(copper):
    def told(mood, timeout):
        return asked(cloudpickle.dumps((oracle_of(Moody(mood)), copper)), timeout).problem

    assert told("sleeps", 5.0) == "no answer after 5 s"
    assert told("dies", 60.0).startswith("its process ended with code 3")


def test_what_a_calculation_has_started_ends_with_it(monkeypatch, tmp_path):
    """A program that it waits for, and temporary files."""
    told = tmp_path / "told"
    child = f"""
import subprocess, sys, tempfile
waited_for = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
folder = tempfile.mkdtemp()
open({str(told)!r}, "w").write(f"{{waited_for.pid}} {{folder}}")
waited_for.wait()
"""
    monkeypatch.setattr(_child, "_CHILD", child)
    assert asked(b"", 2.0).problem == "no answer after 2 s"
    process, folder = told.read_text().split()
    assert not Path(folder).exists()
    end = time.monotonic() + 10
    while _goes_on(int(process)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _goes_on(int(process))


def _goes_on(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_process_of_its_own_gives_the_same_labels(copper):
    here = oracle_of(EMT()).answer(copper)
    there = asked(cloudpickle.dumps((oracle_of(EMT()), copper)), 60.0)
    assert there.energy == here.energy
    np.testing.assert_array_equal(there.forces, here.forces)


def test_a_potential_of_ours_is_a_reference():
    frame = frames_of_silicon(1)[0]
    oracle = labellers.build({"name": "reference", "potential": "stillinger-weber"}).build()
    answer = oracle.answer(frame.system)
    assert answer.energy == pytest.approx(frame.energy, abs=1e-9)
    np.testing.assert_allclose(answer.forces, frame.forces, atol=1e-9)
    np.testing.assert_allclose(answer.stress, frame.stress, atol=1e-9)
    assert oracle.quick
    # Taken for a potential on the way, a calculator is asked itself.
    assert isinstance(oracle_of(mlip_nb.from_calculator(EMT())).calculator, EMT)


def test_known_labels_are_found_by_structure():
    frames = frames_of_silicon(3)
    oracle = KnownLabels(frames)
    assert oracle.answer(frames[2].system).energy == frames[2].energy
    assert "not among those with a label" in oracle.answer(frames_of_silicon(1, seed=5)[0].system).problem


def test_what_labels_nothing_is_refused():
    with pytest.raises(InputError, match="labels nothing; give an ASE calculator, a potential, or one of dft"):
        oracle_of(3)
    with pytest.raises(InputError, match="unknown labeller 'xbt'. Did you mean 'xtb'"):
        oracle_of("xbt")


def test_k_points_are_as_near_as_asked():
    cell = np.diag([4.0, 8.0, 30.0])
    assert grid(cell, 0.5) == (4, 2, 1)
    spacings = 2 * np.pi * np.linalg.norm(np.linalg.inv(cell), axis=0) / grid(cell, 0.2)
    assert (spacings <= 0.2 + 1e-12).all()


def test_without_a_code_it_is_said_what_was_looked_for(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(codes.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"no code is on this machine; looked for espresso \(pw.x\), gpaw"):
        labellers.build("dft").build()
    with pytest.raises(InputError, match=r"looked for cp2k \(cp2k_shell.psmp\): install one"):
        labellers.build({"name": "dft", "code": "cp2k"}).build()


def test_input_of_quantum_espresso(tmp_path):
    """Cutoffs in Ry, k points by spacing, forces and stress asked for, the PBE file of an element."""
    for name in ("Si.pz-vbc.UPF", "Si.rel-pbe-rrkj.UPF", "Si.pbe-rrkj.UPF", "C.pbe-rrkjus.UPF"):
        (tmp_path / name).write_text("")
    settings = Settings(400.0, 0.4, 0.2, tmp_path, "true")
    assert CODES["espresso"](settings).is_there()
    calculator = CODES["espresso"](settings).calculator(bulk("Si", cubic=True), str(tmp_path))
    told = calculator.parameters
    assert told["pseudopotentials"] == {"Si": "Si.pbe-rrkj.UPF"}
    assert told["kpts"] == (3, 3, 3)
    assert told["input_data"]["system"]["ecutwfc"] == pytest.approx(400 / 13.605693, rel=1e-6)
    assert told["input_data"]["control"] == {"tprnfor": True, "tstress": True}
    with pytest.raises(InputError, match=r"no pseudopotential Ge.\*.upf in"):
        CODES["espresso"](settings).calculator(bulk("Ge"), str(tmp_path))


def test_dft_wants_periodic_structures(monkeypatch, tmp_path):
    monkeypatch.setattr(CODES["espresso"], "is_there", lambda self: True)
    oracle = labellers.build({"name": "dft", "code": "espresso", "pseudopotentials": tmp_path}).build()
    assert "periodic along all directions; take xtb" in oracle.answer(from_ase(molecule("H2O"))).problem


def test_labels_of_other_settings_have_another_name(monkeypatch, tmp_path):
    for code in CODES.values():
        monkeypatch.setattr(code, "is_there", lambda self: True)
    changes = [{}, {"smearing": 0.2}, {"pseudopotentials": tmp_path}, {"cutoff": 600}, {"k_spacing": 0.3}]
    names = {labellers.build({"name": "dft", "code": "espresso", **change}).build().about for change in changes}
    assert len(names) == len(changes)
    assert labellers.build({"name": "dft", "code": "gpaw"}).build().about.startswith("gpaw 500 eV")
    # 400 Ry, the usual one of CP2K in ASE.
    assert labellers.build({"name": "dft", "code": "cp2k"}).build().about.startswith("cp2k 5442.28 eV")


def test_xtb_forces_are_minus_the_slope():
    oracle, water = labellers.build("xtb").build(), molecule("H2O")
    water.positions[1, 0] += 0.05
    forces, step, energies = oracle.answer(from_ase(water)).forces, 1e-3, []
    for shift in (step, -step):
        moved = water.copy()
        moved.positions[1, 0] += shift
        energies.append(oracle.answer(from_ase(moved)).energy)
    assert forces[1, 0] == pytest.approx(-(energies[0] - energies[1]) / (2 * step), abs=1e-4)
    assert oracle_of({"name": "xtb", "electronic_temperature": 900}).about != oracle_of("xtb").about
    assert oracle_of({"name": "xtb", "iterations": 1}).answer(from_ase(water)).problem
