"""A structure at rest: positions, cell or both, and whether the end is a minimum."""

import dataclasses
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import annotated_types
import jax.numpy as jnp
import numpy as np

from .. import units
from ..errors import InputError, RunWarning
from ..params import Coordinate, Count, Force, Pressure, Seed, Stress
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..statics import FIRE, LBFGS, Coordinates, Relaxed, Surface, relax, softest
from ..system import System, check
from ._property import Property
from ._statics import atoms_of, origin

if TYPE_CHECKING:
    import xarray as xr

Watcher = Callable[[int, float], None]
"""Told the iteration and the longest force (eV/Å), now and then."""

FLAT = 1e-4
"""eV/Å²: curvatures below are rounding and what forces are left."""
_MINIMISERS = {"lbfgs": LBFGS, "fire": FIRE}


class Relax(Property):
    """What moves, how far, and from where."""

    moving: Literal["both", "positions", "cell"] = "both"
    """What moves: positions, the cell, or both; a cell that is not periodic everywhere stays as it is."""
    pressure: Pressure = 0.0
    """External pressure, compression positive."""
    symmetry: bool = False
    """Keep the space group of the structure."""
    method: Literal["lbfgs", "fire"] = "lbfgs"
    """How to go downhill: L-BFGS, or FIRE, which is slower and bears rough surfaces."""
    force: Force = 1e-4
    """Longest force that is left."""
    stress: Stress = 1e-3
    """Largest component of the stress that is left, less the pressure."""
    steps: Count = 1000
    """Steps, at most."""
    rattle: Annotated[Coordinate, annotated_types.Ge(0), annotated_types.Le(1)] = 0.0
    """Standard deviation of random displacements of further starts, of which the lowest end is kept: a symmetric
    structure may rest where it is no minimum, or not the deepest."""
    starts: Annotated[int, annotated_types.Gt(0), annotated_types.Le(1024)] = 8
    """How many further starts, with --rattle."""
    check: bool = True
    """Tell whether the end is a minimum, by the lowest eigenvalue of the Hessian."""
    seed: Seed = 0
    """Of the displacements."""

    def of(
        self,
        system: System,
        potential: AbstractPotential,
        /,
        *,
        watch: Watcher = lambda iteration, force: None,
    ) -> "xr.Dataset":
        """Two frames, the start and the end; by iteration enthalpy, force and stress.

        Ctrl-C ends it and keeps what there is; no further start begins.

        **Raises:** `InputError` for what cannot move, symmetry of what is no crystal, and potentials without
        derivatives.
        """
        self.check_movable(system)
        found: list[Relaxed] = []
        for one in self._starts(system):
            check(one)
            found.append(self.relaxed(one, potential, surface=found[-1].surface if found else None, watch=watch))
            if found[-1].interrupted:
                break
        enthalpies = np.array([one.trace["enthalpy"][-1] for one in found])
        best = found[int(np.nanargmin(enthalpies))]
        if not best.converged:
            force = best.trace["force"][-1]
            told = f"after {len(best.trace['force']) - 1} steps the longest force is {force:.2g} eV/Å"
            cure = "it was interrupted" if best.interrupted else "take more --steps, or --method fire"
            warnings.warn(
                f"not relaxed: {told}; {cure}",
                RunWarning,
                stacklevel=4,
            )
        starts = {"start_enthalpy": enthalpies, "start_converged": np.array([one.converged for one in found])}
        return build_dataset(
            {**atoms_of(system), **_frames(system, best), **_trace(best), **starts, **self._softest(best)},
            attrs={
                **origin("relax", self, system, potential),
                "seed": self.seed,
                **({"interrupted": True} if found[-1].interrupted else {}),
            },
        )

    def relaxed(
        self,
        system: System,
        potential: AbstractPotential,
        *,
        surface: Surface | None = None,
        watch: Watcher = lambda iteration, force: None,
    ) -> Relaxed:
        """The end from one start; `surface` as in `statics.relax`."""
        deforms = self.moving != "positions" and all(system.pbc)
        coordinates = Coordinates.of(
            system,
            atoms=self.moving != "cell",
            cell=deforms,
            pressure=self.internal("pressure") if deforms else 0.0,
            symmetric=self.symmetry,
        )
        return relax(
            system,
            potential,
            coordinates,
            minimiser=_MINIMISERS[self.method](),
            force=self.force,
            stress=self.internal("stress"),
            steps=self.steps,
            surface=surface,
            watch=watch,
        )

    def check_movable(self, system: System) -> None:
        """**Raises:** `InputError`."""
        periodic = all(system.pbc)
        if self.moving == "cell" and not periodic:
            raise InputError("moving: the structure is not periodic everywhere, so it has no cell to relax")
        if self.pressure and (not periodic or self.moving == "positions"):
            raise InputError(f"pressure: {self.pressure:g} GPa acts on a cell that moves; this one does not")
        if self.moving == "positions" and system.mobile is not None and not np.any(system.mobile):
            raise InputError("all atoms are held in place; free those that should relax")
        if self.symmetry and self.rattle:
            raise InputError("rattle: displaced atoms have no symmetry to keep; leave one of the two out")

    def _starts(self, system: System) -> list[System]:
        """The structure, and with a rattle displaced ones."""
        if not self.rattle:
            return [system]
        random = np.random.default_rng(self.seed)
        held = None if system.mobile is None else ~np.asarray(system.mobile)
        starts = [system]
        for _ in range(self.starts):
            moves = random.normal(scale=self.rattle, size=system.positions.shape)
            moves[held if held is not None else slice(0)] = 0
            starts.append(dataclasses.replace(system, positions=system.positions + jnp.asarray(moves)))
        return starts

    def _softest(self, best: Relaxed) -> dict[str, object]:
        if not (self.check and best.converged and best.surface.potential.differentiable):
            return {}
        curvature, direction = softest(best.system, best.surface)
        # A single atom can only move as a whole.
        return {"lowest_curvature": curvature, "softest_direction": direction} if np.isfinite(curvature) else {}


def _frames(system: System, best: Relaxed) -> dict[str, object]:
    """The start as it was given, and the end."""
    ends = [system, best.system]
    measured = [best.surface.potential.evaluate(one, stress=all(system.pbc)) for one in ends]
    frames: dict[str, object] = {
        "positions": np.stack([np.asarray(one.positions, float) for one in ends]),
        "cell": np.stack([np.asarray(one.cell, float) for one in ends]),
        "potential_energy": np.array([float(one.energy) for one in measured]),
        "forces": np.stack([np.asarray(one.forces, float) for one in measured]),
    }
    if all(system.pbc):
        stress = np.stack([np.asarray(one.stress, float) for one in measured])
        frames["stress"] = units.from_internal(stress, "GPa")
        frames["volume"] = np.array([float(one.volume) for one in ends])
    return frames


def _trace(best: Relaxed) -> dict[str, object]:
    return {
        "enthalpy": best.trace["enthalpy"],
        "largest_force": best.trace["force"],
        "largest_stress": units.from_internal(best.trace["stress"], "GPa"),
    }
