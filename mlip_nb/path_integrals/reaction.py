"""Ring polymers held at a dividing surface, and set free there: all of them side by side in one program."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from ..neighbors import automatic_skin
from ..potentials import AbstractPotential
from ..schedule import Ladder
from ..simulate import (
    BAOAB,
    AbstractIntegrator,
    AbstractMiddle,
    Chunk,
    Layout,
    MDState,
    draw_momenta,
    from_beads,
    simulate,
    start_state,
)
from ..simulate._replicas import pick
from ..system import System
from ._modes import Physical
from .beads import largest_spread
from .constraint import Constrained, Released, slope_at, square_of
from .coordinates import AbstractCoordinate
from .integrator import MIDDLE, RingPolymer
from .propagators import Cayley

_SMALL = 256
"""Coordinates of all beads up to which replicas are faster all at once on a CPU, too."""
_NO_CUTOFF = 1.0
"""Å, the skin of a table that has no pairs."""


@dataclasses.dataclass(frozen=True)
class Reaction:
    """Ring polymers on their way along a coordinate; internal units."""

    system: System
    potential: AbstractPotential
    coordinate: AbstractCoordinate
    kT: float
    beads: int
    timestep: float
    friction: float
    seed: int

    def constrained(
        self, targets: Float[np.ndarray, " replica"], pulling: int, steps: int, every: int
    ) -> Iterator[Chunk]:
        """A replica at each of these values, to which it is pulled from the system in the first steps."""
        key, origin = jax.random.PRNGKey(self.seed), self.coordinate(self._start.positions)
        thermostat = BAOAB(self.timestep)
        integrator = Constrained(self._polymer(1.0, thermostat), self.coordinate, origin, pulling)
        states = [start_state(self._moving(one), integrator, key=one) for one in jax.random.split(key, len(targets))]
        controls = {"temperature": self.kT, "friction": self.friction, "coordinate": Ladder(tuple(map(float, targets)))}
        return self._simulated(states, integrator, controls, steps, every)

    def released(
        self, beads: Float[np.ndarray, "pair beads atoms 3"], sense: float, steps: int, every: int
    ) -> Iterator[Chunk]:
        """Two replicas from each of these places, without thermostat and with opposite momenta, drawn by their flux:
        first all that cross in this sense (1: the coordinate grows), then the others."""
        integrator = Released(self._polymer(0.0, None), self.coordinate)
        keys = jax.random.split(jax.random.fold_in(jax.random.PRNGKey(self.seed), 1), len(beads))
        template = start_state(self._moving(keys[0]), integrator, key=keys[0])
        away = _launched(template, self.coordinate, jnp.asarray(beads), jnp.asarray(sense * self.kT**0.5), keys)
        # Cut into states on the host: on the device each cut would be a program.
        halves = [jax.tree.map(np.asarray, half) for half in (away, _reversed(away))]
        states = [pick(half, index) for half in halves for index in range(len(keys))]
        states[0] = jax.device_put(states[0])
        return self._simulated(states, integrator, {"temperature": self.kT}, steps, every)

    @property
    def _start(self) -> System:
        return self.system.astype(self.potential.spec.state_precision)

    def _moving(self, key: PRNGKeyArray) -> System:
        start = self._start
        return start.with_momenta(draw_momenta(start, self.kT, key=key))

    def _polymer(self, damping: float, centroid: AbstractMiddle | None) -> RingPolymer:
        return RingPolymer(
            timestep=self.timestep,
            beads=self.beads,
            splitting=MIDDLE,
            propagator=Cayley(),
            inertia=Physical(),
            damping=damping,
            centroid=centroid,
        )

    def _simulated(
        self, states: Sequence[MDState], integrator: AbstractIntegrator, controls: Mapping, steps: int, every: int
    ) -> Iterator[Chunk]:
        return simulate(
            states,
            self.potential,
            integrator,
            lambda step: (controls, steps + 1),
            pbc=self.system.pbc,
            steps=steps,
            every=every,
            skin=self._skin,
            layout=self._layout(len(states)),
        )

    @property
    def _skin(self) -> float:
        """What classical atoms need, and twice as far as a bead may be from its centroid."""
        if not self.potential.cutoff:
            return _NO_CUTOFF
        cost = self.potential.edge_cost
        least = automatic_skin(self._start, self.potential.cutoff, self.kT, self.timestep, edge_cost=cost)
        return least + 2 * largest_spread(np.asarray(self.system.masses, float), self.kT, self.beads)

    def _layout(self, replicas: int) -> Layout:
        usual = Layout.of_machine(replicas, 0)
        small = 3 * len(self.system.numbers) * self.beads <= _SMALL and self.potential.differentiable
        return dataclasses.replace(usual, together=usual.together or small)


@eqx.filter_jit
def _launched(
    template: MDState,
    coordinate: AbstractCoordinate,
    beads: Float[Array, "pair beads atoms 3"],
    speed: Float[Array, ""],
    keys: Array,
) -> MDState:
    r"""States with these beads and thermal momenta, but that the velocity of the coordinate over $\sqrt{z}$, of thermal
    width |speed|, is drawn by Rayleigh's law: how often it crosses, not how often it is there."""

    def launch(places, key):
        position, modes = from_beads(jnp.swapaxes(places, 1, 2).astype(template.positions.dtype))
        own, other, across = jax.random.split(key, 3)
        width = jnp.abs(speed) * jnp.sqrt(template.masses)
        momenta = width * _normal(template, own, position)
        slope = slope_at(coordinate, template, position)
        square = square_of(slope, template)
        chance = jax.random.uniform(across, dtype=position.dtype, minval=jnp.finfo(position.dtype).tiny)
        crossing = speed * jnp.sqrt(-2 * jnp.log(chance) / square)
        momenta = momenta + slope * (crossing - jnp.sum(slope * momenta / template.masses) / square)
        swinging = width * _normal(template, other, modes)
        leaves = (position, momenta, modes, swinging)
        return eqx.tree_at(lambda s: (s.positions, s.momenta, s.ring.positions, s.ring.momenta), template, leaves)

    return jax.vmap(launch)(beads, keys)


def _normal(template: MDState, key: PRNGKeyArray, like: Array) -> Array:
    """Normal numbers, none for atoms held in place."""
    drawn = jax.random.normal(key, like.shape, like.dtype)
    return drawn if template.mobile is None else jnp.where(template.mobile, drawn, 0)


def _reversed(state: MDState) -> MDState:
    return eqx.tree_at(lambda s: (s.momenta, s.ring.momenta), state, (-state.momenta, -state.ring.momenta))
