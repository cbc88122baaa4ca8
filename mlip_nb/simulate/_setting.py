"""What precedes a trajectory: the request, the system accepted, momenta drawn, the state at step zero."""

from dataclasses import dataclass

import equinox as eqx
import jax
from jaxtyping import PRNGKeyArray, PyTree

from ..errors import InputError
from ..params import Count, Length, Params, Seed, Timestep
from ..potentials import AbstractPotential
from ..system import System, check
from ._base import AbstractIntegrator, Ensemble, MDState
from ._loop import start_state
from ._momenta import draw_momenta
from ._schedule import Script, script


class Request(Params):
    """How far to go."""

    timestep: Timestep
    """Length of a step."""
    steps: Count
    """Steps to take."""
    seed: Seed
    """Of momenta and noise."""
    skin: Length
    """How far beyond the cutoff neighbours are listed."""


@dataclass(frozen=True)
class Setting:
    """All that is known before the first step."""

    request: Request
    system: System
    """With momenta, in the precision of the potential."""
    state: MDState
    potential: AbstractPotential
    integrator: AbstractIntegrator
    script: Script
    kT: float
    """At the start, eV."""


def set_up(system: System, potential: AbstractPotential, ensemble: Ensemble, request: Request) -> Setting:
    """The start that `MD` makes with the same seed.

    **Raises:** `InputError` for what does not fit together, unless it is hidden by a transformation of JAX.
    """
    system = system.astype(potential.spec.state_precision)
    ensemble = ensemble.over(request.steps * request.timestep)
    timestep = request.internal("timestep")
    if is_known(system):
        check(held(system))
        potential.check(held(system))
        ensemble.prepare(held(system), timestep)
    draw, run = jax.random.split(jax.random.PRNGKey(request.seed))
    kT, integrator = ensemble.initial_temperature, ensemble.integrator(timestep)
    if system.momenta is None:
        system = system.with_momenta(draw_momenta(held(system), kT, key=draw))
    known = script(ensemble.controls(), system.positions.dtype)
    return Setting(request, system, _state(system, integrator, run), potential, integrator, known, kT)


def held(tree: PyTree) -> PyTree:
    """The same values, not differentiated: outside jit they can be looked at."""
    return jax.lax.stop_gradient(tree)


def is_known(tree: PyTree) -> bool:
    """True when the host can look at the values: not inside jit or vmap."""
    return not any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(held(tree)))


def _state(system: System, integrator: AbstractIntegrator, key: PRNGKeyArray) -> MDState:
    """Degrees of freedom are counted on the host, everything else may be differentiated."""
    try:
        state = start_state(held(system), integrator, key=key)
    except jax.errors.TracerArrayConversionError as error:
        raise InputError(
            "rotations of a system without periodic images are counted on the host, and jit or vmap hides its "
            "positions; call it outside, or close over the system"
        ) from error
    moving = (system.positions.T, system.momenta.T, system.masses, system.cell)
    state = eqx.tree_at(lambda s: (s.positions, s.momenta, s.masses, s.cell), state, moving)
    return eqx.tree_at(lambda s: s.bath, state, integrator.bath(state, key=key), is_leaf=lambda leaf: leaf is None)
