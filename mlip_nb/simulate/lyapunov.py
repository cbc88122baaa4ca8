"""How fast neighbouring trajectories part: the horizon of every derivative through dynamics."""

import math
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from .. import units
from ..errors import InputError
from ..potentials import AbstractPotential
from ..system import System
from ._base import AbstractIntegrator, Ensemble, MDState
from ._itinerary import Itinerary
from ._momenta import noise
from ._plan import Plan, Verdict, carried_out
from ._setting import Request, set_up
from ._walk import Walk

_TURNING = 0.25
"""Part of the run in which the perturbation still turns into the direction that grows fastest."""
_BLOCKS = 10
_SIGNIFICANT = 3.0
"""Standard errors."""
_FEWEST = 40
"""Times the perturbation is scaled back: enough for the blocks."""


@dataclass(frozen=True)
class Lyapunov:
    """The largest Lyapunov exponent, and what it means for derivatives."""

    exponent: float
    """Rate at which a small perturbation grows, 1/ps."""
    error: float
    """Its standard error, from blocks of the run, 1/ps."""
    precision: float
    """Relative size of a rounding error."""

    @property
    def horizon(self) -> float:
        """Time, fs, in which a rounding error grows to the size of the system; infinite where none is seen to grow.

        Beyond it neither the trajectory nor any derivative of it can be computed; what grows exp(λt)-fold stops
        being useful much earlier, within a few `folding` times.
        """
        return -math.log(self.precision) * self.folding

    @property
    def folding(self) -> float:
        """Time, fs, in which derivatives grow by a factor e; infinite where none is seen to grow."""
        return 1e3 / self.exponent if self.exponent > _SIGNIFICANT * self.error else math.inf

    def __str__(self) -> str:
        return (
            f"largest Lyapunov exponent {self.exponent:.3g} ± {self.error:.1g} 1/ps: derivatives grow e-fold in "
            f"{self.folding:.3g} fs, rounding errors fill the system after {self.horizon:.3g} fs"
        )


def lyapunov(
    system: System,
    potential: AbstractPotential,
    ensemble: Ensemble,
    *,
    timestep: float | str,
    steps: int,
    seed: int = 0,
    skin: float | str = 0.5,
) -> Lyapunov:
    """The largest Lyapunov exponent of a simulation, by a tangent run.

    A perturbation of positions, momenta and bath follows the linearised dynamics and is scaled back now and then; the
    exponent is the mean rate of its growth. The first quarter of the run, while it turns, is not counted. Start from an
    equilibrated system. Noise is the same for both trajectories. Costs three simulations.

    **Raises:** what `rollout` raises; `InputError` when there are too few steps for an error bar.

    ??? cite "Reference"
        G. Benettin, L. Galgani, A. Giorgilli, J.-M. Strelcyn, *Meccanica* **15**, 9 (1980), doi:10.1007/BF02128236
    """
    request = Request(timestep=timestep, steps=steps, seed=seed, skin=skin)
    if request.steps < _FEWEST:
        raise InputError(f"steps ({request.steps}) are too few for an error bar; take {_FEWEST} at least")
    start = set_up(system, potential, ensemble, request)
    key = jax.random.fold_in(jax.random.PRNGKey(request.seed), 1)

    def go(plan: Plan):
        march = min(plan.interval, request.steps // _FEWEST)
        legs = Itinerary(1, request.steps, march, 0, request.steps // march, 1)
        walk = Walk(potential, start.integrator, start.script, lambda snapshot: None, plan, legs)
        return _tangent_run(walk, start.state, key)

    _, (growth, time), _ = carried_out(go, start, None)
    return _summary(np.asarray(growth, float), units.from_internal(time, "fs"), float(jnp.finfo(growth.dtype).eps))


@eqx.filter_jit
def _tangent_run(walk: Walk, state: MDState, key: PRNGKeyArray) -> tuple[Verdict, tuple[Array, float]]:
    """Logarithms of the growth in each leg, and how long a leg is."""
    integrator, time = walk.integrator, walk.itinerary.march * walk.integrator.timestep
    place, _ = walk.begin(state)

    def leg(carry, _):
        place, tangent = carry
        moving, rest = _moving(place.state, integrator)

        def ahead(moving):
            there, _ = walk.leg(eqx.tree_at(lambda p: p.state, place, eqx.combine(moving, rest)))
            moved, kept = _moving(there.state, integrator)
            return moved, (kept, there)

        _, tangent, (kept, there) = jax.jvp(ahead, (moving,), (tangent,), has_aux=True)
        size = _size(tangent, kept.masses, time)
        return (there, jax.tree.map(lambda leaf: leaf / size, tangent)), jnp.log(size)

    (place, _), growth = jax.lax.scan(leg, (place, _kicked(place.state, integrator, key)), None, walk.itinerary.legs)
    return place.verdict, (growth, time)


def _moving(state: MDState, integrator: AbstractIntegrator) -> tuple[MDState, MDState]:
    """What a perturbation moves, and the rest."""
    moves = jax.tree.map(eqx.is_inexact_array, state)
    moves = eqx.tree_at(lambda s: (s.masses, s.freedom, s.cell), moves, (False, False, integrator.changes_cell))
    return eqx.partition(state, moves)


def _kicked(state: MDState, integrator: AbstractIntegrator, key: PRNGKeyArray) -> MDState:
    """Momenta perturbed at random, everything else as it is; of size one."""
    rest, _ = _moving(state, integrator)
    tangent = jax.tree.map(jnp.zeros_like, rest)
    tangent = eqx.tree_at(lambda t: t.momenta, tangent, jnp.sqrt(state.masses) * noise(state, key))
    size = _size(tangent, state.masses, 1.0)
    return jax.tree.map(lambda leaf: leaf / size, tangent)


def _size(tangent: MDState, masses: Float[Array, " atoms"], time: float) -> Float[Array, ""]:
    """Square root of an energy; which norm is taken does not matter in the long run."""
    return jnp.sqrt(jnp.sum(tangent.momenta**2 / masses) + jnp.sum(masses * (tangent.positions / time) ** 2))


def _summary(growth: np.ndarray, time: float, precision: float) -> Lyapunov:
    """Mean growth rate of the later legs; `time` of one in fs."""
    late = growth[int(_TURNING * len(growth)) :] / time * 1e3
    blocks = [block.mean() for block in np.array_split(late, _BLOCKS)]
    return Lyapunov(float(late.mean()), float(np.std(blocks, ddof=1) / math.sqrt(_BLOCKS)), precision)
