"""Trained potentials in files: nothing is lost on the way, and what is not a whole file of ours is refused."""

import dataclasses
import io
import json
import pickle
import re
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save, save_file

import mlip_nb
from mlip_nb.errors import InputError, StorageError
from mlip_nb.potentials import load_weights, potentials, read_header, save_weights
from mlip_nb.system import from_ase

from .examples import SMALL, crystal

CARD = {"origin": "40 frames of SiGe, PBE", "licence": "CC-BY-4.0", "errors": {"forces": 0.03}, "hash": "ab" * 32}
SHAPES = [(("Si",), 1), (("Si",), 2), (("Si", "Ge", "C"), 1), (("Si", "Ge", "C"), 2)]


def build(**parameters):
    return potentials["gaunt"](**SMALL | {"precision": "float64"} | parameters).build()


@pytest.fixture(scope="module")
def potential():
    return build()


@pytest.fixture
def path(potential, tmp_path) -> Path:
    return save_weights(potential, tmp_path / "sige.safetensors", CARD)


def leaves(potential) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(eqx.filter(potential, eqx.is_array))]


def rewrite(path: Path, *, tensors=None, header=None, without=()) -> None:
    """The same file with other tensors, or other entries of our header."""
    with safe_open(path, framework="numpy") as file:
        text = file.metadata()["mlip_nb"]
    text = header if isinstance(header, str) else json.dumps(json.loads(text) | (header or {}))
    kept = {name: tensor for name, tensor in load_file(path).items() if name not in without}
    save_file(kept | (tensors or {}), path, {"mlip_nb": text})


def refusal(path: Path) -> str:
    """What is said, in a line, whoever reads the file."""
    with pytest.raises(InputError) as caught:
        load_weights(path)
    with pytest.raises(InputError):
        mlip_nb.potential(str(path))
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("precision", ["float64", "float32", "mixed"])
@pytest.mark.parametrize(("symbols", "layers"), SHAPES)
def test_nothing_is_lost_on_the_way(symbols, layers, precision, tmp_path):
    potential = build(symbols=symbols, layers=layers, precision=precision)
    again = load_weights(save_weights(potential, tmp_path / "p.safetensors"))
    assert again.spec == potential.spec
    assert jax.tree.structure(again) == jax.tree.structure(potential)
    for ours, theirs in zip(leaves(again), leaves(potential), strict=True):
        assert (ours.dtype, ours.shape, ours.tobytes()) == (theirs.dtype, theirs.shape, theirs.tobytes())
    assert again.fingerprint == potential.fingerprint


@pytest.mark.parametrize(("symbols", "layers"), SHAPES)
def test_energies_and_forces_are_those_of_the_potential_that_was_saved(symbols, layers, tmp_path):
    potential = build(symbols=symbols, layers=layers)
    path = save_weights(potential, tmp_path / "p.safetensors")
    system = from_ase(crystal(potential.spec))
    expected, found = (
        one.evaluate(system, stress=True) for one in (potential, mlip_nb.potential(path, precision="float64"))
    )
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-13)
    assert abs(expected.forces).max() > 0


def test_precision_is_the_reader_s_choice(path, potential):
    single = load_weights(path, precision="mixed")
    assert single.spec.precision == "mixed"
    for ours, theirs in zip(leaves(single), leaves(potential), strict=True):
        np.testing.assert_array_equal(ours, theirs.astype("float32"))
    assert mlip_nb.potential(path).spec.precision == "mixed"
    assert refusal_of(lambda: mlip_nb.potential(path, precision="float16")).startswith("precision: ")


def test_no_random_numbers_are_drawn_to_load(path, monkeypatch):
    draw, keys = jax.random.normal, []
    monkeypatch.setattr(jax.random, "normal", lambda key, *shape: (keys.append(key), draw(key, *shape))[1])
    load_weights(path)
    assert keys
    assert all(isinstance(key, jax.core.Tracer) for key in keys)


def test_header_tells_what_the_file_is(path):
    header = read_header(path)
    assert (header["format"], header["family"], header["units"]) == (1, "gaunt", "eV, Å")
    assert header["elements"] == ["Si", "Ge"]
    assert header["card"] == CARD
    assert potentials.build(header["specification"]).symbols == ("Si", "Ge")
    assert {"embedding", "first.invariants.mixing", "first.network.bias", "readout"} <= set(load_file(path))


def test_specification_tells_elements_origin_and_licence_of_its_file(path, potential, tmp_path):
    spec = potentials.build(str(path))
    assert (spec.elements, spec.origin, spec.licence) == (("Si", "Ge"), CARD["origin"], CARD["licence"])
    silent = potentials.build(str(save_weights(potential, tmp_path / "silent.safetensors")))
    assert (silent.origin, silent.licence) == ("the file", "that of the file")


