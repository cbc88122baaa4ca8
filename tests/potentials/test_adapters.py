"""Models of other packages from their files: the numbers of the package's own ASE calculator, or a clear refusal."""

import json
import pickle
import sys
import zipfile

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.calculator import Calculator, all_changes
from jax_md import space
from jax_md.custom_partition import graph_featurizer, neighbor_list_multi_image
from jax_md.energy import load_gnome_model_neighbor_list

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.neighbors import finder
from mlip_nb.potentials import Edges, from_calculator
from mlip_nb.potentials._optional import load
from mlip_nb.system import from_ase

from .examples import example
from .foreign_files import (
    GNOME,
    NEQUIX,
    instadeep_force_field,
    write_gnome,
    write_instadeep,
    write_instadeep_1,
    write_mtp,
    write_nequix,
)

ENERGY, FORCE, STRESS = 1e-5, 1e-4, 1e-5
"""eV/atom, eV/Å, eV/Å³: how close we are to the calculator of the package."""


@pytest.fixture
def alloy() -> Atoms:
    """A sheared crystal of two elements that is smaller than the cutoffs, off its sites."""
    rng = np.random.default_rng(0)
    atoms = bulk("Si", cubic=True).repeat((1, 1, 2))
    atoms.set_chemical_symbols(rng.choice(["Si", "Ge"], len(atoms)))
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.05 * rng.normal(size=(3, 3))), scale_atoms=True)
    atoms.rattle(0.1, rng=rng)
    return atoms


def check_agreement(potential, atoms: Atoms, calculator: Calculator) -> None:
    atoms.calc = calculator
    found = potential.evaluate(from_ase(atoms), stress=True)
    assert abs(atoms.get_forces()).max() > 0.1, "a model without forces would agree with anything"
    np.testing.assert_allclose(found.energy / len(atoms), atoms.get_potential_energy() / len(atoms), 0, ENERGY)
    np.testing.assert_allclose(found.forces, atoms.get_forces(), 0, FORCE)
    if "stress" in calculator.implemented_properties:
        np.testing.assert_allclose(found.stress, atoms.get_stress(voigt=False), 0, STRESS)


@pytest.mark.parametrize("precision", ["float64", "mixed"])
@pytest.mark.parametrize("changes", [{}, {"index_weights": False, "layer_norm": False}])
def test_nequix_is_that_of_its_own_calculator(precision, changes, alloy, tmp_path):
    file = write_nequix(tmp_path, **changes)
    calculator = pytest.importorskip("nequix.calculator", exc_type=ImportError)
    with jax.enable_x64(False):
        own = calculator.NequixCalculator(model_path=str(file), use_kernel=False)
        own.calculate(alloy)
    alloy.calc = own
    check_agreement(mlip_nb.potential(file, precision=precision), alloy, own)


@pytest.fixture
def molecule() -> Atoms:
    """Two elements without a cell; some pairs are farther apart than the cutoffs."""
    rng = np.random.default_rng(1)
    places = 2.4 * np.array(list(np.ndindex(3, 2, 1)))
    return Atoms("SiGe2SiGeSi", places + rng.normal(0, 0.15, places.shape))


OTHERS = ["Mace", "Visnet"]
"""Built by the same lines, and checked with the long checks; so are the weights in double precision."""
WIDTH = 4
"""Scalar channels of all of them."""
PRECISIONS = [pytest.param("float64", marks=pytest.mark.physics), "mixed"]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("atoms", ["alloy", "molecule"])
@pytest.mark.physics
@pytest.mark.parametrize("architecture", ["Nequip", *OTHERS])
def test_instadeep_is_that_of_its_own_calculator(architecture, atoms, precision, tmp_path, request):
    check_instadeep(write_instadeep(tmp_path, architecture), request.getfixturevalue(atoms), precision, architecture)


def check_instadeep(file, atoms: Atoms, precision: str, *force_field: str) -> None:
    """Against a force field that was saved to the file."""
    calculators = pytest.importorskip("mlip.simulation.ase.mlip_ase_calculator", exc_type=ImportError)
    with jax.enable_x64(False):
        own = calculators.MLIPForceFieldASECalculator(atoms, 1.5, instadeep_force_field(*force_field))
        own.calculate(atoms)
    atoms.calc = own
    check_agreement(mlip_nb.potential(file, precision=precision), atoms, own)


