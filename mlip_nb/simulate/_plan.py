"""What a trajectory of fixed loops must know before it is compiled, and what changes when that did not do."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, PyTree

from ..errors import InputError, SimulationError
from ..neighbors import Grid
from ._room import fitting_grid
from ._setting import Setting, held, is_known

_FAST = 4.0
"""Speed of the fastest atom to be expected, in units of sqrt(kT/m) of the lightest."""
_LONGEST = 100
"""Steps a table may serve, however slow the atoms are."""
_SHORTER = 3
"""By what the steps a table may serve are divided when it did not."""
_ATTEMPTS = 8


@dataclass(frozen=True)
class Plan:
    """Static; it depends on the start, and is found on the host."""

    grid: Grid
    """Shapes of neighbour tables."""
    interval: int
    """Steps a table may serve."""


class Verdict(eqx.Module):
    """Whether the tables of a trajectory did."""

    fits: Bool[Array, "*replica"]
    """False: one had too little room."""
    serves: Bool[Array, "*replica"]
    """False: an atom left the skin before its table was replaced, or is nowhere."""

    @property
    def fine(self) -> Bool[Array, "*replica"]:
        """True when all is right."""
        return self.fits & self.serves


def carried_out(go: Callable[[Plan], tuple[Verdict, PyTree]], start: Setting, plan: Plan | None):
    """What `go` gives by a plan that does, and the plan; the one given, or one made for the start, is tried first.

    Inside jit nobody sees whether it does, and the first one has to.

    **Raises:** `InputError` when there is no plan and none can be made; `SimulationError` when none does.
    """
    plan = plan or _first_plan(start)
    for attempt in range(1, _ATTEMPTS + 1):
        verdict, result = go(plan)
        if not is_known(verdict) or bool(held(verdict.fine)):
            break
        plan = _shorter(plan, start) if bool(held(verdict.fits)) else _larger(plan, start, attempt)
    else:
        raise SimulationError(f"neighbour tables keep overflowing; {_CURE}")
    return verdict, result, plan


_CURE = "relax the structure first, and check that the potential covers it"


def _first_plan(start: Setting) -> Plan:
    system, request = held(start.system), start.request
    if not is_known(system):
        raise InputError(
            "jit or vmap hides the positions, and shapes of neighbour tables come from them; pass plan=, "
            "the `plan` of a rollout of the same system outside"
        )
    grid = fitting_grid([system], start.integrator, start.potential.cutoff, request.skin)
    velocities = np.asarray(system.momenta) / np.asarray(system.masses)[:, None]
    thermal = np.sqrt(start.kT / np.min(system.masses))
    fastest = max(_FAST * thermal, np.linalg.norm(velocities, axis=1).max())
    return Plan(grid, int(np.clip(request.skin / 2 / (start.integrator.timestep * fastest), 1, _LONGEST)))


def _larger(plan: Plan, start: Setting, attempt: int) -> Plan:
    """More room."""
    system = held(start.system)
    return replace(plan, grid=fitting_grid([system], start.integrator, plan.grid.cutoff, plan.grid.skin, attempt))


def _shorter(plan: Plan, start: Setting) -> Plan:
    """Tables replaced more often."""
    if plan.interval == 1:
        raise SimulationError(
            f"an atom moves further than half the skin ({plan.grid.skin / 2:g} Å) in one step, or is nowhere; try a "
            f"timestep below {start.request.timestep:g} fs, or {_CURE}"
        )
    return replace(plan, interval=max(1, plan.interval // _SHORTER))
