"""Ring polymers in harmonic wells, whose every average at any number of beads is known in closed form."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from mlip_nb import units
from mlip_nb.path_integrals import RingPolymer
from mlip_nb.simulate import MDState, from_beads, over_beads, start_state
from mlip_nb.system import System

from ..simulate.oscillators import surface_of, traced

KT = units.to_internal(300.0, "K")
CONTROLS = {"temperature": KT, "friction": 0.2, "thermostat_time": 10.0}


def frequency_of(quanta: float) -> float:
    """Angular frequency, internal units, with ħω = `quanta` kT."""
    return quanta * KT / units.HBAR


def polymers(integrator: RingPolymer, potential, *, atoms: int = 1, mass: float = 1.0, seed: int = 0) -> MDState:
    """A state somewhere, with its forces; every momentum carries kinetic energy."""
    rng = np.random.default_rng(seed)
    width, momentum = 0.1, np.sqrt(mass * KT)
    system = System(
        positions=jnp.asarray(width * rng.normal(size=(atoms, 3))),
        numbers=jnp.full(atoms, 1, jnp.int32),
        masses=jnp.full(atoms, mass),
        cell=jnp.zeros((3, 3)),
        momenta=jnp.asarray(momentum * rng.normal(size=(atoms, 3))),
    )
    state = start_state(system, integrator, key=jax.random.PRNGKey(seed))
    shape = state.ring.positions.shape
    moved = jnp.asarray(width * rng.normal(size=shape)), jnp.asarray(momentum * rng.normal(size=shape))
    state = eqx.tree_at(lambda s: (s.ring.positions, s.ring.momenta), state, moved)
    return eqx.tree_at(lambda s: s.freedom, felt(state, potential), jnp.asarray(3.0 * atoms))


@eqx.filter_jit
def felt(state: MDState, potential) -> MDState:
    """With the forces at its positions."""
    surface = surface_of(potential)
    forces = from_beads(over_beads(lambda bead: surface(bead, state.cell)[1], state.beads))
    return eqx.tree_at(lambda s: (s.forces, s.ring.forces), state, forces)


@eqx.filter_jit
def _go(state, integrator, controls, potential, steps):
    surface = surface_of(potential)
    return jax.lax.fori_loop(0, steps, lambda _, state: integrator.step(state, surface, controls), state)


def go(state: MDState, integrator: RingPolymer, potential, steps: int, **controls) -> MDState:
    """So many steps outside the loop."""
    return _go(state, integrator, traced(CONTROLS | controls, state), potential, jnp.int32(steps))


def energy(state: MDState, integrator: RingPolymer, potential) -> float:
    """The conserved quantity."""
    surface = surface_of(potential)
    mean = over_beads(lambda bead: surface(bead, state.cell)[0].sum(), state.beads).mean()
    return float(integrator.conserved(state, mean, traced(CONTROLS, state)))
