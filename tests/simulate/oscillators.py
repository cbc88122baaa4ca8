"""Independent harmonic oscillators: the system whose every average and trajectory is known in closed form."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from mlip_nb.potentials import AbstractPotential, Edges, PotentialSpec
from mlip_nb.potentials._base import Parts
from mlip_nb.simulate import MDState, simulate, start_state
from mlip_nb.system import System


class Counter(list):
    """A list that is one static value: the same potential stays the same to the compiler."""

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class OscillatorsSpec(PotentialSpec):
    """Takes any element."""

    def build(self) -> "Oscillators":
        """Oscillators of unit stiffness."""
        return Oscillators(1.0)


class Oscillators(AbstractPotential):
    """½ k r² for each atom, about the origin. Counts how often it is traced."""

    stiffness: float = eqx.field(static=True)
    traced: list = eqx.field(static=True, default_factory=Counter)
    cutoff: float = eqx.field(static=True, default=0.0)
    spec: PotentialSpec = eqx.field(static=True, default=OscillatorsSpec())

    def compute(self, edges: Edges) -> Parts:
        self.traced.append(1)
        return self.parts(edges.positions)

    def parts(self, positions) -> Parts:
        energies = 0.5 * self.stiffness * jnp.sum(positions**2, axis=0)
        forces = -self.stiffness * positions
        return energies, forces, -forces @ positions.T


class Wells(AbstractPotential):
    """½ k x² + ¼ q x⁴ for each coordinate, with a k of its own for each axis: ergodic where oscillators are not."""

    stiffness: tuple[float, float, float] = eqx.field(static=True, default=(1.0, 1.3, 1.7))
    quartic: float = eqx.field(static=True, default=1.0)
    cutoff: float = eqx.field(static=True, default=0.0)
    spec: PotentialSpec = eqx.field(static=True, default=OscillatorsSpec())

    def compute(self, edges: Edges) -> Parts:
        return self.parts(edges.positions)

    def parts(self, positions) -> Parts:
        x, k = positions, jnp.array(self.stiffness, positions.dtype)[:, None]
        forces = -(k * x + self.quartic * x**3)
        return jnp.sum(0.5 * k * x**2 + 0.25 * self.quartic * x**4, axis=0), forces, -forces @ x.T


def surface_of(potential: AbstractPotential):
    """What an integrator sees of a potential without neighbours."""
    return lambda positions, cell: potential.parts(positions)


def march(state: MDState, integrator, controls, potential, steps) -> MDState:
    """So many steps at once, outside the loop; the first forces are the caller's. Compiled once for any number."""
    return _march(state, integrator, traced(controls, state), potential, jnp.int32(steps))


@eqx.filter_jit
def _march(state: MDState, integrator, controls, potential, steps) -> MDState:
    surface = surface_of(potential)
    return jax.lax.fori_loop(0, steps, lambda _, state: integrator.step(state, surface, controls), state)


def traced(controls, state: MDState):
    """Controls as the loop hands them on."""
    return {name: jnp.asarray(value, state.positions.dtype) for name, value in controls.items()}


def trajectory(state: MDState, integrator, controls, potential, *, samples: int, every: int):
    """States and conserved quantity after every so many steps."""
    return _trajectory(state, integrator, traced(controls, state), potential, samples, jnp.int32(every))


@eqx.filter_jit
def _trajectory(state: MDState, integrator, controls, potential, samples: int, every):
    def go(state, _):
        state = march(state, integrator, controls, potential, every)
        energy = surface_of(potential)(state.positions, state.cell)[0].sum()
        return state, (state, integrator.conserved(state, energy, controls))

    return jax.lax.scan(go, state, length=samples)[1]


def begin(system: System, integrator, potential, *, seed=0, freedom=None, mobile=None) -> MDState:
    """A state with its forces; every momentum is thermalised in an outer field unless `freedom` says otherwise."""
    state = start_state(system, integrator, key=jax.random.PRNGKey(seed), mobile=mobile)
    count = state.momenta.size if freedom is None else freedom
    forces = surface_of(potential)(state.positions, state.cell)[1]
    forces = forces if mobile is None else jnp.where(mobile, forces, 0)
    return eqx.tree_at(lambda s: (s.forces, s.freedom), state, (forces, jnp.asarray(count, forces.dtype)))


def moving(atoms: int, seed: int = 0, dtype: str = "float64") -> System:
    """Unit masses, positions and momenta normal."""
    rng = np.random.default_rng(seed)
    positions, momenta = (jnp.asarray(rng.normal(size=(atoms, 3))) for _ in range(2))
    system = at_rest(atoms)
    moving = System(positions, system.numbers, system.masses, system.cell, momenta, system.pbc)
    return moving.astype(dtype)


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


def run(system, potential, integrator, controls, *, steps, every=1, seed=0, skin=1.0, freedom=None):
    """All frames of a simulation, leaves concatenated."""
    state = start_state(system, integrator, key=jax.random.PRNGKey(seed))
    if freedom is not None:
        state = eqx.tree_at(lambda s: s.freedom, state, jnp.asarray(freedom, state.freedom.dtype))
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