@pytest.mark.physics
@pytest.mark.parametrize("devices", [0, 2])
@pytest.mark.parametrize("architecture", ["Mace", "Nequip", "Visnet"])
def test_models_of_the_first_version_of_mlip_are_read(architecture, devices, alloy, tmp_path):
    """As that version wrote them, after a training on several devices, too."""
    file = write_instadeep_1(tmp_path, architecture, devices)
    check_instadeep(file, alloy, "mixed", architecture, "{}", "models_v1")
    with pytest.raises(InputError, match="do not tell their features"):
        parts(mlip_nb.potential(file), alloy)


class JaxMD(Calculator):
    """The energy function that jax_md makes from a folder, and its derivative."""

    implemented_properties = ["energy", "forces"]

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        with jax.enable_x64(False):
            elements = jax.nn.one_hot(atoms.numbers - 1, 94)
            made = (self._in_cell if atoms.pbc.all() else self._free)(atoms)
            neighbors, energy = load_gnome_model_neighbor_list(*made[:2], str(self.folder), elements, **made[3])
            places = jnp.asarray(made[2], "float32")
            value, slope = jax.jit(jax.value_and_grad(energy))(places, neighbors.allocate(places))
        # In a cell, too: with respect to fractions of the cell jax_md gives derivatives with respect to positions.
        self.results = {"energy": float(value), "forces": -np.array(slope)}

    def _in_cell(self, atoms):
        lists = {"neighbor_list_fn": neighbor_list_multi_image, "featurizer_fn": graph_featurizer}
        return space.free()[0], jnp.asarray(atoms.cell.T, "float32"), atoms.get_scaled_positions(), lists

    def _free(self, atoms):
        return space.free()[0], 100.0, atoms.positions, {"disable_cell_list": True}


@pytest.mark.physics
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("atoms", [pytest.param("alloy", marks=pytest.mark.physics), "molecule"])
def test_gnome_is_that_of_jax_md(atoms, precision, tmp_path, request):
    folder, atoms = write_gnome(tmp_path), request.getfixturevalue(atoms)
    check_agreement(mlip_nb.potential("gnome", folder=folder, precision=precision), atoms, JaxMD(folder))


@pytest.mark.parametrize("precision", ["float64", "mixed"])
@pytest.mark.parametrize("engine", ["cext", "numpy"])
def test_moment_tensors_are_those_of_motep(precision, engine, alloy, tmp_path):
    calculators = pytest.importorskip("motep.calculator", exc_type=ImportError)
    files = pytest.importorskip("motep.io.mlip.mtp", exc_type=ImportError)
    file = write_mtp(tmp_path)
    data = files.read_mtp(file)
    data.species = [14, 32]
    potential = mlip_nb.potential(file, species=("Si", "Ge"), precision=precision)
    check_agreement(potential, alloy, calculators.make_calculator(data, engine=engine))
    # What motep writes is spelled differently; version 0.2.0 cannot read that itself.
    files.write_mtp(tmp_path / "again.mtp", data)
    again = mlip_nb.potential(tmp_path / "again.mtp", species=("Si", "Ge"), precision=precision)
    for ours, theirs in zip(jax.tree.leaves(potential), jax.tree.leaves(again), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["mtp", "nequix", pytest.param("gnome", marks=pytest.mark.physics)])
def test_the_energy_is_linear_in_the_features(name, alloy, tmp_path):
    potential = example(name, tmp_path).build()
    features, energies = parts(potential, alloy)
    alone = parts(eqx.tree_at(lambda p: _last(name, p), potential, 0 * _last(name, potential)), alloy)[1]
    learned, features = np.array(energies - alone), np.array(features)
    assert abs(learned).max() > 0.01
    weights = np.linalg.lstsq(features.T, learned, rcond=None)[0]
    assert np.linalg.matrix_rank(features) < len(learned), "so few atoms could be fitted by anything"
    np.testing.assert_allclose(weights @ features, learned, atol=1e-8)


def parts(potential, atoms: Atoms) -> tuple[jax.Array, jax.Array]:
    """Features and energies of atoms."""
    system = from_ase(atoms)
    table = finder(potential.cutoff, 0.0).allocate(system)
    edges = Edges(system.positions[table.order].T, system.cell, system.numbers[table.order], table)
    graph = potential.graph(edges, jnp.stack(edges.vectors()))
    return eqx.filter_jit(lambda p, g: (p.features(g), p.atomic_energies(g)))(potential, graph)


