"""Structures on which a potential is least to be trusted, found by its own gradients."""

import datetime
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import annotated_types
import jax
import jax.numpy as jnp
import numpy as np

from ..attack import (
    Boltzmann,
    Bounds,
    Case,
    Climber,
    Feasible,
    Objective,
    Perturbation,
    Stage,
    beside_chance,
    climb,
    starts,
)
from ..errors import InputError
from ..params import Count, Length, Params, Seed
from ..results.schema import build_dataset
from ..system import System, check
from ..uncertainty import AbstractUncertainty
from ._provenance import versions

if TYPE_CHECKING:
    import xarray as xr

Watcher = Callable[[int, np.ndarray], None]
"""Told of every iteration, and of the objective of each start."""

Positive = Annotated[float, annotated_types.Gt(0)]


class Attack(Params):
    """Where an attack may go, and how long it looks."""

    objective: Objective = Boltzmann()
    """What is made as large as possible."""
    radius: Length = 0.3
    """Longest displacement of an atom."""
    strain: Annotated[float, annotated_types.Ge(0), annotated_types.Lt(0.5)] = 0.0
    """Largest norm of the strain; without it the cell stays as it is."""
    iterations: Count = 40
    """Steps up, at most."""
    starts: Annotated[int, annotated_types.Gt(0), annotated_types.Le(1024)] = 8
    """Places to start from."""
    noise: Annotated[float, annotated_types.Ge(0), annotated_types.Le(1)] = 0.02
    """How far they are from the structure, in units of the radius."""
    window: Positive = 1.0
    """Energy that a structure may cost, eV per atom."""
    closest: Annotated[float, annotated_types.Ge(0), annotated_types.Lt(1)] = 0.75
    """Shortest distance of two atoms over the sum of their covalent radii."""
    seed: Seed = 0
    """Of the starts, and of the random displacements that the result is compared with."""

    def run(
        self,
        system: System,
        uncertainty: AbstractUncertainty,
        /,
        *,
        watch: Watcher = lambda iteration, values: None,
    ) -> "xr.Dataset":
        """The structures found from every start, best first, as frames; beside each what chance does.

        Steps go along the gradient, every atom as far as any other; none goes down, and none leaves the bounds, the
        energy window or the shortest distance. An interrupt (Ctrl-C) ends it and keeps the best so far.

        **Raises:** `InputError` for uncertainties without derivatives, such as those of a convex hull, for potentials
        that do not cover the structure, and for uncertainties that are zero everywhere.
        """
        case = _case(system, uncertainty, self)
        chance, begin = jax.random.split(jax.random.key(self.seed))
        climbers = starts(case, jax.random.split(begin, self.starts), jnp.asarray(self.noise * self.radius))
        _check_start(climbers)
        trace = [np.asarray(climbers.value)]
        try:
            for iteration in range(1, self.iterations + 1):
                climbers = climb(case, climbers)
                trace.append(np.asarray(climbers.value))
                watch(iteration, trace[-1])
        except KeyboardInterrupt:
            pass
        return _told(case, climbers, np.stack(trace), self, chance)


def _case(system: System, uncertainty: AbstractUncertainty, settings: Attack) -> Case:
    """**Raises:** `InputError` before anything is compiled."""
    if not uncertainty.differentiable:
        raise InputError("this uncertainty has no derivatives to attack along; take the spread of a committee")
    check(system)
    potential = uncertainty.potential
    potential.check(system)
    system = system.astype("float64")
    bounds = Bounds.of(system, settings.radius, settings.strain)
    stage = Stage.of(system, potential, bounds)
    if settings.strain and not any(system.pbc):
        raise InputError("strain: nothing is periodic, so there is no cell to strain; leave it out")
    nowhere = Perturbation(jnp.zeros_like(system.positions), jnp.zeros((3, 3)))
    reference = jax.jit(lambda: jnp.sum(potential.atomic_energies(stage.graph(potential, nowhere)).astype(float)))()
    feasible = Feasible(jnp.asarray(settings.window * len(system.numbers)), jnp.asarray(settings.closest))
    return Case(stage, bounds, uncertainty, reference, feasible, settings.objective)


def _check_start(climbers: Climber) -> None:
    if not np.isfinite(np.asarray(climbers.value)).any():
        raise InputError("the objective is not finite at any start; are atoms on top of each other?")
    if not np.asarray(climbers.measured.uncertainty).any():
        raise InputError(
            "the uncertainty is zero everywhere, so there is nothing to attack along; train members of a committee "
            "with different seeds"
        )


def _told(case: Case, climbers: Climber, trace: np.ndarray, settings: Attack, key: jax.Array) -> "xr.Dataset":
    beside = beside_chance(case, climbers, jax.random.split(key, settings.starts))
    moved = jax.jit(jax.vmap(case.stage.moved, in_axes=0))(climbers.at)
    order = np.argsort(-np.asarray(climbers.value), kind="stable")
    rank = np.argsort(np.asarray(case.stage.neighbors.order))
    atoms, system = len(rank), case.stage.system
    return build_dataset(
        {
            "candidate": np.arange(len(order)),
            "symbol": np.array(system.symbols),
            "number": np.asarray(system.numbers),
            "mass": np.asarray(system.masses, float),
            "positions": np.asarray(moved.positions)[order],
            "cell": np.broadcast_to(np.asarray(moved.cell), (len(order), 3, 3))[order],
            "objective": trace[:, order],
            "atom_uncertainty": np.asarray(climbers.measured.uncertainty)[order][:, rank],
            "frame_uncertainty": np.sqrt(np.asarray(climbers.measured.mean_square))[order],
            "energy_rise": np.asarray(climbers.measured.energy)[order] / atoms,
            "closest_distance": np.asarray(climbers.measured.closest)[order],
            "chance_uncertainty": np.sqrt(np.asarray(beside.mean_square))[order],
            "chance_energy_rise": np.asarray(beside.energy)[order] / atoms,
        },
        attrs={
            "made_by": "attack",
            "settings": json.dumps(settings.describe()),
            "potential_fingerprint": case.uncertainty.potential.fingerprint,
            "unit": case.uncertainty.unit,
            "pbc": json.dumps(list(system.pbc)),
            "seed": settings.seed,
            "versions": versions(),
            "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        },
    )
