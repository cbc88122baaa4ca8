"""The minimum below a structure: compiled steps, and a table of neighbours that is made anew when atoms leave it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from ..errors import InputError
from ..potentials import AbstractPotential
from ..system import System
from .coordinates import Coordinates, Point, Vector
from .minimisers import LBFGS, AbstractMinimiser
from .surface import Surface

_SKIN = 1.0
"""Å."""
_CHUNK = 100
"""Steps that are taken before the host looks."""


@dataclasses.dataclass(frozen=True)
class Relaxed:
    """Where a relaxation has come to."""

    system: System
    converged: bool
    interrupted: bool
    """Ended by Ctrl-C."""
    surface: Surface
    """Its neighbours serve at the end."""
    trace: dict[str, Float[np.ndarray, " iteration"]]
    """`enthalpy` (eV), `force` (eV/Å) and `stress` (eV/Å³) by iteration, the start first."""

    def unbroken(self) -> "Relaxed":
        """Itself, for what is made of ends only.

        **Raises:** `KeyboardInterrupt` where Ctrl-C ended it.
        """
        if self.interrupted:
            raise KeyboardInterrupt
        return self


def relax(
    system: System,
    potential: AbstractPotential,
    coordinates: Coordinates,
    *,
    minimiser: AbstractMinimiser | None = None,
    surface: Surface | None = None,
    force: float = 1e-4,
    stress: float = 1e-6,
    steps: int = 1000,
    watch: Callable[[int, float], None] = lambda iteration, force: None,
) -> Relaxed:
    """The structure where no force is longer than `force` (eV/Å) and no stress larger than `stress` (eV/Å³).

    A `surface` from a relaxation of the same atoms before saves a compilation. `watch` is told the iteration and the
    longest force, each time the host looks. Ctrl-C ends it and keeps what there is (`Relaxed.interrupted`).

    **Raises:** `InputError` when energies are not finite at the start, and for what the potential cannot evaluate.
    """
    minimiser = minimiser or LBFGS()
    system = dataclasses.replace(system.astype(potential.spec.state_precision), momenta=None)
    surface = Surface.of(system, potential, _SKIN) if surface is None else surface.renewed(system)
    goal = _Goal(jnp.asarray(float(force)), jnp.asarray(float(stress)), jnp.asarray(steps))
    walk = _begin(surface, coordinates, minimiser, coordinates.start(system))
    if not np.isfinite(float(walk.here.value)):
        raise InputError("the energy is not finite at the start; are atoms on top of each other?")
    traces, interrupted = [np.asarray(_row(walk.here))[:, None]], False
    try:
        while not bool(goal.reached(walk.here)) and int(walk.taken) < steps:
            before = int(walk.taken)
            walk, surface = _renewed(
                system, coordinates, _advance(surface, coordinates, minimiser, walk, goal), surface
            )
            traces.append(np.asarray(walk.trace)[:, : int(walk.taken) - before])
            watch(int(walk.taken), float(walk.here.force))
    except KeyboardInterrupt:
        interrupted = True
    energies, forces, stresses = np.concatenate(traces, axis=1).astype(float)
    return Relaxed(
        system=_moved(system, coordinates, walk),
        converged=bool(goal.reached(walk.here)),
        interrupted=interrupted,
        surface=surface,
        trace={"enthalpy": energies, "force": forces, "stress": stresses},
    )


class _Goal(eqx.Module):
    """When it is over."""

    force: Float[Array, ""]
    stress: Float[Array, ""]
    steps: Int[Array, ""]

    def reached(self, here: Point) -> Bool[Array, ""]:
        return (here.force <= self.force) & (here.stress <= self.stress)


class _Walk(eqx.Module):
    """A relaxation on its way."""

    here: Point
    memory: Any
    taken: Int[Array, ""]
    trace: Float[Array, "3 iterations"]
    """Of the steps of this chunk."""
    inside: Bool[Array, ""]
    """False when the place that was proposed last lies outside the table."""


@eqx.filter_jit
def _begin(surface: Surface, coordinates: Coordinates, minimiser: AbstractMinimiser, x: Vector) -> _Walk:
    here = coordinates.point(surface, x)
    trace = jnp.zeros((3, _CHUNK), x.dtype)
    return _Walk(here, minimiser.begin(here), jnp.zeros((), jnp.int32), trace, jnp.ones((), bool))


@eqx.filter_jit
def _advance(
    surface: Surface, coordinates: Coordinates, minimiser: AbstractMinimiser, walk: _Walk, goal: _Goal
) -> _Walk:
    """Until it is over, the chunk is full, or a step leaves the table."""
    began = walk.taken

    def goes_on(walk: _Walk):
        return ~goal.reached(walk.here) & (walk.taken < goal.steps) & (walk.taken - began < _CHUNK) & walk.inside

    def step(walk: _Walk) -> _Walk:
        x, memory = minimiser.propose(walk.memory, walk.here)
        inside = surface.serves(*coordinates.place(x))
        here, learned = minimiser.judge(memory, walk.here, coordinates.point(surface, x))
        stays = (walk.here, minimiser.cautious(memory))
        here, memory = jax.tree.map(lambda one, other: jnp.where(inside, one, other), (here, learned), stays)
        trace = walk.trace.at[:, walk.taken - began].set(_row(here))
        return _Walk(here, memory, walk.taken + 1, trace, inside)

    return jax.lax.while_loop(goes_on, step, eqx.tree_at(lambda w: w.inside, walk, jnp.ones((), bool)))


def _row(here: Point) -> Float[Array, "3"]:
    return jnp.stack([here.value, here.force, here.stress])


def _renewed(system: System, coordinates: Coordinates, walk: _Walk, surface: Surface) -> tuple[_Walk, Surface]:
    """With a table made where it stands, when a step led out of the former one."""
    return walk, surface if bool(walk.inside) else surface.renewed(_moved(system, coordinates, walk))


def _moved(system: System, coordinates: Coordinates, walk: _Walk) -> System:
    return eqx.tree_at(lambda s: (s.positions, s.cell), system, coordinates.place(walk.here.x))