def _last(name: str, potential) -> jax.Array:
    """The weights of the features."""
    if name == "nequix":
        return jax.tree.leaves(potential.model.readout)[0]
    return potential.weights if name == "mtp" else jax.tree.leaves(potential.weights["params"]["Linear_2"])[0]


@pytest.mark.physics
@pytest.mark.parametrize("architecture", ["Nequip", *OTHERS])
def test_features_of_instadeep_tell_the_energy(architecture, alloy, tmp_path):
    """Atoms of one element with the same features have the same energy, and with others another one."""
    twice = alloy.repeat((1, 1, 2))
    features, energies = map(np.array, parts(mlip_nb.potential(write_instadeep(tmp_path, architecture)), twice))
    assert features.shape == (WIDTH, len(twice))
    apart = abs(features[:, :, None] - features[:, None]).max(axis=0)
    copies = apart < 1e-4 * abs(features).max()
    assert copies.sum() == 2 * len(twice), "every atom has one copy"
    unlike = abs(energies[:, None] - energies)
    assert unlike[copies].max() < 1e-3 * unlike[~copies].min()


def test_nequix_leaves_jax_as_it_was(tmp_path):
    before = jax.config.jax_default_matmul_precision, jax.config.jax_enable_x64
    mlip_nb.potential(write_nequix(tmp_path))
    assert (jax.config.jax_default_matmul_precision, jax.config.jax_enable_x64) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("MTP\n", "MTQ\n"), "does not begin with MTP"),
        (("RBChebyshev", "RBShapeev"), "radial basis RBShapeev"),
        (("moment_coeffs", "moment"), "untrained"),
        (("max_dist = 4.5", "max_dist = nan"), "damaged"),
        (("max_dist", "distance"), "damaged.*max_dist"),
        (("alpha_moments_count = 17", "alpha_moments_count = 16"), "moments are named that are not there"),
        (("alpha_moments_count = 17", "alpha_moments_count = 99"), "99 moments of 11 basic ones"),
        (("{0, 0, 1, 11}", "{0, 11, 1, 11}"), "used before its sum is complete"),
        (("radial_basis_size = 6", "radial_basis_size = 7"), "damaged"),
        (("MTP\n", "MTP\nmagnetic_basis_type = BChebyshev\n"), "magnetic moments"),
    ],
)
def test_moment_tensor_files_that_are_none_are_refused(change, message, tmp_path):
    text = write_mtp(tmp_path).read_text()
    assert change[0] in text
    (tmp_path / "wrong.mtp").write_text(text.replace(*change, 1))
    with pytest.raises(InputError, match=message):
        mlip_nb.potential(tmp_path / "wrong.mtp", species=("Si", "Ge"))


