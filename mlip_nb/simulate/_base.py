"""The state of a simulation, the integrator that moves it, and the ensemble a user picks."""

import abc
from collections.abc import Callable, Mapping
from typing import ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, PyTree

from ..params import Params
from ..potentials import Parts
from ..registry import Registry
from ..schedule import Schedule
from ..system import System
from ._ring import Ring, from_beads, over_beads, to_beads

ensembles: Registry["Ensemble"] = Registry("ensemble", "mlip_nb.simulate")
"""Every ensemble known by name."""

Surface = Callable[[Float[Array, "3 atoms"], Float[Array, "3 3"]], Parts]
"""Positions, cell -> energies of atoms, forces, strain derivative; all in the order of the state.

What an integrator does not use is not computed: XLA drops it.
"""


class CorrectedSurface(NamedTuple):
    """That of a potential in two parts."""

    cheap: Surface
    correction: Surface

    def __call__(self, positions: Float[Array, "3 atoms"], cell: Float[Array, "3 3"]) -> Parts:
        """The sum."""
        return jax.tree.map(jnp.add, self.cheap(positions, cell), self.correction(positions, cell))


BeadParts = tuple[Float[Array, "beads atoms"], Float[Array, "beads 3 atoms"], Float[Array, "beads 3 3"]]
"""The same of every bead."""

Controls = Mapping[str, Float[Array, ""]]
"""Values of the `Live` parameters at the present step, internal units; traced, so that a slider never recompiles."""


class MDState(eqx.Module):
    """All that is needed to continue, and nothing else.

    Atoms are columns, in the order of the neighbour table: near in space is near in memory, and masses
    broadcast over `[3, atoms]` as they are. `order` leads back to the caller's order.
    """

    positions: Float[Array, "3 atoms"]
    momenta: Float[Array, "3 atoms"]
    forces: Float[Array, "3 atoms"]
    masses: Float[Array, " atoms"]
    numbers: Int[Array, " atoms"]
    order: Int[Array, " atoms"]
    """The caller's index of each column."""
    cell: Float[Array, "3 3"]
    bath: PyTree
    """What the integrator carries along: random keys, thermostat variables."""
    step: Int[Array, ""]
    freedom: Float[Array, ""]
    """Degrees of freedom that carry kinetic energy: what temperature, thermostat and barostat count by."""
    strain: Float[Array, "3 3"] | None = None
    """dE/dε at the positions, eV; for integrators that change the cell."""
    mobile: Bool[Array, " atoms"] | None = None
    """False for atoms that are held in place: no force, no noise, no momentum. None: every atom moves."""
    ring: Ring | None = None
    """The other modes of ring polymers; positions, momenta and forces are then those of centroids. None: points."""

    @property
    def beads(self) -> Float[Array, "beads 3 atoms"]:
        """Positions of all beads, Å; a point particle is one."""
        return self.positions[None] if self.ring is None else to_beads(self.positions, self.ring.positions)

    @property
    def bead_forces(self) -> Float[Array, "beads 3 atoms"]:
        """Forces on all beads, eV/Å."""
        return self.forces[None] if self.ring is None else to_beads(self.forces, self.ring.forces)

    @property
    def bead_momenta(self) -> Float[Array, "beads 3 atoms"]:
        """Momenta of all beads, where modes have the mass of their atom."""
        return self.momenta[None] if self.ring is None else to_beads(self.momenta, self.ring.momenta)

    @property
    def velocities(self) -> Float[Array, "3 atoms"]:
        """Å per internal time unit."""
        return self.momenta / self.masses

    @property
    def kinetic_energy(self) -> Float[Array, ""]:
        """eV."""
        return kinetic_energy(self.momenta, self.masses)

    def reorder(self, order: Int[Array, " atoms"]) -> "MDState":
        """The same state with its columns taken in another order."""
        sorted_ = eqx.tree_at(_per_atom, self, [leaf[..., order] for leaf in _per_atom(self)])
        ring = jax.tree.map(lambda leaf: leaf[..., order], self.ring)
        return sorted_ if ring is None else eqx.tree_at(lambda s: s.ring, sorted_, ring)

    @property
    def temperature(self) -> Float[Array, ""]:
        """k_B T of the momenta, eV."""
        return 2 * self.kinetic_energy / self.freedom

    def in_callers_order(self, values: Float[Array, "3 atoms"]) -> Float[Array, "atoms 3"]:
        """Columns of this state as rows in the caller's order."""
        return values.T[jnp.argsort(self.order)]

    def system(self, pbc: tuple[bool, bool, bool]) -> System:
        """Positions, masses and momenta in the order of this state."""
        return System(self.positions.T, self.numbers, self.masses, self.cell, self.momenta.T, pbc)


