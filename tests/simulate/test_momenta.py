"""Initial momenta and degrees of freedom."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk, molecule

from mlip_nb.simulate import degrees_of_freedom, draw_momenta
from mlip_nb.system import from_ase


@pytest.mark.parametrize(
    ("atoms", "freedom"),
    [
        (bulk("Si", cubic=True), 21),
        (molecule("H2O"), 3),
        (molecule("CO2"), 4),
        (molecule("H2"), 1),
        (molecule("H"), 3),
    ],
    ids=["crystal", "bent molecule", "linear molecule", "dimer", "atom"],
)
def test_degrees_of_freedom_leave_out_what_is_conserved(atoms, freedom):
    system = from_ase(atoms)
    assert degrees_of_freedom(system, conserves_momentum=True) == freedom
    assert degrees_of_freedom(system, conserves_momentum=False) == 3 * len(atoms)


@pytest.mark.parametrize("name", ["H2O", "CO2", "C6H6"])
def test_molecule_starts_without_drift_and_rotation(name):
    system = from_ase(molecule(name))
    momenta = draw_momenta(system, 0.025, key=jax.random.PRNGKey(1))
    center = jnp.sum(system.masses[:, None] * system.positions, axis=0) / system.masses.sum()
    angular = jnp.sum(jnp.cross(system.positions - center, momenta), axis=0)
    np.testing.assert_allclose(momenta.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(angular, 0, atol=1e-10)


def test_kinetic_energy_is_half_kT_for_each_degree_of_freedom():
    """Mean over 2000 draws within 5 standard errors."""
    system = from_ase(molecule("H2O"))
    kT = 0.025
    keys = jax.random.split(jax.random.PRNGKey(2), 2000)
    momenta = jax.vmap(lambda key: draw_momenta(system, kT, key=key))(keys)
    kinetic = np.sum(np.asarray(momenta) ** 2 / np.asarray(system.masses)[:, None], axis=(1, 2)) / 2
    expected = degrees_of_freedom(system, conserves_momentum=True) * kT / 2
    assert abs(kinetic.mean() - expected) < 5 * kinetic.std() / np.sqrt(len(kinetic))