@pytest.mark.parametrize("names", [("min_val", "max_val", "basis_size"), ("min", "max", "size")])
def test_moment_tensor_files_are_read_in_every_spelling(names, tmp_path):
    file = write_mtp(tmp_path)
    text = file.read_text()
    for old, new in zip(("min_dist", "max_dist", "radial_basis_size"), names, strict=True):
        text = text.replace(f"\t{old} =", f"\t{new} =")
    (tmp_path / "other.mtp").write_text(text)
    plain, other = (mlip_nb.potential(each, species=("Si", "Ge")) for each in (file, tmp_path / "other.mtp"))
    assert other.cutoff == 4.5
    for ours, theirs in zip(jax.tree.leaves(plain), jax.tree.leaves(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("species", ["Si", ("Si", "Si"), ("Si", "Xx"), None])
def test_species_of_moment_tensors_are_named_one_by_one(species, tmp_path):
    with pytest.raises(InputError, match="species: the file has 2; name as many elements"):
        mlip_nb.potential(write_mtp(tmp_path), species=species)


def test_what_active_learning_appends_is_passed_over(alloy, tmp_path):
    file = write_mtp(tmp_path)
    (tmp_path / "long.mtp").write_bytes(file.read_bytes() + b"\n#MVS_v1.1\n\x00\xff moment_coeffs = {0}")
    plain, longer = (mlip_nb.potential(each, species=("Si", "Ge")) for each in (file, tmp_path / "long.mtp"))
    assert plain.evaluate(from_ase(alloy)).energy == longer.evaluate(from_ase(alloy)).energy


def test_one_species_needs_no_look_up_and_gives_the_same(tmp_path):
    """Two species with the coefficients of one are one."""
    atoms = bulk("Si", cubic=True)
    atoms.rattle(0.1, seed=0)
    one = mlip_nb.potential(write_mtp(tmp_path, species=1), species="Si")
    two = example("mtp", tmp_path).build()
    leaves = lambda p: [p.radial, p.weights, p.isolated]  # noqa: E731
    radial = jnp.broadcast_to(one.radial, two.radial.shape)
    two = eqx.tree_at(leaves, two, [radial, one.weights, jnp.tile(one.isolated, 2)])
    ours, theirs = (each.evaluate(from_ase(atoms), stress=True) for each in (one, two))
    np.testing.assert_allclose(ours.energy, theirs.energy, rtol=1e-12)
    np.testing.assert_allclose(ours.forces, theirs.forces, atol=1e-11)


def test_files_that_are_no_nequix_are_refused(tmp_path):
    wrong = tmp_path / "wrong.nqx"
    for content in (b"", b"[]\n", b"{}\n", pickle.dumps({"atomic_numbers": [14]})):
        wrong.write_bytes(content)
        with pytest.raises(InputError, match="is no .nqx file"):
            mlip_nb.potential(wrong)
    with pytest.raises(InputError, match="cannot be read"):
        mlip_nb.potential(tmp_path / "nothing.nqx")


def test_nequix_weights_that_are_cut_short_or_pickled_are_refused(tmp_path):
    file = write_nequix(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    with pytest.raises(InputError, match="damaged, or of another nequix"):
        mlip_nb.potential(file)
    with file.open("wb") as target:
        target.write(whole.partition(b"\n")[0] + b"\n")
        np.save(target, np.array([{}]), allow_pickle=True)
    with pytest.raises(InputError, match="damaged, or of another nequix"):
        mlip_nb.potential(file)


def rewritten(file, change) -> None:
    """The .zip file after `change` of its description and arrays."""
    with zipfile.ZipFile(file) as whole:
        told, arrays = json.loads(whole.read("hyperparams.json")), dict(np.load(whole.open("params.npz")))
    change(told, arrays)
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("hyperparams.json", json.dumps(told))
        with target.open("params.npz", "w") as member:
            np.savez(member, **arrays)


FIRST = "params#mlip_network#NequipEmbeddingBlock_0#NodeEmbeddingBlock_0#embed#embedding"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda told, arrays: arrays.pop(FIRST), "lacks the tensor params#mlip_network#Nequip"),
        (lambda told, arrays: arrays.update(more=np.zeros(1)), "has, without a place.*the tensor more"),
        (lambda told, arrays: arrays.update({FIRST: arrays[FIRST][:1]}), r"float32 \(1, 4\) and should be float"),
        (lambda told, arrays: arrays[FIRST].fill(np.nan), "embedding is not finite"),
        (lambda told, arrays: arrays.update({FIRST: np.array([{}])}), "holds no numbers.*save the model anew"),
        (lambda told, arrays: told["config"].update(target_irreps="nonsense"), "its package cannot build"),
        (lambda told, arrays: told["config"].update(use_coulomb_term=True), "needs a Coulomb term"),
        (lambda told, arrays: told["config"].update(num_readout_heads=2), "needs a choice of head"),
        (lambda told, arrays: told["config"].pop("target_irreps"), "of another architecture"),
        (lambda told, arrays: told["dataset_info"].pop("graph_cutoff_angstrom"), "no MACE.*graph_cutoff_angstrom"),
        (lambda told, arrays: told["dataset_info"].update(atomic_energies_map={"500": 0.0}), "no MACE.*IndexError"),
    ],
)
def test_instadeep_files_that_are_none_are_refused(change, message, tmp_path):
    file = write_instadeep(tmp_path)
    rewritten(file, change)
    with pytest.raises(InputError, match=message):
        mlip_nb.potential(file)


def test_files_that_are_no_archive_are_refused(tmp_path):
    wrong = tmp_path / "wrong.zip"
    for content in (b"", b"PK", pickle.dumps({"config": {}})):
        wrong.write_bytes(content)
        with pytest.raises(InputError, match="is no model of mlip"):
            mlip_nb.potential(wrong)
    with zipfile.ZipFile(wrong, "w") as archive:
        archive.writestr("data.pkl", pickle.dumps({}))
    with pytest.raises(InputError, match="is no model of mlip.*hyperparams.json"):
        mlip_nb.potential(wrong)
    with pytest.raises(InputError, match="cannot be read"):
        mlip_nb.potential(tmp_path / "nothing.zip")