def test_fingerprint_is_that_of_the_weights_wherever_the_file_lies(path, potential, tmp_path):
    def fingerprint(path):
        return mlip_nb.potential(path, precision="float64").fingerprint

    elsewhere = save_weights(potential, tmp_path / "copy.safetensors")
    assert fingerprint(elsewhere) == fingerprint(path) == potential.fingerprint
    changed = eqx.tree_at(lambda p: p.scale, potential, 2 * potential.scale)
    assert fingerprint(save_weights(changed, elsewhere, overwrite=True)) != potential.fingerprint


def test_a_potential_in_use_needs_its_file_no_more(path):
    trained = mlip_nb.potential(path)
    path.unlink()
    assert np.isfinite(trained.evaluate(from_ase(crystal(trained.spec))).energy)


def test_a_file_written_anew_is_read_anew(path, potential):
    spec = potentials.build(str(path))
    turned = save_weights(build(symbols=("Ge", "Si")), path, overwrite=True)
    again = spec.build()
    assert again.spec.elements == again.inner.spec.elements == ("Ge", "Si")
    assert again.fingerprint == load_weights(turned, precision="mixed").fingerprint


def test_a_trained_potential_travels_to_other_processes(path):
    trained = mlip_nb.potential(path)
    again = pickle.loads(pickle.dumps(trained))
    assert (again.spec, again.fingerprint) == (trained.spec, trained.fingerprint)


def test_a_file_by_its_path_is_the_potential_trained(path, monkeypatch):
    monkeypatch.setenv("HOME", str(path.parent))
    spec = potentials.build("~/sige.safetensors")
    assert (spec.registered_name, spec.file) == ("trained", path)
    assert potentials.build({"name": str(path), "precision": "float32"}).precision == "float32"
    with pytest.raises(InputError, match=r"^file: nowhere.safetensors is not there; give a file"):
        mlip_nb.potential("nowhere.safetensors")
    with pytest.raises(InputError, match=r"unknown potential 'weights.txt'"):
        mlip_nb.potential("weights.txt")


def refusal_of(action) -> str:
    with pytest.raises((InputError, StorageError)) as caught:
        action()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_exists_is_not_replaced_unless_asked(path, potential):
    before = path.read_bytes()
    assert "exists; overwrite it" in refusal_of(lambda: save_weights(potential, path))
    assert path.read_bytes() == before
    save_weights(build(weight_seed=1), path, overwrite=True)
    assert path.read_bytes() != before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_what_cannot_be_written_leaves_nothing_behind(path, potential, tmp_path):
    assert "is no folder" in refusal_of(lambda: save_weights(potential, tmp_path / "none" / "p.safetensors"))
    assert "is no folder" in refusal_of(lambda: save_weights(potential, path / "p.safetensors"))
    folder = tmp_path / "folder.safetensors"
    folder.mkdir()
    assert "Is a directory" in refusal_of(lambda: save_weights(potential, folder, overwrite=True))
    assert set(tmp_path.iterdir()) == {path, folder}


def test_what_could_not_be_loaded_is_not_saved(potential, tmp_path):
    def told(potential, name="p.safetensors", **card):
        message = refusal_of(lambda: save_weights(potential, tmp_path / name, card))
        assert not list(tmp_path.iterdir())
        return message

    assert "lennard-jones is not trained" in told(mlip_nb.potential("lennard-jones"))
    assert "save to p.pt.safetensors" in told(potential, "p.pt")
    assert "card: " in told(potential, frames=np.ones(3))
    assert "card: " in told(potential, error=float("nan"))
    wide = eqx.tree_at(lambda p: p.readout, potential, jnp.zeros((9, 2)))
    assert "readout has shape (9, 2), its specification asks for (8, 2)" in told(wide)
    broken = eqx.tree_at(lambda p: p.first.network.bias, potential, potential.first.network.bias.at[2].set(jnp.nan))
    assert "1 of 8 weights in first.network.bias are not finite" in told(broken)
    assert "tensor that is not of its specification, messages" in told(
        eqx.tree_at(lambda p: p.messages, potential, build(layers=2).messages, is_leaf=lambda leaf: leaf is None)
    )
    shorter = dataclasses.replace(potential, cutoff=4.0)
    assert "differs from its specification in more than weights" in told(shorter)


def numpy_file() -> bytes:
    file = io.BytesIO()
    np.save(file, np.ones(3))
    return file.getvalue()


def numpy_archive() -> bytes:
    file = io.BytesIO()
    np.savez(file, x=np.ones(3))
    return file.getvalue()


