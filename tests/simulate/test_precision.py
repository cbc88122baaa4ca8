"""Single, double and mixed precision: what is kept in which."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.simulate import NVE, draw_momenta
from mlip_nb.simulate.walls import PlaneWalls
from mlip_nb.system import from_ase
from mlip_nb.workflows import MD

from .oscillators import run


@pytest.fixture(scope="module")
def frames():
    """The same 300 steps of silicon at 600 K three times."""
    system = mlip_nb.load("Si", repeat=2)
    system = system.with_momenta(draw_momenta(system, 600 * units.KELVIN, key=jax.random.PRNGKey(0)))

    def frames(precision):
        potential = mlip_nb.potential("stillinger-weber", species="Si", precision=precision)
        integrator = NVE().integrator(1 * units.FEMTOSECOND)
        return run(system.astype(potential.spec.state_precision), potential, integrator, {}, steps=300, every=10)

    return {precision: frames(precision) for precision in ("float64", "float32", "mixed")}


@pytest.mark.physics
def test_mixed_precision_keeps_positions_and_sums_in_double(frames):
    assert {leaf.dtype for leaf in jax.tree.leaves(frames["mixed"])} == {np.dtype(float), np.dtype("int32")}
    assert frames["float32"].positions.dtype == np.float32


def test_mixed_precision_computes_forces_in_single(frames):
    """They differ from those in double, and by no more than single precision explains."""
    error = np.abs(frames["mixed"].forces[0] - frames["float64"].forces[0]).max()
    assert 1e-9 < error < 1e-4


@pytest.mark.parametrize("kind", ["cluster", "small cell", "sheet", "crystal"])
def test_mixed_precision_does_not_depend_on_where_things_are(kind):
    """A shift of 1e4 Å changes forces by rounding in single precision, as at the origin, with every kind of table."""
    here = from_ase(_argon(kind))
    there = dataclasses.replace(here, positions=here.positions + jnp.array([1e4, -1e4, 1.1e4]))

    def forces(system, precision):
        options = {"epsilon": 0.0104, "sigma": 3.4, "cutoff": 6.0, "precision": precision}
        return np.asarray(mlip_nb.potential("lennard-jones", **options).evaluate(system).forces)

    exact = forces(here, "float64")
    rounding = 32 * np.finfo("float32").eps * np.abs(exact).max()
    np.testing.assert_allclose(forces(here, "mixed"), exact, atol=rounding, rtol=0)
    np.testing.assert_allclose(forces(there, "mixed"), exact, atol=rounding, rtol=0)


def _argon(kind: str) -> Atoms:
    """Argon with rattled atoms: four without a cell, and in cells with explicit images and without."""
    atoms = bulk("Ar", "fcc", a=5.4, cubic=True).repeat(3 if kind == "crystal" else 1)
    atoms.rattle(0.3, seed=1)
    atoms.pbc = {"cluster": False, "sheet": (True, True, False)}.get(kind, True)
    if kind == "cluster":
        atoms.cell = None
    elif kind == "sheet":
        atoms = atoms.repeat((3, 3, 1))
        atoms.cell[2] = 0
    return atoms


def test_mixed_precision_leaves_walls_where_they_stand():
    """An atom leans on a wall far from the origin as it does in double."""
    atoms = Atoms("Ar2", positions=[[1e4 - 0.5, 0, 5], [1e4 + 3.5, 0, 5]], cell=[2e4, 0, 0])
    system, wall = from_ase(atoms), PlaneWalls(axes=("x",), low=1e4, strength=1.0)

    def start(precision):
        potential = mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=6.0, precision=precision)
        return MD(ensemble=NVE(), steps=1, every=1, walls=wall).run(system, potential).forces.values[0]

    np.testing.assert_allclose(start("mixed"), start("float64"), atol=1e-7)
    assert start("mixed")[0, 0] > 0.9


def test_mixed_precision_adds_up_as_double_does(frames):
    """Steps taken back lead to the start: no digit of a position is lost by adding a small step to it."""

    def lost(precision):
        potential = mlip_nb.potential("stillinger-weber", species="Si", precision=precision)
        there = frames[precision]
        start = mlip_nb.load("Si", repeat=2).astype(potential.spec.state_precision)
        turned = eqx.tree_at(lambda s: s.positions, start, jnp.asarray(there.positions[-1]))
        turned = turned.with_momenta(-jnp.asarray(there.momenta[-1]))
        integrator = NVE().integrator(1 * units.FEMTOSECOND)
        back = run(turned, potential, integrator, {}, steps=300, every=10)
        return np.abs(back.positions[-1].astype(float) - there.positions[0]).max()

    assert lost("mixed") < 0.4 * lost("float32")
