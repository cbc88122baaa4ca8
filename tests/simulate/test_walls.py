"""Walls: forces that follow from energies, energy that is conserved, atoms that stay inside."""

import dataclasses
import json

import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.simulate import NVE, NVTLangevin, degrees_of_freedom
from mlip_nb.simulate.walls import PlaneWalls, SphericalWall, walls
from mlip_nb.system import from_ase
from mlip_nb.workflows import MD, workflows

FORMS = ("harmonic", "lennard-jones")


@pytest.fixture(scope="module")
def gas():
    """Eight argon atoms in a corner of an empty box, without periodic images."""
    atoms = bulk("Ar", "fcc", a=5.6, cubic=True).repeat((2, 1, 1))
    atoms.positions += 3
    atoms.set_cell([20, 18, 16])
    atoms.pbc = False
    return from_ase(atoms)


@pytest.fixture(scope="module")
def argon():
    return mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0)


def _kinds(form: str):
    yield PlaneWalls(axes=("x", "y", "z"), form=form, strength=0.3, width=1.2)
    yield SphericalWall(radius=12.0, form=form, strength=0.3, width=1.2)


@pytest.mark.parametrize("form", FORMS)
def test_forces_are_minus_the_gradient(form, gas):
    """Central differences, atoms on either side of harmonic walls and close to the others."""
    rng = np.random.default_rng(0)
    for wall in _kinds(form):
        barrier = wall.barrier(gas)
        reach = 1.5 if form == "harmonic" else -0.6
        positions = _near(barrier, gas, rng, reach)
        energies, forces, strain = barrier.parts(positions)
        assert np.abs(forces).max() > 1e-3
        for axis in range(3):
            moved = [barrier.energies(positions.at[axis].add(step)) for step in (1e-5, -1e-5)]
            np.testing.assert_allclose(forces[axis], -(moved[0] - moved[1]) / 2e-5, atol=1e-7)
        np.testing.assert_allclose(strain, -forces @ positions.T, rtol=1e-12)
        assert energies.shape == (8,)


def _near(barrier, system, rng, reach: float):
    """Positions that lie within `reach` beyond a wall, or that far before it when negative."""
    middle = np.array([10.0, 9.0, 8.0])[:, None]
    ways = rng.normal(size=(3, 8))
    positions = middle + 0 * ways
    for _ in range(400):
        further = positions + 0.05 * ways / np.linalg.norm(ways, axis=0)
        deep = np.asarray(barrier.depths(jnp.asarray(further))).min(axis=0) > -reach
        positions = np.where(deep, further, positions)
    return jnp.asarray(positions)


def test_lennard_jones_wall_is_a_half_space_of_particles():
    """Minimum of 2/15 d⁻⁹ - d⁻³ at (2/5)^(1/6), depth √10/3; zero force there."""
    system = from_ase(Atoms("Ar", positions=[[0, 0, 3.0 * 0.4 ** (1 / 6)]], cell=[0, 0, 1e4], pbc=False))
    barrier = PlaneWalls(form="lennard-jones", strength=0.5, width=3.0).barrier(system)
    energies, forces, _ = barrier.parts(system.positions.T)
    assert energies[0] == pytest.approx(-0.5 * np.sqrt(10) / 3, rel=1e-9)
    assert abs(forces[2, 0]) < 1e-8
    (behind, closer), forces, _ = barrier.parts(jnp.array([[0, 0], [0, 0], [-1.0, 0.5999]]))
    assert behind > closer > 1e4
    assert float(forces[2, 0]) == pytest.approx(float(forces[2, 1]), rel=1e-3)


@pytest.mark.parametrize("form", FORMS)
def test_atoms_stay_inside_and_energy_is_conserved(form, gas, argon):
    """1.5 ps of a hot gas that hits all walls."""
    wall = PlaneWalls(axes=("x", "y", "z"), form=form, strength=1.0, width=2.0)
    hot = MD(ensemble=NVE(temperature=3000), timestep=0.5, steps=3000, every=30, walls=wall)
    data = hot.run(gas, argon)
    assert data.attrs["status"] == "finished"
    sizes = np.diag(gas.cell)
    slack = 3 if form == "harmonic" else 0.0
    assert data.positions.values.min() > -slack
    assert (data.positions.values < sizes + slack).all()
    assert np.any(data.positions.values[-1] - data.positions.values[0] < -2)
    np.testing.assert_allclose(data.conserved, data.conserved[0], atol=2e-3 * float(data.kinetic_energy[0]))


def test_degrees_of_freedom_count_what_walls_leave(gas):
    """Planes across z leave two momenta and one angular momentum, a box none, a sphere three angular momenta."""

    def left(wall):
        return degrees_of_freedom(gas, conserves_momentum=True, symmetry=wall and wall.symmetry(gas))

    assert left(None) == 24 - 6
    assert left(PlaneWalls()) == 24 - 3
    assert left(PlaneWalls(axes=("x", "y", "z"))) == 24
    assert left(SphericalWall(radius=20)) == 24 - 3
    periodic = dataclasses.replace(gas, pbc=(True, True, False))
    wall = PlaneWalls()
    assert degrees_of_freedom(periodic, conserves_momentum=True, symmetry=wall.symmetry(periodic)) == 24 - 2


@pytest.mark.parametrize(
    ("wall", "changes", "message"),
    [
        (PlaneWalls(), {"pbc": (False, False, True)}, "would cut a periodic lattice vector"),
        (PlaneWalls(high=4), {}, r"atom \d+ \(Ar\) at .* Å behind a wall"),
        (PlaneWalls(), {"cell": jnp.zeros((3, 3))}, "leave no room; give low and high"),
        (SphericalWall(radius=9), {"pbc": (True, False, False)}, "without periodic images"),
        (PlaneWalls(low=3, form="lennard-jones"), {}, r"atom 0 \(Ar\) at .* Å is exactly on a wall; move the walls"),
        (PlaneWalls(low=3.001, form="lennard-jones"), {}, "is 0.001 Å behind a wall"),
        (SphericalWall(radius=3), {}, "behind a wall; move the walls or the atoms"),
    ],
)
def test_walls_that_cannot_stand_there_are_refused(wall, changes, message, gas, argon):
    system = dataclasses.replace(gas, **changes)
    with pytest.raises(InputError, match=message):
        MD(walls=wall, steps=1).run(system, argon)


def test_walls_and_a_fixed_centre_exclude_each_other(gas, argon):
    with pytest.raises(InputError, match="leave one of them out"):
        MD(ensemble=NVTLangevin(fix_center=True), walls=PlaneWalls(), steps=1).run(gas, argon)


def test_walls_are_described_with_the_run():
    md = MD(walls=SphericalWall(radius=9, center=(1, 2, 3)))
    assert workflows.build(json.dumps(md.describe())) == md
    assert MD(walls="planes").walls == PlaneWalls()
    assert sorted(walls) == ["planes", "sphere"]
