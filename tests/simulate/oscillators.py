"""Independent harmonic oscillators: the system whose every average and trajectory is known in closed form."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from mlip_nb.potentials import AbstractPotential, Edges, PotentialSpec
from mlip_nb.potentials._base import Parts
from mlip_nb.simulate import simulate, start_state
from mlip_nb.system import System


class Counter(list):
    """A list that is one static value: the same potential stays the same to the compiler."""

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class OscillatorsSpec(PotentialSpec):
    """Takes any element."""


class Oscillators(AbstractPotential):
    """½ k r² for each atom, about the origin. Counts how often it is traced."""

    stiffness: float = eqx.field(static=True)
    traced: list = eqx.field(static=True, default_factory=Counter)
    cutoff: float = eqx.field(static=True, default=0.0)
    spec: PotentialSpec = eqx.field(static=True, default=OscillatorsSpec())

    def compute(self, edges: Edges) -> Parts:
        self.traced.append(1)
        energies = 0.5 * self.stiffness * jnp.sum(edges.positions**2, axis=0)
        forces = -self.stiffness * edges.positions
        return energies, forces, -forces @ edges.positions.T


def at_rest(atoms: int, displacement: float = 0.0) -> System:
    """Unit masses, displaced along x, without periodic images."""
    positions = jnp.zeros((atoms, 3)).at[:, 0].set(displacement)
    return System(
        positions=positions,
        numbers=jnp.full(atoms, 1, jnp.int32),
        masses=jnp.ones(atoms),
        cell=jnp.zeros((3, 3)),
        momenta=jnp.zeros((atoms, 3)),
    )


def run(system, potential, integrator, controls, *, steps, every=1, seed=0, skin=1.0):
    """All frames of a simulation, leaves concatenated."""
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
    frames = [chunk.frames for chunk in chunks]
    return jax.tree.map(lambda *pieces: np.concatenate(pieces), *frames)
