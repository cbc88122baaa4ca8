"""An attack on its way, and the Dataset of what it has found."""

import dataclasses
import json
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..attack import (
    Bounds,
    Case,
    Climber,
    Feasible,
    Perturbation,
    Stage,
    beside_chance,
    climb,
    starts,
)
from ..errors import InputError
from ..potentials import AbstractGraphPotential, AbstractPotential
from ..results.schema import build_dataset
from ..simulate import held
from ..statics import Symmetry
from ..system import System, check
from ..uncertainty import AbstractUncertainty
from ._provenance import stamp
from .attack import Attack

if TYPE_CHECKING:
    import xarray as xr


class Search:
    """All starts, so many iterations from where they began."""

    def __init__(
        self, settings: Attack, system: System, uncertainty: AbstractUncertainty, reference: AbstractPotential | None
    ):
        if reference is not None:
            reference.check(system)
        self._settings, self._reference = settings, reference
        self._case = _case(system, uncertainty, settings)
        self._chance, begin = jax.random.split(jax.random.key(settings.seed))
        noise = jnp.asarray(settings.noise * settings.radius)
        self._climbers = starts(self._case, jax.random.split(begin, settings.starts), noise)
        _check_start(self._climbers)
        self.trace = [np.asarray(self._climbers.value)]
        """Objectives of all starts, by iteration."""
        self._rank = np.argsort(np.asarray(self._case.stage.neighbors.order))

    def climb(self) -> None:
        """One step of every start."""
        self._climbers = climb(self._case, self._climbers)
        self.trace.append(np.asarray(self._climbers.value))

    @property
    def best(self) -> System:
        """The structure with the largest objective so far."""
        place = int(np.argmax(self.trace[-1]))
        return self._case.stage.moved(jax.tree.map(lambda leaf: leaf[place], self._climbers.at))

    def told(self) -> dict[str, np.ndarray]:
        """Of the best: uncertainties of atoms and of the whole, the energy that it costs."""
        place, measured = int(np.argmax(self.trace[-1])), self._climbers.measured
        return {
            "atom_uncertainty": np.asarray(measured.uncertainty)[place][self._rank],
            "frame_uncertainty": np.sqrt(np.asarray(measured.mean_square))[place],
            "energy_rise": np.asarray(measured.energy)[place] / len(self._rank),
        }

    def dataset(self) -> "xr.Dataset":
        """The structures of all starts, best first, beside what chance does."""
        case, climbers, settings = self._case, self._climbers, self._settings
        by, beside = beside_chance(case, climbers, jax.random.split(self._chance, settings.starts))
        moved, random = _moved(case.stage, climbers.at), _moved(case.stage, by)
        order, atoms = self._order(), len(self._rank)
        variables = {
            "positions": moved[0],
            "cell": moved[1],
            "atom_uncertainty": np.asarray(climbers.measured.uncertainty)[:, self._rank],
            "frame_uncertainty": np.sqrt(climbers.measured.mean_square),
            "energy_rise": np.asarray(climbers.measured.energy) / atoms,
            "closest_distance": climbers.measured.closest,
            "bond_change": climbers.measured.stretch,
            "chance_uncertainty": np.sqrt(beside.mean_square),
            "chance_energy_rise": np.asarray(beside.energy) / atoms,
            **self._errors(moved, random),
        }
        ranked = {name: np.asarray(values)[order] for name, values in variables.items()}
        objective = np.stack(self.trace)[:, order]
        constants = described(case.stage.system) | {"candidate": np.arange(len(order)), "objective": objective}
        return build_dataset(constants | ranked, attrs=self._attributes())

    def _order(self) -> np.ndarray:
        """Best first; starts that were not allowed are left out."""
        order = np.argsort(-self.trace[-1], kind="stable")
        return order[np.isfinite(self.trace[-1][order])]

    def _errors(self, moved: tuple[Array, Array], random: tuple[Array, Array]) -> dict[str, np.ndarray]:
        """Of forces, against the reference, where there is one."""
        if self._reference is None:
            return {}
        potential, truth = self._case.uncertainty.potential, self._reference
        both = {"true_error": moved, "chance_true_error": random}
        return {
            name: np.array([_error(potential, truth, self._system(*one)) for one in zip(*many, strict=True)])
            for name, many in both.items()
        }

    def _system(self, positions: Float[Array, "atoms 3"], cell: Float[Array, "3 3"]) -> System:
        return dataclasses.replace(self._case.stage.system, positions=positions, cell=cell)

    def _attributes(self) -> dict[str, object]:
        return {
            "made_by": "attack",
            "settings": json.dumps(self._settings.describe()),
            "potential_fingerprint": self._case.uncertainty.potential.fingerprint,
            "unit": self._case.uncertainty.unit,
            "pbc": json.dumps(list(self._case.stage.system.pbc)),
            "seed": self._settings.seed,
            **stamp(),
        }


def described(system: System) -> dict[str, np.ndarray]:
    """What the atoms are."""
    return {
        "symbol": np.array(system.symbols),
        "number": np.asarray(system.numbers),
        "mass": np.asarray(system.masses, float),
    }


def _case(system: System, uncertainty: AbstractUncertainty, settings: Attack) -> Case:
    """**Raises:** `InputError` before anything is compiled."""
    if not uncertainty.differentiable:
        raise InputError("this uncertainty has no derivatives to attack along; take the spread of a committee")
    check(system)
    potential = uncertainty.potential
    potential.check(system)
    if settings.strain and not any(system.pbc):
        raise InputError("strain: nothing is periodic, so there is no cell to strain; leave it out")
    system = held(system.astype("float64"), settings.frozen)
    kept = Symmetry.of(system) if settings.symmetry else None
    bounds = Bounds.of(system, settings.radius, settings.strain, kept)
    stage = Stage.of(system, potential, bounds)
    limits = settings.window * len(system.numbers), settings.closest, settings.bonds or np.inf
    feasible = Feasible(*(jnp.asarray(limit) for limit in limits))
    return Case(stage, bounds, uncertainty, _energy(stage, potential), feasible, settings.objective)


@eqx.filter_jit
def _energy(stage: Stage, potential: AbstractGraphPotential) -> Float[Array, ""]:
    """Of the structure that is attacked, eV."""
    nowhere = Perturbation(jnp.zeros_like(stage.system.positions), jnp.zeros((3, 3)))
    return jnp.sum(potential.atomic_energies(stage.graph(potential, nowhere)).astype(float))


@eqx.filter_jit
def _moved(stage: Stage, by: Perturbation) -> tuple[Float[Array, "starts atoms 3"], Float[Array, "starts 3 3"]]:
    """Positions and cells of all of them."""
    return jax.vmap(lambda one: (lambda moved: (moved.positions, moved.cell))(stage.moved(one)))(by)


def _error(potential: AbstractPotential, truth: AbstractPotential, system: System) -> float:
    """Root mean square of a component of the force, eV/Å."""
    difference = potential.evaluate(system).forces - truth.evaluate(system).forces
    return float(jnp.sqrt(jnp.mean(difference**2)))


def _check_start(climbers: Climber) -> None:
    if not np.isfinite(np.asarray(climbers.value)).any():
        raise InputError(
            "no start is allowed, or has a finite objective; are atoms on top of each other, or nearer than closest "
            "lets them be?"
        )
    if not np.asarray(climbers.measured.uncertainty).any():
        raise InputError(
            "the uncertainty is zero everywhere, so there is nothing to attack along; train members of a committee "
            "with different seeds"
        )
