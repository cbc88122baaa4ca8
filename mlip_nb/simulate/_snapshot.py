"""What a rollout shows of one instant."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .. import units
from ..potentials import Parts
from ._base import AbstractIntegrator, MDState


class Snapshot(eqx.Module):
    """One instant of a trajectory, atoms in the caller's order; names and units are those of stored runs.

    What is not used costs nothing.
    """

    step: Int[Array, "*frame"]
    time: Float[Array, "*frame"]
    """fs."""
    positions: Float[Array, "*frame atoms 3"]
    """Å, unwrapped."""
    momenta: Float[Array, "*frame atoms 3"]
    """Internal units: amu^0.5 eV^0.5."""
    forces: Float[Array, "*frame atoms 3"]
    """eV/Å."""
    masses: Float[Array, "*frame atoms"]
    """amu."""
    cell: Float[Array, "*frame 3 3"]
    """Lattice vectors in rows, Å."""
    potential_energy: Float[Array, "*frame"]
    """eV."""
    strain_derivative: Float[Array, "*frame 3 3"]
    """dE/dε, eV: minus the configurational virial."""
    flow: Float[Array, "*frame 3 3"]
    """Σ p ⊗ p / m, eV, of the momenta right after the thermostat: those of a step read low where a splitting biases
    them."""
    freedom: Float[Array, "*frame"]
    """Degrees of freedom that carry kinetic energy."""

    @property
    def velocities(self) -> Float[Array, "*frame atoms 3"]:
        """Å/fs."""
        return self.momenta / self.masses[..., None] / units.ANGSTROM_PER_FEMTOSECOND

    @property
    def kinetic_energy(self) -> Float[Array, "*frame"]:
        """eV."""
        return 0.5 * jnp.sum(self.momenta**2 / self.masses[..., None], axis=(-2, -1))

    @property
    def total_energy(self) -> Float[Array, "*frame"]:
        """eV."""
        return self.potential_energy + self.kinetic_energy

    @property
    def temperature(self) -> Float[Array, "*frame"]:
        """K, by `flow`."""
        return jnp.trace(self.flow, axis1=-2, axis2=-1) / (self.freedom * units.KELVIN)

    @property
    def volume(self) -> Float[Array, "*frame"]:
        """Å³; zero where no cell is defined."""
        return jnp.abs(jnp.linalg.det(self.cell))

    @property
    def stress(self) -> Float[Array, "*frame 3 3"]:
        """GPa, tension positive, kinetic part included; not a number where there is no volume."""
        return (self.strain_derivative - self.flow) / self.volume[..., None, None] / units.GIGAPASCAL

    @property
    def pressure(self) -> Float[Array, "*frame"]:
        """GPa, compression positive."""
        return -jnp.trace(self.stress, axis1=-2, axis2=-1) / 3


def snapshot(state: MDState, parts: Parts, integrator: AbstractIntegrator) -> Snapshot:
    """What there is to see of a state."""
    energies, forces, strain = parts
    thermal = integrator.thermal_momenta(state)
    rank = jnp.argsort(state.order)
    return Snapshot(
        step=state.step,
        time=state.step * jnp.asarray(units.from_internal(integrator.timestep, "fs"), state.positions.dtype),
        positions=state.positions.T[rank],
        momenta=state.momenta.T[rank],
        forces=forces.T[rank],
        masses=state.masses[rank],
        cell=state.cell,
        potential_energy=energies.sum(),
        strain_derivative=strain,
        flow=jnp.matmul(thermal / state.masses, thermal.T, precision="highest"),
        freedom=state.freedom,
    )