class Bomb:
    def __reduce__(self):
        return Path.touch, (Path("exploded"),)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"\x00", "not a safetensors file but something else"),
        (b"some text, much longer than a header's length", "not a safetensors file but something else"),
        (pickle.dumps(Bomb()), "a pickle, which could run any code"),
        (numpy_archive(), "a zip archive, as torch.save and numpy.savez write"),
        (numpy_file(), "a NumPy array"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d", "the pointer of Git LFS"),
        ((2 * 10**8).to_bytes(8, "little") + b"{" + 100 * b" ", "claims a header of 2e+08 bytes"),
        ((2**63).to_bytes(8, "little") + b"{" + 100 * b" ", "claims a header of"),
        ((5).to_bytes(8, "little") + b"{abc}" + 100 * b" ", "damaged or cut short"),
        (save({"x": np.ones(3)}), "another program"),
        (save({"x": np.ones(3)}, {"format": "pt"}), "another program"),
        (save({"x": np.ones(3)}, {"mlip_nb": "{"}), "header that is no JSON"),
        (save({"x": np.ones(3)}, {"mlip_nb": 100_000 * "["}), "header that is no JSON"),
        (save({"x": np.ones(3)}, {"mlip_nb": "[]"}), "header without its format"),
        (save({"x": np.ones(3)}, {"mlip_nb": '{"format": 1}'}), "header without its family, specification"),
    ],
)
def test_what_is_no_file_of_ours_is_named_and_not_run(data, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "other.safetensors"
    path.write_bytes(data)
    assert told in refusal(path)
    assert not Path("exploded").exists()


def test_neither_nothing_nor_a_folder_is_a_file(tmp_path):
    assert "is not there" in refusal(tmp_path / "nowhere.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    assert "is a folder" in refusal(tmp_path / "folder.safetensors")


@pytest.mark.parametrize("left", [4, 8, 100, 2000, -1])
def test_a_file_cut_short_is_refused(left, path):
    path.write_bytes(path.read_bytes()[:left])
    assert re.search("cut short|something else", refusal(path))


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ({"format": 2}, "written by a newer mlip_nb (format 2, this one knows 1); update"),
        ({"format": 0}, "header without its format"),
        ({"format": "1"}, "header without its format"),
        ({"card": None}, "header without its card"),
        ({"specification": 3}, "header without its specification"),
        ({"units": "Hartree, Bohr"}, "weights in Hartree, Bohr, not in eV, Å"),
        ({"family": "gaunts"}, "unknown family 'gaunts'"),
        ({"elements": ["Ge", "Si"]}, "is inconsistent"),
        ({"specification": {"symbols": ["Si", "Xx"]}}, "specification that is refused ('Xx' is no element)"),
        ({"specification": {"symbols": ["Si", "Ge"], "depth": 3}}, "specification that is refused (unknown parameter"),
        ({"specification": {}}, "is inconsistent"),
    ],
)
def test_a_header_that_says_something_else_is_refused(header, told, path):
    rewrite(path, header=header)
    assert told in refusal(path)


def test_a_file_cannot_choose_what_is_called(path, tmp_path):
    """A family that calls what its specification names is no family of weights."""
    calls = {"calculator": "pathlib:Path.touch", "arguments": json.dumps({"self": str(tmp_path / "exploded")})}
    rewrite(path, header={"family": "ase", "specification": calls})
    assert "unknown family 'ase'" in refusal(path)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"without": ("readout",)}, "has no tensor readout"),
        ({"tensors": {"second.network.bias": np.ones(3)}}, "not of its specification, second.network.bias"),
        ({"tensors": {"scale": np.ones(1)}}, "tensor scale has shape (1,), its specification asks for ()"),
        ({"tensors": {"readout": np.ones((2, 8))}}, "readout has shape (2, 8), its specification asks for (8, 2)"),
        ({"tensors": {"isolated": np.array([1, np.nan])}}, "1 of 2 weights in isolated are not finite"),
        ({"tensors": {"isolated": np.array([-np.inf, np.nan])}}, "2 of 2 weights in isolated are not finite"),
        ({"tensors": {"isolated": np.array([1, 2])}}, "tensor isolated is of I64"),
    ],
)
def test_weights_that_do_not_fit_are_named(changes, told, path):
    rewrite(path, **changes)
    assert told in refusal_of(lambda: load_weights(path))
    with pytest.raises(InputError):
        mlip_nb.potential(path)


def test_weights_too_large_for_the_precision_asked_for_are_named(path):
    rewrite(path, tensors={"scale": np.array(1e300)})
    assert load_weights(path).scale == 1e300
    assert "not finite float32" in refusal_of(lambda: load_weights(path, precision="mixed"))
