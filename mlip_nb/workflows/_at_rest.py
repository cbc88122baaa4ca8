"""The structure that a property belongs to: at rest, or with a word that it is not."""

import warnings
from dataclasses import dataclass

import numpy as np

from .. import units
from ..errors import InputError, RunWarning
from ..potentials import AbstractPotential
from ..statics import Surface, check_differentiable
from ..system import System, check
from ._statics import atoms_of
from .relax import Relax

_FORCE, _STRESS = 5e-3, 0.1
"""eV/Å and GPa, up to which nothing is said."""


@dataclass(frozen=True)
class AtRest:
    """A crystal, and what is left of forces and stress."""

    system: System
    surface: Surface
    force: float
    """Longest, eV/Å."""
    stress: float
    """Largest component besides the pressure, GPa."""

    @property
    def variables(self) -> dict[str, object]:
        """What a Dataset says of it, the structure as its only frame."""
        return {
            **atoms_of(self.system),
            "positions": np.asarray(self.system.positions, float)[None],
            "cell": np.asarray(self.system.cell, float)[None],
            "residual_force": self.force,
            "residual_stress": self.stress,
        }


def at_rest(
    system: System,
    potential: AbstractPotential,
    what: str,
    *,
    relax: bool,
    pressure: float = 0.0,
    differentiable: bool = True,
) -> AtRest:
    """The crystal, relaxed where that is asked for; a warning where forces or stress (GPa) are left.

    **Raises:** `InputError` for what is no crystal, has held atoms, or a potential without second derivatives, unless
    none are needed (`differentiable`).
    """
    check_crystal(system, potential, what, differentiable=differentiable)
    if relax:
        tight = Relax(pressure=pressure, force=1e-5, stress=1e-4)
        system = tight.relaxed(system, potential).unbroken().system
    surface = Surface.of(system, potential)
    measured = potential.evaluate(system, stress=True)
    force = float(np.linalg.norm(measured.forces, axis=1).max())
    stress = units.from_internal(np.asarray(measured.stress), "GPa") + pressure * np.eye(3)
    found = AtRest(system.astype(potential.spec.state_precision), surface, force, float(np.abs(stress).max()))
    _warn(found, what, relax)
    return found


def check_crystal(system: System, potential: AbstractPotential, what: str, *, differentiable: bool = True) -> None:
    """**Raises:** `InputError`."""
    check(system)
    potential.check(system)
    if not all(system.pbc):
        raise InputError(f"{what} are those of a crystal; the structure is not periodic everywhere, give one that is")
    if system.mobile is not None:
        raise InputError(f"{what} are those of a crystal that is free; {_held(system)} atoms are held in place")
    if differentiable:
        check_differentiable(potential)


def _held(system: System) -> int:
    return int((~np.asarray(system.mobile)).sum())


def _warn(found: AtRest, what: str, relaxed: bool) -> None:
    if found.force <= _FORCE and found.stress <= _STRESS:
        return
    cure = "it did not relax in the steps there are" if relaxed else "--relax (relax=True) relaxes it first"
    warnings.warn(
        f"the structure is not at rest (longest force {found.force:.3g} eV/Å, stress {found.stress:.3g} GPa), and "
        f"{what} are those of one that is; {cure}",
        RunWarning,
        stacklevel=6,
    )
