"""Slopes through trajectories, as far as trajectories can be differentiated."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..potentials import AbstractPotential
from ..simulate import Ensemble, Lyapunov, Snapshot, lyapunov, rollout
from ..system import System

_FOLDINGS = 3.0
"""Times that a derivative may grow e-fold before it is noise."""
_TANGENT_STEPS = 2000


@dataclass(frozen=True)
class Pathwise:
    """An observable along trajectories, and its derivatives by parameters of the potential; means and their errors."""

    time: Float[np.ndarray, " frame"]
    """fs."""
    mean: Float[np.ndarray, " frame"]
    error: Float[np.ndarray, " frame"]
    slope: Float[np.ndarray, "frame parameter"]
    slope_error: Float[np.ndarray, "frame parameter"]
    lyapunov: Lyapunov
    """How fast derivatives grow."""

    @property
    def horizon(self) -> float:
        """The longest window, fs; infinite where derivatives do not grow."""
        return horizon_of(self.lyapunov)


def pathwise(
    starts: System | Sequence[System],
    potential: AbstractPotential,
    ensemble: Ensemble,
    observe: Callable[[Snapshot], Array],
    where: Callable[[AbstractPotential], Array],
    *,
    timestep: float,
    steps: int,
    every: int | None = None,
    trajectories: int = 16,
    tangent_steps: int = _TANGENT_STEPS,
    seed: int = 0,
) -> Pathwise:
    """Derivatives of a number at several times after the start, by the parameters that `where` gives.

    Trajectory k begins at one of the `starts` after another, with seed + k; its noise stays the same whatever the
    parameters are. The start does not depend on them: a static average is that of its ensemble only where the window
    is longer than the observable remembers, and with friction strong enough to let it be so long; look for a plateau
    of `slope` in time. What happens within a short window is what it is at any friction.

    Every parameter costs another simulation of each trajectory.

    **Raises:** `InputError` for a window of more than three Lyapunov times, which a tangent run of `tangent_steps` from
    the first start measures; with both numbers.

    ??? cite "Reference"
        L. Metz, C. D. Freeman, S. S. Schoenholz, T. Kachman, arXiv:2111.05803 (2021)
    """
    systems = [starts] if isinstance(starts, System) else [*starts]
    values = where(potential)
    if not eqx.is_inexact_array(values):
        raise InputError(f"where gives {values!r:.60}, which is no array of the potential; name one, such as p.epsilon")
    growth = lyapunov(systems[0], potential, ensemble, timestep=timestep, steps=tangent_steps, seed=seed)
    check_window(steps * timestep, growth)
    time, found = _trajectories(
        systems,
        potential,
        ensemble,
        observe,
        where,
        seeds=range(seed, seed + trajectories),
        timestep=timestep,
        steps=steps,
        every=every or steps,
    )
    (mean, error), (slope, slope_error) = (_mean(np.stack(each)) for each in zip(*found, strict=True))
    return Pathwise(time, mean, error, slope, slope_error, growth)


def horizon_of(growth: Lyapunov) -> float:
    """Three times that in which derivatives grow e-fold, fs."""
    return _FOLDINGS * growth.folding


def check_window(window: float, growth: Lyapunov) -> None:
    """**Raises:** `InputError` for a window (fs) beyond the horizon."""
    if window > (horizon := horizon_of(growth)):
        factor = math.exp(min(window / growth.folding, 700.0))
        raise InputError(
            f"a window of {window:g} fs is beyond the horizon of derivatives, {horizon:.3g} fs: they grow e-fold in "
            f"{growth.folding:.3g} fs (Lyapunov exponent {growth.exponent:.3g} ± {growth.error:.1g} 1/ps), "
            f"{factor:.1e} times in all; take a shorter window or more friction, or a thermal average (x.average)"
        )


def _trajectories(systems, potential, ensemble, observe, where, *, seeds, **options):
    """Times, and value and slopes of each trajectory at all of them."""
    values, time, found = where(potential), None, []
    plans = [None]
    for index, seed in enumerate(seeds):
        begun = systems[index % len(systems)]

        def brought(numbers, system=begun, seed=seed):
            changed = eqx.tree_at(where, potential, numbers.reshape(values.shape))
            rolled = rollout(system, changed, ensemble, observe=observe, seed=seed, plan=plans[-1], **options)
            plans.append(rolled.plan)
            return rolled.values, (rolled.values, rolled.time)

        slope, (value, time) = jax.jacfwd(brought, has_aux=True)(jnp.ravel(values))
        found.append((np.asarray(value), np.asarray(slope)))
    return np.asarray(time), found


def _mean(each: Float[np.ndarray, "trajectories *rest"]) -> tuple[np.ndarray, np.ndarray]:
    error = each.std(axis=0, ddof=1) / math.sqrt(len(each)) if len(each) > 1 else np.full(each.shape[1:], np.nan)
    return each.mean(axis=0), error
