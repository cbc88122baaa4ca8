"""The Lennard-Jones fluid in reduced units, as argon and as a mixture of two masses."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
from ase.build import bulk

import mlip_nb
from mlip_nb.potentials import AbstractPotential
from mlip_nb.simulate import AbstractIntegrator, Frame, NVTLangevin, draw_momenta, simulate, start_state
from mlip_nb.system import System

EPSILON, SIGMA = 0.0104, 3.4
TAU = SIGMA * float(np.sqrt(39.948 / EPSILON))
"""Internal time unit of the reduced system."""
PRESSURE = EPSILON / SIGMA**3
"""eV/Å³ of the reduced unit of pressure."""
TIMESTEP = 0.005 * TAU


def lennard_jones(style: str = "smooth", reach: float = 2.0) -> AbstractPotential:
    """Cut off at `reach` diameters."""
    return mlip_nb.potential("lennard-jones", epsilon=EPSILON, sigma=SIGMA, cutoff=reach * SIGMA, style=style)


def crystal(density: float, repeat: int, temperature: float) -> System:
    """A face-centred cubic mixture: every second atom has twice the mass of the others, all else is alike."""
    argon = bulk("Ar", "fcc", a=SIGMA * (4 / density) ** (1 / 3), cubic=True).repeat(repeat)
    argon.set_masses(np.where(np.arange(len(argon)) % 2, 2, 1) * argon.get_masses())
    system = mlip_nb.from_ase(argon)
    return system.with_momenta(draw_momenta(system, temperature * EPSILON, key=jax.random.PRNGKey(0)))


@cache
def liquid(density: float, repeat: int, temperature: float) -> System:
    """The same, melted and brought to its temperature (reduced)."""
    start = crystal(density, repeat, 3 * temperature)
    controls = {"temperature": temperature * EPSILON, "friction": 2 / TAU}
    integrator = NVTLangevin().integrator(TIMESTEP)
    *_, last = frames_of(start, lennard_jones(), integrator, controls, steps=4000, every=4000, seed=1)
    moved = System(
        jnp.asarray(last.positions[-1]), start.numbers, start.masses, jnp.asarray(last.cell[-1]), None, start.pbc
    )
    return moved.with_momenta(draw_momenta(moved, temperature * EPSILON, key=jax.random.PRNGKey(2)))


def frames_of(system, potential, integrator: AbstractIntegrator, controls, *, steps, every, seed, skin=0.45 * SIGMA):
    """Frames of a simulation, chunk after chunk."""
    state = start_state(system, integrator, key=jax.random.PRNGKey(seed))
    chunks = simulate(
        state,
        potential,
        integrator,
        lambda step: (controls, steps + 1),
        pbc=system.pbc,
        steps=steps,
        every=every,
        skin=skin,
    )
    return (chunk.frames for chunk in chunks if len(chunk.frames.step))


def inner_pressure(frames: Frame) -> np.ndarray:
    """From the virial and the thermal momenta, eV/Å³."""
    doubled = np.trace(frames.flow - frames.strain_derivative, axis1=1, axis2=2)
    return doubled / (3 * np.abs(np.linalg.det(frames.cell)))
