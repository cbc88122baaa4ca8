"""Radial distributions: 1 of an ideal gas, the coordination of a crystal, the mean over beads."""

import json

import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.results import build_dataset


def dataset_of(positions, cell, symbols, **more):
    frames = len(positions)
    return build_dataset(
        {
            "step": np.arange(frames),
            "symbol": np.array(symbols),
            "positions": positions,
            "cell": np.broadcast_to(cell, (frames, 3, 3)),
            **more,
        },
        attrs={"pbc": json.dumps([True] * 3)},
    )


def test_an_ideal_gas_is_spread_evenly_in_a_sheared_cell():
    draws = np.random.default_rng(0)
    cell = np.array([[9.0, 0, 0], [3.0, 8.0, 0], [1.0, 2.0, 10.0]])
    gas = dataset_of(draws.uniform(size=(200, 40, 3)) @ cell, cell, ["Ar"] * 40)
    found = mlip_nb.radial_distribution(gas, cutoff=7.0, bins=35, discard=0)
    away = (found["radial_distribution"] - 1) / found["radial_distribution_error"]
    # Shells near zero hold too few pairs for an error to be normal.
    assert np.abs(away.values[5:]).max() < 4.5
    assert np.mean(away.values[5:] ** 2) == pytest.approx(1, abs=0.8)
    assert len(found.mlip.plot().axes) == 1


def test_a_crystal_has_its_neighbours_at_their_distances():
    atoms = bulk("NaCl", "rocksalt", a=5.6, cubic=True)
    still = dataset_of(np.stack([atoms.positions] * 3), atoms.cell.array, atoms.get_chemical_symbols())
    density = 4 / 5.6**3
    for pair, distance, neighbours in ((("Na", "Cl"), 2.8, 6), (("Na", "Na"), 5.6 / 2**0.5, 12)):
        found = mlip_nb.radial_distribution(still, pair=pair, cutoff=4.5, bins=450)
        r, g = found["distance"].values, found["radial_distribution"].values
        near = np.abs(r - distance) < 0.02
        shells = 4 / 3 * np.pi * ((r + 0.005) ** 3 - (r - 0.005) ** 3)
        partners = 4 if pair[0] != pair[1] else 3
        assert np.sum((g * shells)[near]) * density * partners / 4 == pytest.approx(neighbours, rel=1e-6)
        assert (g[(r < distance - 0.02)] == 0).all()


def test_beads_are_compared_within_their_slice():
    """The mean over slices of what each of them would give."""
    draws = np.random.default_rng(1)
    cell, beads = 8 * np.eye(3), draws.uniform(0, 8, size=(6, 3, 10, 3))
    run = dataset_of(beads.mean(axis=1), cell, ["Ne"] * 10, bead_positions=beads)
    slices = [dataset_of(beads[:, k], cell, ["Ne"] * 10) for k in range(3)]
    each = [mlip_nb.radial_distribution(one, discard=0)["radial_distribution"] for one in slices]
    np.testing.assert_allclose(mlip_nb.radial_distribution(run, discard=0)["radial_distribution"], sum(each) / 3)


def test_what_has_no_distribution_is_refused():
    run = dataset_of(np.zeros((3, 1, 3)), np.eye(3), ["Ne"])
    with pytest.raises(InputError, match="no atom is Ar; there are Ne"):
        mlip_nb.radial_distribution(run, pair=("Ar", "Ne"))
    with pytest.raises(InputError, match="periodic in all directions"):
        mlip_nb.radial_distribution(run.assign_attrs(pbc="[true, true, false]"))
