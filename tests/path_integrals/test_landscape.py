"""The energy of a structure in mass-weighted coordinates: its derivatives, its rigid motions, atoms that are held."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.path_integrals._landscape import Landscape
from mlip_nb.path_integrals._rigid import RigidMotions
from mlip_nb.path_integrals.stationary import find_minimum


@pytest.fixture(scope="module")
def silicon():
    return mlip_nb.load("Si", repeat=1)


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber")


def test_slopes_and_hessians_are_derivatives(silicon, potential):
    """Of structures that leave the first table of neighbours, too; some atoms are held."""
    mobile = jnp.arange(8) < 3
    masses = jnp.linspace(1.0, 30.0, 8)
    landscape = Landscape(dataclasses.replace(silicon, mobile=mobile, masses=masses), potential)
    rng = np.random.default_rng(0)
    ring = landscape.start + 0.1 * rng.normal(size=(3, 9))
    ring[2] += landscape.roots * np.tile([0.8, 0.0, 0.0], 3)
    step, along = 1e-4, rng.normal(size=9)
    (ahead, slopes), (behind, others) = (landscape.slopes(ring + sign * step * along) for sign in (1, -1))
    np.testing.assert_allclose(landscape.slopes(ring)[1] @ along, (ahead - behind) / (2 * step), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(landscape.hessians(ring) @ along, (slopes - others) / (2 * step), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(landscape.positions(ring)[:, 3:], np.asarray(silicon.positions)[None, 3:].repeat(3, 0))


@pytest.mark.physics
def test_a_crystal_has_three_rigid_motions_and_none_beside_atoms_that_are_held(silicon, potential):
    """Its vibrations do not know which atom is called the first, nor where the cell begins."""
    landscape = Landscape(silicon, potential)
    assert RigidMotions(landscape, landscape.start).free.tolist() == [True] * 3 + [False] * 3
    found = find_minimum(landscape)
    assert len(found.squares) == 3 * 8 - 3
    moved = dataclasses.replace(silicon, positions=silicon.positions[::-1] + 0.7)
    np.testing.assert_allclose(find_minimum(Landscape(moved, potential)).squares, found.squares, rtol=1e-6)
    held = Landscape(dataclasses.replace(silicon, mobile=jnp.arange(8) > 0), potential)
    assert not RigidMotions(held, held.start).free.any()


def test_all_atoms_held_is_told(silicon, potential):
    with pytest.raises(InputError, match="all atoms are held in place; free those that react"):
        Landscape(dataclasses.replace(silicon, mobile=jnp.zeros(8, bool)), potential)
