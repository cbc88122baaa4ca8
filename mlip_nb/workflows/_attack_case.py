"""From structures and settings to what an attack climbs on; what cannot be attacked is refused here."""

import dataclasses
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from .. import units
from ..attack import Affordable, Bounds, Budget, Case, Feasible, Perturbation, Stage
from ..errors import InputError
from ..simulate import held
from ..statics import Symmetry
from ..system import System, check
from ..uncertainty import AbstractUncertainty
from .attack import Attack

_DRAWS = 4
"""Random displacements that tell what chance costs."""


def case_of(systems: Sequence[System], uncertainty: AbstractUncertainty, settings: Attack) -> tuple[Case, System]:
    """What is climbed on, and the first structure as it is attacked.

    **Raises:** `InputError` before anything is compiled.
    """
    _check(systems, uncertainty, settings)
    potential = uncertainty.potential
    systems = [held(system.astype("float64"), settings.frozen) for system in systems]
    kept = Symmetry.of(systems[0]) if settings.symmetry else None
    bounds = Bounds.of(systems[0], settings.radius, settings.strain, kept)
    stage = Stage.of(systems[0], potential, bounds) if len(systems) == 1 else Stage.of_all(systems, potential, bounds)
    springs = None if settings.beads == 1 else _springs(systems[0], settings.internal("thermal"), settings.beads)
    closest = settings.objective.closest if settings.closest is None else settings.closest
    limits = settings.window * len(systems[0].numbers), closest, settings.bonds or np.inf
    feasible = Feasible(*(jnp.asarray(limit) for limit in limits))
    case = Case(
        stage,
        bounds,
        uncertainty,
        jnp.zeros(()),
        feasible,
        settings.objective,
        springs=springs,
        beads=settings.beads,
        structures=len(systems),
    )
    case = eqx.tree_at(lambda one: one.reference, case, _energy(case))
    if isinstance(settings.objective, Affordable):
        draws = jax.random.split(jax.random.fold_in(jax.random.key(settings.seed), 1), _DRAWS)
        case = dataclasses.replace(case, budget=_budget(case, settings.objective.share, draws))
    return case, systems[0]


def _check(systems: Sequence[System], uncertainty: AbstractUncertainty, settings: Attack) -> None:
    """**Raises:** `InputError` for what is not attacked."""
    if not uncertainty.differentiable:
        raise InputError("this uncertainty has no derivatives to attack along; take the spread of a committee")
    for number, system in enumerate(systems):
        check(system)
        uncertainty.potential.check(system)
        if not np.array_equal(system.numbers, systems[0].numbers) or system.pbc != systems[0].pbc:
            raise InputError(
                f"structure {number} has other atoms than the first; one perturbation is for the same atoms"
            )
    if settings.strain and not any(systems[0].pbc):
        raise InputError("strain: nothing is periodic, so there is no cell to strain; leave it out")
    if settings.beads > 1 and (len(systems) > 1 or settings.symmetry):
        raise InputError("beads: a ring polymer is of one structure, and has no symmetry; leave out one of them")


def _springs(system: System, kT: float, beads: int) -> Float[Array, " atoms"]:
    r"""$m \omega_P^2/2P$ with $\omega_P = P k_B T/\hbar$: of squared distances of beads, beside their mean energy."""
    return jnp.asarray(system.masses, float) * (beads * kT / units.HBAR) ** 2 / (2 * beads)


@eqx.filter_jit
def _budget(case: Case, share: float, draws: PRNGKeyArray) -> Budget:
    return Budget.of(share, draws, case.energy, case.bounds, jnp.full(case.shape, case.bounds.radius))


@eqx.filter_jit
def _energy(case: Case) -> Float[Array, ""]:
    """Of what is attacked, eV."""
    nowhere = Perturbation(jnp.zeros((*case.shape, 3)), jnp.zeros((3, 3)))
    return jnp.mean(case.each(nowhere).energy)