def pulled(state: MDState, parts: BeadParts) -> MDState:
    """The state with these forces, and the strain derivative where it is kept."""
    centroid, modes = from_beads(parts[1])
    state = eqx.tree_at(lambda s: s.forces, state, centroid)
    if state.ring is not None:
        state = eqx.tree_at(lambda s: s.ring.forces, state, modes)
    return state if state.strain is None else eqx.tree_at(lambda s: s.strain, state, parts[2].mean(axis=0))


class AbstractIntegrator(eqx.Module):
    """One step of one equation of motion."""

    timestep: eqx.AbstractVar[float]
    """Internal units."""
    order: eqx.AbstractClassVar[int]
    """Order of the error of sampled averages in the timestep; measured by the tests, not believed."""
    conserves_momentum: eqx.AbstractClassVar[bool]
    """True when the total momentum stays what it was: three degrees of freedom fewer."""
    changes_cell: ClassVar[bool] = False
    """True for a barostat: it moves `state.cell`, reads `state.strain` and keeps it up to date."""

    @property
    def shears(self) -> bool:
        """True when the angles of the cell may change."""
        return False

    @property
    def hydrostatic(self) -> bool:
        """True when of `state.strain` only the trace is read."""
        return False

    @property
    def holds_center(self) -> bool:
        """True when the total momentum is held at zero, though friction and noise act on each atom."""
        return False

    @abc.abstractmethod
    def bath(self, state: MDState, *, key: PRNGKeyArray) -> PyTree:
        """What the integrator carries along, at the start."""

    @abc.abstractmethod
    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """The state one timestep later; the last evaluation is at its positions and cell."""

    def reached(self, state: MDState, controls: Controls) -> MDState | None:
        """Where one step asks for forces, found without any: they are spared where the table does not serve.

        None for integrators whose velocities tell well enough; others have `landed`, and both make a step.
        """
        return None

    def landed(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """The rest of the step that `reached` has begun: all of it where it begins none."""
        return self.step(state, surface, controls)

    @abc.abstractmethod
    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The quantity the exact equation of motion keeps constant, eV."""

    def ring(self, state: MDState) -> Ring | None:
        """Ring polymers at the start, for integrators that move them."""
        return None

    def felt(self, state: MDState, surface: Surface, controls: Controls) -> tuple[BeadParts, Float[Array, ""], MDState]:
        """The surface at every bead as averages take it, the energy (eV) of which the mean forces are the slope, and
        the state with the forces of its positions."""
        parts = over_beads(lambda positions: surface(positions, state.cell), state.beads)
        return parts, parts[0].mean(axis=0).sum(), pulled(state, parts)

    def watched(self, state: MDState) -> Float[Array, "beads 3 atoms"]:
        """Where the surface is asked for, so that a table must have all pairs there: the beads, or farther out."""
        return state.beads

    def observe(self, state: MDState, parts: BeadParts, surface: Surface, controls: Controls) -> dict[str, Array]:
        """More that is recorded of a frame, by names of its own; atoms in the caller's order, internal units.

        `parts` are those that are felt at every bead of the state.
        """
        return {}

    def thermal_momenta(self, state: MDState) -> Float[Array, "3 atoms"]:
        """Momenta at the temperature of the bath; not those of the state where a splitting biases them."""
        return state.momenta


class Ensemble(Params):
    """What is held constant; builds the integrator that does it."""

    registry: ClassVar[Registry] = ensembles

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """The integrator for a timestep in internal units."""
        raise NotImplementedError

    def prepare(self, system: System, timestep: float) -> None:
        """Refuse, before anything is compiled, a system or a timestep (internal units) that does not suit."""

    @property
    def initial_temperature(self) -> float:
        """k_B T of the velocities drawn when the system brings none, eV."""
        value = self.internal("temperature")
        return value.at(0.0) if isinstance(value, Schedule) else value


def kinetic_energy(momenta: Float[Array, "3 atoms"], masses: Float[Array, " atoms"]) -> Float[Array, ""]:
    """eV."""
    return 0.5 * jnp.sum(momenta**2 / masses)


def _per_atom(state: MDState) -> list:
    always = [state.positions, state.momenta, state.forces, state.masses, state.numbers, state.order]
    return always if state.mobile is None else [*always, state.mobile]
