"""The potentials that come with the package: what their cards say, and how they behave."""

import re
from pathlib import Path

import jax
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.data import atomic_numbers, covalent_radii

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.learn import Labelled, Labels, errors, predictions, read_frames, split
from mlip_nb.potentials import potential, potentials
from mlip_nb.system import from_ase

from ..physics.zuo2020 import CRYSTALS
from .examples import PRETRAINED

ELEMENTS = [f"mlip-{symbol}" for symbol in CRYSTALS]
JOINT = [pytest.param("mlip-six", symbol, marks=pytest.mark.physics if symbol != "Si" else ()) for symbol in CRYSTALS]
CRYSTALLINE = [*((f"mlip-{symbol}", symbol) for symbol in CRYSTALS), *JOINT]
"""Every potential with every element that it was trained on as a crystal."""
CARD = ("summary", "origin", "licence", "command", "data", "training", "versions", "validity", "errors")


def element(name: str) -> str:
    return name.removeprefix("mlip-")


def unlabelled(structures: list[Atoms]) -> list[Labelled]:
    return [Labelled(from_ase(atoms), None, None, None, index=place) for place, atoms in enumerate(structures)]


def energies(name: str, structures: list[Atoms]) -> np.ndarray:
    return predictions(potential(name, precision="float64"), unlabelled(structures)).energies


@pytest.mark.parametrize("name", PRETRAINED)
def test_a_card_says_what_it_is_made_of(name):
    header = potentials[name]().header
    assert set(CARD) <= set(header["card"])
    assert header["specification"]["members"] >= 4
    assert "/" not in header["card"]["data"]["file"]
    assert header["card"]["errors"]["committee"]["force_rmse"] > 0
    assert "/" not in str(potentials[name]().describe())


def test_all_of_them_together_are_small():
    assert sum(potentials[name]().path.stat().st_size for name in PRETRAINED) < 8e6


def test_fewer_members_are_the_first_ones():
    whole, single, pair = (potential("mlip-Si", **given) for given in ({}, {"members": 1}, {"members": 2}))
    assert whole.inner.spec.members == 4
    assert pair.inner.spec.members == 2
    for all_of_them, two, one in zip(*(jax.tree.leaves(p.inner) for p in (whole, pair, single)), strict=True):
        np.testing.assert_array_equal(all_of_them[0], one)
        np.testing.assert_array_equal(all_of_them[:2], two)
    with pytest.raises(InputError, match="5 are asked for, and the file has 4"):
        potential("mlip-Si", members=5)


@pytest.mark.parametrize(("name", "symbol"), CRYSTALLINE)
def test_a_crystal_has_its_size(name, symbol):
    """That of the calculations it was trained on, within half a percent."""
    stretch = np.linspace(0.97, 1.03, 13)
    structures = [bulk(symbol, a=CRYSTALS[symbol].lattice * one, cubic=True) for one in stretch]
    fit = np.polynomial.Polynomial.fit(stretch, energies(name, structures), 4)
    (best,) = [root.real for root in fit.deriv().roots() if abs(root.imag) < 1e-9 and 0.97 < root.real < 1.03]
    assert best == pytest.approx(1, abs=0.005)


@pytest.mark.physics
@pytest.mark.parametrize("name", ELEMENTS)
def test_two_atoms_repel_below_the_shortest_distance_of_the_data(name):
    """More the closer they are, far into what nothing was trained on."""
    card = potentials[name]().header["card"]
    (shortest,) = re.findall(r"distances from ([\d.]+) Å", card["validity"])
    distances = np.linspace(0.3, float(shortest), 101)
    pairs = [Atoms([element(name)] * 2, [[0, 0, 0], [distance, 0, 0]]) for distance in distances]
    assert (np.diff(energies(name, pairs)) < 0).all()


def test_potentials_for_a_purpose_are_no_default_for_their_elements():
    assert potentials["mlip-acac"].default_rank is potentials["mlip-six"].default_rank is None
    assert potentials["mlip-Si"].default_rank is not None


@pytest.mark.physics
def test_errors_of_the_molecule_are_those_of_the_card(shared_data):
    frames = read_frames(shared_data / "acac" / "test_MD_300K.xyz.gz")
    found = errors(predictions(potential("mlip-acac"), frames), Labels.of(frames))
    for kind, value in potentials["mlip-acac"]().header["card"]["errors"]["committee"].items():
        assert float(found[kind]) == pytest.approx(value, rel=1e-3)


@pytest.mark.physics
@pytest.mark.parametrize("name", ELEMENTS)
def test_errors_are_those_of_the_card(name, shared_data):
    frames = frames_apart(shared_data / "zuo2020", element(name))
    found = errors(predictions(potential(name), frames), Labels.of(frames))
    for kind, value in potentials[name]().header["card"]["errors"]["committee"].items():
        assert float(found[kind]) == pytest.approx(value, rel=1e-3)


@pytest.mark.physics
@pytest.mark.parametrize("symbol", sorted(CRYSTALS))
def test_errors_of_the_joint_potential_are_those_of_the_card(symbol, shared_data):
    frames = frames_apart(shared_data / "zuo2020", symbol)
    found = errors(predictions(potential("mlip-six"), frames), Labels.of(frames))
    for kind, value in potentials["mlip-six"]().header["card"]["errors_by_test"][symbol].items():
        assert float(found[kind]) == pytest.approx(value, rel=1e-3)


def frames_apart(folder: Path, symbol: str) -> list[Labelled]:
    """The test set, or where there is none the frames that were kept from training."""
    apart = folder / f"{symbol}_test.xyz.gz"
    if apart.exists():
        return read_frames(apart)
    return list(split(read_frames(folder / f"{symbol}_train.xyz.gz"), validation=0.1, seed=0)[1])


@pytest.mark.physics
@pytest.mark.parametrize(("name", "symbol"), CRYSTALLINE)
def test_ten_picoseconds_at_1000_K_are_stable(name, symbol):
    """Single precision; no two atoms come closer than 70 % of the sum of their covalent radii."""
    crystal = from_ase(bulk(symbol, a=CRYSTALS[symbol].lattice, cubic=True).repeat(CRYSTALS[symbol].repeat))
    closest = 0.7 * 2 * covalent_radii[atomic_numbers[symbol]]
    md = mlip_nb.MD(
        ensemble=mlip_nb.NVTLangevin(temperature=1000, friction=2), timestep=2, time=10_000, every=25, seed=1
    )
    data = md.run(crystal, potential(name, precision="float32"))
    assert data.attrs["status"] == "finished", data.attrs["message"]
    frames = (data.mlip.to_ase(frame) for frame in range(0, data.sizes["frame"], 4))
    pairs = np.triu_indices(len(crystal.numbers), 1)
    shortest = min(atoms.get_all_distances(mic=True)[pairs].min() for atoms in frames)
    assert shortest > closest
