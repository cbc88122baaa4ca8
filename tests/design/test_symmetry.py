"""Designs that keep their space group."""

import jax
import numpy as np
import pytest
import spglib

import mlip_nb
from mlip_nb.design import Arrangement, freedom_of, variables_of
from mlip_nb.statics import Symmetry

CRYSTALS = {
    "diamond": ({"source": "Si"}, 0, 1),
    "wurtzite": ({"source": "SiC", "crystal": "wurtzite", "a": 3.08}, 1, 2),
    "hcp": ({"source": "Ar", "crystal": "hcp", "a": 3.7}, 0, 2),
}
"""How each is loaded, its free coordinates of atoms, and those of its cell."""


def group_of(system, here):
    cell = np.asarray(here.cell)
    places = np.asarray(here.positions) @ np.linalg.inv(cell)
    return spglib.get_spacegroup((cell, places, np.asarray(system.numbers)), symprec=1e-5)


@pytest.mark.parametrize("name", CRYSTALS)
def test_coordinates_are_those_of_wyckoff_and_keep_the_space_group(name):
    options, shifts, bends = CRYSTALS[name]
    system = mlip_nb.load(**options)
    free = freedom_of(system, positions=True, cell="full", symmetry=Symmetry.of(system))
    assert (len(free.displacements), len(free.strains)) == (shifts, bends)
    start = Arrangement(system.positions, system.cell)
    for seed in range(3):
        along = 0.1 * jax.random.normal(jax.random.key(seed), (free.size,))
        there = free.changed(along, start)
        assert np.abs(np.asarray(there.cell - start.cell)).max() > 1e-3
        assert group_of(system, there) == group_of(system, start)


def test_sites_that_are_alike_have_one_species():
    """Every second layer of a cell that was doubled, once the first is of another element."""
    atoms = mlip_nb.to_ase(mlip_nb.load("Ar", a=5.3, repeat=(1, 1, 2)))
    atoms.numbers[atoms.positions[:, 2] < 0.1] = 36
    system = mlip_nb.load(atoms)
    potential = mlip_nb.potential("lennard-jones", cutoff=7.0)
    variables = variables_of(system, potential, ("species",), elements=("Ar", "Kr"), symmetry=Symmetry.of(system))
    change = variables.change(jax.random.normal(jax.random.key(0), (variables.size,)))
    weights = np.asarray(variables.medium(change, 1.0).weights)
    for orbit in np.unique(Symmetry.of(system).orbits):
        members = Symmetry.of(system).orbits == orbit
        assert np.ptp(weights[:, members], axis=1).max() == 0
    assert 2 <= variables.size // 2 < len(system.numbers)
