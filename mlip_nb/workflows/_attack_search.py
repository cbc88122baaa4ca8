"""An attack on its way, and the Dataset of what it has found."""

import dataclasses
import functools
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ..attack import Case, Climber, Measured, Perturbation, beside_chance, climb, starts
from ..errors import InputError
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System
from ..uncertainty import AbstractUncertainty
from ._attack_baselines import beside_walks, force_error
from ._attack_case import case_of
from ._provenance import stamp
from .attack import Attack

if TYPE_CHECKING:
    import xarray as xr

_TOP, _FEW = 0.6, 5.0
"""Shortest distance in sums of covalent radii, and energies in units of kT: what no structure should have."""
_DRAWS = 5
"""Random displacements beside each structure that was found: one alone would be luck."""


class Search:
    """All starts, so many iterations from where they began."""

    def __init__(
        self,
        settings: Attack,
        systems: Sequence[System],
        uncertainty: AbstractUncertainty,
        reference: AbstractPotential | None,
    ):
        if reference is not None:
            reference.check(systems[0])
        self._settings, self._reference = settings, reference
        self._case, self._first = case_of(systems, uncertainty, settings)
        self._chance, begin = jax.random.split(jax.random.key(settings.seed))
        noise = jnp.asarray(settings.noise * settings.radius)
        self._climbers = starts(self._case, jax.random.split(begin, settings.starts), noise)
        _check_start(self._climbers)
        self.trace = [np.asarray(self._climbers.value)]
        """Objectives of all starts, by iteration."""

    def climb(self) -> None:
        """One step of every start."""
        self._climbers = climb(self._case, self._climbers)
        self.trace.append(np.asarray(self._climbers.value))

    @property
    def best(self) -> System:
        """The structure with the largest objective so far; of several the first, of a ring polymer its centroid."""
        place = int(np.argmax(self.trace[-1]))
        positions, cells = self._case.moved(jax.tree.map(lambda leaf: leaf[place], self._climbers.at))
        return self._system(self._shown(positions), cells[0])

    def told(self) -> dict[str, np.ndarray]:
        """Of the best: uncertainties of atoms and of the whole, the energy that it costs."""
        place, measured = int(np.argmax(self.trace[-1])), self._climbers.measured
        return {
            "atom_uncertainty": np.asarray(measured.uncertainty)[place],
            "frame_uncertainty": np.sqrt(np.asarray(measured.mean_square))[place],
            "energy_rise": np.asarray(measured.energy)[place] / self._atoms,
        }

    def dataset(self) -> "xr.Dataset":
        """The structures of all starts, best first, beside what chance does."""
        measured, order = self._climbers.measured, self._order()
        positions, cells = _moved(self._case, self._climbers.at)
        variables = {
            "positions": self._shown(positions),
            "cell": cells[:, 0],
            "atom_uncertainty": measured.uncertainty,
            "frame_uncertainty": np.sqrt(measured.mean_square),
            "energy_rise": np.asarray(measured.energy) / self._atoms,
            "closest_distance": measured.closest,
            "bond_change": measured.stretch,
            "hole": self._holes(measured),
            **self._beside(),
            **self._of_each(positions),
        }
        if self._reference is not None:
            variables["true_error"] = self._errors(positions, cells)
        ranked = {name: np.asarray(values)[order] for name, values in variables.items()}
        objective = np.stack(self.trace)[:, order]
        constants = described(self._first) | {"candidate": np.arange(len(order)), "objective": objective}
        return build_dataset(constants | ranked | self._walks, attrs=self._attributes())

    def _beside(self) -> dict[str, np.ndarray]:
        """What random displacements as long do: medians, for some of them push atoms together and most do not."""
        keys = jax.random.split(self._chance, (self._settings.starts, _DRAWS))
        by, measured = beside_chance(self._case, self._climbers, keys)
        told = {
            "chance_uncertainty": np.sqrt(np.median(measured.mean_square, axis=1)),
            "chance_energy_rise": np.median(measured.energy, axis=1) / self._atoms,
        }
        if self._reference is None:
            return told
        errors = [
            self._errors(*_moved(self._case, jax.tree.map(lambda leaf, k=k: leaf[:, k], by))) for k in range(_DRAWS)
        ]
        return told | {"chance_true_error": np.median(errors, axis=0)}

    def _of_each(self, positions: Float[Array, "starts each atoms 3"]) -> dict[str, np.ndarray]:
        """Of beads where they are; of several structures how unsure each is, and how they were moved."""
        if self._case.springs is not None:
            return {"bead_positions": np.asarray(positions)}
        if self._case.structures == 1:
            return {}
        each = _each(self._case, self._climbers.at)
        return {
            "displacement": np.asarray(self._climbers.at.displacements),
            "structure_uncertainty": np.sqrt(each.mean_square),
        }

    @functools.cached_property
    def _walks(self) -> dict[str, np.ndarray]:
        """Molecular dynamics from the same structure, walked once."""
        return beside_walks(self._settings, self._first, self._case.uncertainty, self._reference)

    def _holes(self, measured: Measured) -> Bool[np.ndarray, " starts"]:
        """Where atoms are on top of each other at no cost, or there is more energy to gain than heat ever gave."""
        energy, kT = np.asarray(measured.energy), self._settings.internal("thermal")
        near = (np.asarray(measured.closest) < _TOP) & (energy < _FEW * kT)
        return near | (energy < -(1.5 * self._atoms + _FEW) * kT)

    def _order(self) -> np.ndarray:
        """Best first; starts that were not allowed are left out."""
        order = np.argsort(-self.trace[-1], kind="stable")
        return order[np.isfinite(self.trace[-1][order])]

    def _errors(self, positions: Array, cells: Array) -> Float[np.ndarray, " starts"]:
        """Root mean squares over all forces, against the reference."""
        potential, truth = self._case.uncertainty.potential, self._reference
        assert truth is not None
        found = [
            [force_error(potential, truth, self._system(*one)) for one in zip(*each, strict=True)]
            for each in zip(positions, cells, strict=True)
        ]
        return np.sqrt(np.mean(np.square(found), axis=1))

    def _shown(self, positions: Float[Array, "*starts each atoms 3"]) -> Float[Array, "*starts atoms 3"]:
        """Of several structures the first, of a ring polymer its centroid."""
        return positions[..., 0, :, :] if self._case.springs is None else jnp.mean(positions, axis=-3)

    def _system(self, positions: Float[Array, "atoms 3"], cell: Float[Array, "3 3"]) -> System:
        return dataclasses.replace(self._first, positions=positions, cell=cell)

    @property
    def _atoms(self) -> int:
        return len(self._first.numbers)

    def _attributes(self) -> dict[str, object]:
        return {
            "made_by": "attack",
            "settings": json.dumps(self._settings.describe()),
            "potential_fingerprint": self._case.uncertainty.potential.fingerprint,
            "unit": self._case.uncertainty.unit,
            "pbc": json.dumps(list(self._first.pbc)),
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


@eqx.filter_jit
def _moved(case: Case, by: Perturbation) -> tuple[Float[Array, "starts each atoms 3"], Float[Array, "starts each 3 3"]]:
    """Positions and cells of all of them."""
    return jax.vmap(case.moved)(by)


@eqx.filter_jit
def _each(case: Case, by: Perturbation) -> Measured:
    return jax.lax.map(case.each, by)


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
