"""Ring polymers in harmonic wells, whose every average at any number of beads is known in closed form."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from mlip_nb import units
from mlip_nb.neighbors import finder
from mlip_nb.path_integrals import LocalPILE, RingPolymer
from mlip_nb.potentials import AbstractPotential, Edges, Parts, PotentialSpec
from mlip_nb.simulate import Guards, MDState, start_state
from mlip_nb.system import System
from mlip_nb.workflows import PIMD

from ..simulate.oscillators import OscillatorsSpec, surface_of, traced

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
    return eqx.tree_at(lambda s: s.freedom, felt(state, integrator, potential), jnp.asarray(3.0 * atoms))


@eqx.filter_jit
def felt(state: MDState, integrator: RingPolymer, potential) -> MDState:
    """With the forces at its positions."""
    return integrator.felt(state, surface_of(potential), traced(CONTROLS, state))[2]


@eqx.filter_jit
def _go(state, integrator, controls, potential, steps):
    surface = surface_of(potential)
    return jax.lax.fori_loop(0, steps, lambda _, state: integrator.step(state, surface, controls), state)


def go(state: MDState, integrator: RingPolymer, potential, steps: int, **controls) -> MDState:
    """So many steps outside the loop."""
    return _go(state, integrator, traced(CONTROLS | controls, state), potential, jnp.int32(steps))


def energy(state: MDState, integrator: RingPolymer, potential) -> float:
    """The conserved quantity."""
    controls = traced(CONTROLS, state)
    _, mean, _ = integrator.felt(state, surface_of(potential), controls)
    return float(integrator.conserved(state, mean, controls))


class Polynomial(AbstractPotential):
    """ħω Σ c_n (x/a)^n of each coordinate about a site of its own; ħω is `quanta` kT, and a² = ħ/mω.

    In its own units ħ = m = ω = 1.
    """

    coefficients: tuple[float, ...] = eqx.field(static=True)
    quanta: float = eqx.field(static=True)
    cutoff: float = eqx.field(static=True, default=0.0)
    spec: PotentialSpec = eqx.field(static=True, default=OscillatorsSpec())

    def compute(self, edges: Edges) -> Parts:
        return self.parts(edges.positions)

    def parts(self, positions) -> Parts:
        energies, slope = jax.jvp(self._energies, (positions,), (jnp.ones_like(positions),))
        return energies.sum(axis=0), -slope, slope @ positions.T

    def _energies(self, positions):
        x = (positions - _sites(positions.shape[1])) / self.length
        return self.quantum * sum(c * x**n for n, c in enumerate(self.coefficients))

    @property
    def quantum(self) -> float:
        """ħω, eV."""
        return self.quanta * KT

    @property
    def length(self) -> float:
        """Å, for a mass of 1."""
        return units.HBAR / np.sqrt(self.quantum)

    def energy(self, beads: int, terms: tuple[tuple[float, float], ...] = ((1.0, 0.0),)) -> float:
        """Of one coordinate with this many beads, eV, by multiplying density matrices on a grid.

        Beads in turn have these parts of the energy and, times the square of a step, of the squared slope.
        """
        x = np.linspace(-9, 8, 400)
        step = self.quanta / beads
        energies = sum(c * x**n for n, c in enumerate(self.coefficients))
        slope = sum(n * c * x ** max(n - 1, 0) for n, c in enumerate(self.coefficients))

        def partition(step: float) -> float:
            free = (x[1] - x[0]) * np.exp(-((x[:, None] - x) ** 2) / (2 * step)) / np.sqrt(2 * np.pi * step)
            halves = [np.exp(-0.5 * step * (share * energies + square * step**2 * slope**2)) for share, square in terms]
            links = [a[:, None] * free * b for a, b in zip(halves, [*halves[1:], halves[0]], strict=True)]
            period = links[0] if len(links) == 1 else np.linalg.multi_dot([*links, np.eye(len(x))])
            return float(np.log(np.sum(np.linalg.eigvalsh(period) ** (beads // len(terms)))))

        change = 1e-4 * step
        return -self.quantum * (partition(step + change) - partition(step - change)) / (2 * change * beads)


def sampled(
    potential: Polynomial, *, beads: int, steps: int, seed: int = 0, every: int = 10, step: float = 0.3, **changes
):
    """The Dataset of 64 particles, each in a well of its own; ωh is `step`, and the centre of mass is thermalised."""
    omega = frequency_of(potential.quanta)
    ensemble = LocalPILE(beads=beads, friction=units.from_internal(omega, "1/ps"), **changes)
    timestep = units.from_internal(step / omega, "fs")
    # The step is long on purpose, and the conserved quantity wanders.
    options = {"timestep": timestep, "steps": steps, "every": every, "seed": seed, "guards": Guards(drift=1e4)}
    return PIMD(ensemble=ensemble, **options).run(scattered(64), potential)


def scattered(atoms: int) -> System:
    """Particles of mass 1, each at the site of its own well."""
    return System(
        positions=_sites(atoms).T,
        numbers=jnp.full(atoms, 1, jnp.int32),
        masses=jnp.ones(atoms),
        cell=jnp.zeros((3, 3)),
    )


def _sites(atoms: int):
    return jnp.broadcast_to(2.0 * jnp.arange(atoms), (3, atoms))


def evaluator(system: System, potential: AbstractPotential):
    """Energies, forces and stresses (eV/Å³) of beads, one by one, in a cell that may be strained; one program."""
    table = finder(potential.cutoff, 2.0).allocate(system)

    @jax.jit
    def go(beads, strain):
        def one(positions):
            here = dataclasses.replace(system, positions=positions, cell=system.cell @ (jnp.eye(3) + strain))
            found = potential.evaluate(here, table, stress=True)
            return found.energy, found.forces, found.stress

        return jax.lax.map(one, beads)

    return lambda beads, strain=0.0: go(jnp.asarray(beads), strain * jnp.eye(3))
