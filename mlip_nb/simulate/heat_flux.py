"""How fast energy moves: the heat flux of potentials whose energies belong to atoms."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import InputError
from ..neighbors import Neighbors, finder
from ..potentials import AbstractGraphPotential, AbstractPotential, Edges, Graph, is_local
from ..system import System


def heat_flux(
    potential: AbstractGraphPotential,
    system: System,
    neighbors: Neighbors,
    offsets: Float[Array, " atoms"] | float = 0.0,
) -> Float[Array, "3"]:
    r"""Heat flux times the volume, eV Å over the time unit, of a system with momenta.

    $$J = \frac{d}{dt} \sum_i r_i E_i = \sum_i E_i v_i + \sum_{ij} (r_i - r_j)\, \frac{\partial U_i}{\partial r_j}
    \cdot v_j$$

    exact for many-body potentials as long as an atom's energy $U_i$ depends on its own edges only (`check_local`): the
    sum over j is one over edges, by one gradient of the total energy. `offsets` (eV) are taken off the energies of
    atoms: a constant for each element changes no conductivity of a solid, but noise.

    ??? cite "Reference"
        Z. Fan, L. F. C. Pereira, H.-Q. Wang, J.-C. Zheng, D. Donadio, A. Harju, *Phys. Rev. B* **92**, 094301 (2015),
        doi:10.1103/PhysRevB.92.094301
    """
    assert system.momenta is not None
    order = neighbors.order
    momenta, masses = system.momenta[order].T, system.masses[order]
    velocities = momenta / masses
    edges = _edges(system, neighbors)
    vectors = jnp.stack(edges.vectors())

    def total(vectors):
        energies = potential.atomic_energies(potential.graph(edges, vectors))
        return energies.sum(), energies

    gradient, energies = jax.grad(total, has_aux=True)(vectors)
    kinetic = 0.5 * jnp.sum(momenta * velocities, axis=0)
    power = jnp.sum(gradient * velocities[:, neighbors.others], axis=0)
    carried = velocities @ (energies + kinetic - jnp.broadcast_to(offsets, masses.shape)[order])
    return carried - jnp.sum(vectors * power, axis=(1, 2))


def check_local(potential: AbstractPotential, system: System) -> None:
    """**Raises:** `InputError` for a potential without energies of atoms that depend on their own edges only."""
    if not isinstance(potential, AbstractGraphPotential):
        raise InputError(
            f"{potential.spec.registered_name} has no derivatives of energies of atoms, which a heat flux is made of; "
            "take a built-in or a trained potential"
        )
    if not bool(is_local(potential, _graph(potential, system.astype(potential.spec.state_precision)))):
        raise InputError(
            f"{potential.spec.registered_name} passes messages from atom to atom, and the heat flux is known here for "
            "energies that depend on an atom's own neighbours; take a potential of one layer"
        )


def _graph(potential: AbstractGraphPotential, system: System) -> Graph:
    table = finder(potential.cutoff, 0.0, reverse=True).allocate(system)
    edges = _edges(system, table)
    return potential.graph(edges, jnp.stack(edges.vectors()))


def _edges(system: System, table: Neighbors) -> Edges:
    return Edges(system.positions[table.order].T, system.cell, system.numbers[table.order], table)