def test_instadeep_weights_that_are_a_pickle_are_refused(tmp_path):
    file = write_instadeep(tmp_path)
    with zipfile.ZipFile(file) as whole:
        told = whole.read("hyperparams.json")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("hyperparams.json", told)
        archive.writestr("params.npz", pickle.dumps({FIRST: np.zeros(1)}))
    with pytest.raises(InputError, match="params.npz is damaged, or holds no numbers"):
        mlip_nb.potential(file)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_family": "other"}, "no NequIP network of 94 elements: model_family other"),
        ({"n_elements": 2}, "94 elements: model_family nequip, 2 elements"),
        ({"hidden_irreps": "nonsense"}, "its package cannot build"),
        ({"num_basis": 5}, r"float32 \(4,\) and should be float \(5,\)"),
        ({"graph_net_steps": 1}, "without a place.*NequIPConvolution_1"),
        ({"graph_net_steps": 3}, "lacks the tensor params/NequIPConvolution_2"),
    ],
)
def test_folders_of_other_networks_are_refused(changes, message, tmp_path):
    folder = write_gnome(tmp_path)
    (folder / "config.json").write_text(json.dumps(GNOME | changes))
    with pytest.raises(InputError, match=message):
        mlip_nb.potential("gnome", folder=folder)


def test_checkpoints_that_are_none_are_refused(tmp_path):
    folder = write_gnome(tmp_path)
    for content in (b"", b"\xc1", pickle.dumps({"1": {}})):
        (folder / "checkpoint_0").write_bytes(content)
        with pytest.raises(InputError, match="is no checkpoint of flax"):
            mlip_nb.potential("gnome", folder=folder)
    (folder / "checkpoint_1").touch()
    with pytest.raises(InputError, match="has 2 checkpoints; leave one"):
        mlip_nb.potential("gnome", folder=folder)
    (folder / "config.json").write_text("[]")
    with pytest.raises(InputError, match="describes no network of jax_md"):
        mlip_nb.potential("gnome", folder=folder)
    with pytest.raises(InputError, match="config.json cannot be read"):
        mlip_nb.potential("gnome", folder=tmp_path / "nowhere")


def test_a_package_that_is_imported_in_another_precision_changes_nothing(tmp_path, monkeypatch):
    """It sees the settings of the process, and they are what they were, in the context and after it."""
    (tmp_path / "greedy.py").write_text(
        "import jax\nimport jax.numpy as jnp\nmade = jnp.ones(1)\njax.config.update('jax_enable_x64', False)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with jax.enable_x64(False):
        package = load("greedy", install="nothing")
        assert not jax.config.jax_enable_x64
    assert jax.config.jax_enable_x64
    assert package.made.dtype == "float64"


def test_a_missing_package_is_told_with_the_command_that_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nequix", None)
    monkeypatch.setitem(sys.modules, "nequix.model", None)
    file = tmp_path / "some.nqx"
    file.write_text(json.dumps(NEQUIX) + "\n")
    with pytest.raises(InputError, match="nequix cannot be imported.*pip install"):
        mlip_nb.potential(file)
    with pytest.raises(InputError, match="no_such_package is not installed; run: pip install no_such_package"):
        mlip_nb.potential("ase", calculator="no_such_package.ase:Calculator")
    monkeypatch.setitem(sys.modules, "mace", None)
    with pytest.raises(InputError, match="mace is not installed; run: pip install mace-torch"):
        mlip_nb.potential("ase", calculator="mace.calculators:MACECalculator")


@pytest.mark.parametrize("ending", [".pt", ".pth", ".pkl", ".model"])
def test_pickles_are_refused_unopened(ending, tmp_path):
    with pytest.raises(InputError, match="may be a pickle.*never opened.*calculator"):
        mlip_nb.potential(tmp_path / f"some{ending}")


class Single(Calculator):
    """As calculators on PyTorch are: single precision, no energies of atoms, results in arrays of their own kind."""

    implemented_properties = ["energy", "free_energy", "forces", "stress"]

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        away = (atoms.positions[:, None] - atoms.get_center_of_mass()).astype("float32")[:, 0]
        energy = np.float32(0.5) * np.sum(away**2)
        self.results = {
            "energy": energy,
            "free_energy": energy,
            "forces": -away,
            "stress": np.float32([1, 2, 3, 4, 5, 6]) * energy / np.float32(atoms.get_volume()),
        }


def test_a_calculator_in_single_precision_keeps_its_numbers(alloy):
    check_agreement(from_calculator(Single()), alloy, Single())
