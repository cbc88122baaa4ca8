"""A short simulation as a differentiable function."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PyTree
from pydantic import model_validator

from ..params import Count
from ..potentials import AbstractPotential
from ..system import System
from ._base import Ensemble
from ._itinerary import itinerary
from ._plan import Plan, Verdict, carried_out
from ._setting import Request, set_up
from ._snapshot import Snapshot
from ._walk import Walk


class Rollout(eqx.Module):
    """What a rollout brings."""

    values: PyTree
    """What was observed; a leading axis of rows, the start first."""
    time: Float[Array, " frame"]
    """Of each row, fs."""
    complete: Bool[Array, ""]
    """False, which happens inside jit only: a neighbour table did not serve, and no value is a number."""
    plan: Plan = eqx.field(static=True)
    """Shapes that served: what a rollout inside jit needs."""


def rollout(
    system: System,
    potential: AbstractPotential,
    ensemble: Ensemble,
    *,
    timestep: float | str,
    steps: int,
    every: int | None = None,
    observe: Callable[[Snapshot], PyTree] | None = None,
    seed: int = 0,
    skin: float | str = 0.5,
    plan: Plan | None = None,
) -> Rollout:
    """A simulation that can be differentiated by the potential's parameters, positions, momenta and cell.

    ```python
    def temperature(snapshot):
        return snapshot.temperature

    def loss(potential):
        brought = mlip_nb.rollout(system, potential, mlip_nb.NVE(), timestep=1, steps=200, observe=temperature)
        return brought.values[-1]

    slopes = equinox.filter_grad(loss)(potential)
    ```

    `observe` takes a `Snapshot` and gives any tree of arrays; without one the snapshots themselves are the values. It
    sees the start and every multiple of `every` steps, which by default is the last step alone. The trajectory is that
    of `MD` with the same seed; noise stays the same whatever is varied. Both modes of differentiation work, as does
    `vmap`. Who is whose neighbour is not differentiated. A derivative by the cell leaves Cartesian positions where they
    are: for one by a strain, make positions and cell from it.

    **Cost:** a gradient takes as long as four to six simulations, and memory as the square root of the steps.

    **Horizon:** in a liquid, derivatives grow exponentially with time, whoever computes them. `lyapunov` tells how
    fast: beyond its horizon a gradient is an astronomical number without use, and averages want reweighting instead.

    **Jit:** outside, a rollout whose neighbour table did not serve is repeated with a better one. Inside, nobody can
    look: then no value is a number, and `complete` is False. There, traced positions need a `plan`, that of a rollout
    before. Define `observe` once: a new function is a new compilation.

    **Raises:** `InputError` for what does not fit together; `SimulationError` when an atom leaves the skin in one step.
    """
    request = _Request(timestep=timestep, steps=steps, every=every or steps, seed=seed, skin=skin)
    start = set_up(system, potential, ensemble, request)
    observe = observe or _everything

    def go(plan: Plan):
        return _go(start.state, potential, start.integrator, start.script, observe, plan, request.rows)

    verdict, values, plan = carried_out(go, start, plan)
    time = np.arange(request.rows[0] + 1) * request.every * request.timestep
    return Rollout(_spoilt(values, verdict.fine), jnp.asarray(time), verdict.fine, plan)


class _Request(Request):
    """How far to go and what to see."""

    every: Count
    """Steps from one row to the next."""

    @model_validator(mode="after")
    def _something_to_see(self) -> "_Request":
        if self.every > self.steps:
            raise ValueError(f"every ({self.every}) is more than steps ({self.steps}): there is nothing to see")
        return self

    @property
    def rows(self) -> tuple[int, int]:
        """How many, the start not counted, and the steps from one to the next."""
        return self.steps // self.every, self.every


@eqx.filter_jit
def _go(state, potential, integrator, script, observe, plan: Plan, rows: tuple[int, int]) -> tuple[Verdict, PyTree]:
    place, values = Walk(potential, integrator, script, observe, plan, itinerary(*rows, plan.interval))(state)
    return place.verdict, values


def _everything(snapshot: Snapshot) -> Snapshot:
    return snapshot


def _spoilt(values: PyTree, complete: Bool[Array, ""]) -> PyTree:
    """No number unless complete; a product, so that no derivative is one either."""
    factor = jnp.where(complete, 1.0, jnp.nan)
    return jax.tree.map(
        lambda value: value * factor.astype(value.dtype) if eqx.is_inexact_array(value) else value, values
    )
