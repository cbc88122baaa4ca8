"""Elastic constants by finite strains, for comparison with exact derivatives: from energies, or from stresses."""

import dataclasses
import warnings
from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from scipy.linalg import sqrtm

from ..errors import RunWarning
from ..statics import Coordinates, relax, under_stress
from ..statics.elastic import UNIT_STRAINS, VOIGT
from ..system import System
from ._at_rest import AtRest

_FORCE = 1e-7
"""eV/Å, to which atoms relax in a strained cell: energies have to be good to the square of the strain."""
_ENOUGH = 1e-5
"""eV/Å, below which nothing is said: rounding of single precision, and some 1e-3 of what a strain moves atoms by."""
_STEPS = 200


def by_energies(rest: AtRest, strain: float) -> tuple[np.ndarray, np.ndarray]:
    """Clamped and relaxed stress-strain coefficients, eV/Å³, from the curvature of the energy along 21 strains.

    Strains are Green and Lagrange's; the error is of second order in them.
    """
    stress = jnp.asarray(_stress(rest, rest.system))
    clamped, relaxed = (_curvatures(rest, strain, ends) for ends in (_strained(rest), _relaxed(rest)))
    return np.asarray(under_stress(jnp.asarray(clamped), stress)), np.asarray(
        under_stress(jnp.asarray(relaxed), stress)
    )


def by_stresses(rest: AtRest, strain: float) -> tuple[np.ndarray, np.ndarray]:
    """The same from central differences of the stress along six strains."""
    return _slopes(rest, strain, _strained(rest)), _slopes(rest, strain, _relaxed(rest))


Ends = Callable[[np.ndarray], System]
"""The structure in a cell deformed by F."""


def _curvatures(rest: AtRest, size: float, ends: Ends) -> np.ndarray:
    volume, middle = float(rest.system.volume), _energy(rest, rest.system)

    def along(strain: np.ndarray) -> float:
        pair = [_energy(rest, ends(_deformation(sign * size * strain))) for sign in (1, -1)]
        return (sum(pair) - 2 * middle) / (size**2 * volume)

    diagonal = np.array([along(strain) for strain in UNIT_STRAINS])
    constants = np.diag(diagonal)
    for i in range(6):
        for j in range(i):
            mixed = along(UNIT_STRAINS[i] + UNIT_STRAINS[j])
            constants[i, j] = constants[j, i] = (mixed - diagonal[i] - diagonal[j]) / 2
    return constants


def _slopes(rest: AtRest, size: float, ends: Ends) -> np.ndarray:
    columns = []
    for strain in UNIT_STRAINS:
        up, down = (_stress(rest, ends(np.eye(3) + sign * size * strain)) for sign in (1, -1))
        columns.append([(up - down)[component] / (2 * size) for component in VOIGT])
    return np.array(columns).T


def _strained(rest: AtRest) -> Ends:
    """Atoms carried along."""

    def ends(deformation: np.ndarray) -> System:
        places = (jnp.asarray(np.asarray(part) @ deformation.T) for part in (rest.system.positions, rest.system.cell))
        positions, cell = places
        return dataclasses.replace(rest.system, positions=positions, cell=cell)

    return ends


def _relaxed(rest: AtRest) -> Ends:
    """Atoms that follow their forces."""
    carried, tables = _strained(rest), []

    def ends(deformation: np.ndarray) -> System:
        start = carried(deformation)
        found = relax(
            start,
            rest.surface.potential,
            Coordinates.of(start),
            surface=tables[-1] if tables else None,
            force=_FORCE,
            steps=_STEPS,
        ).unbroken()
        if found.trace["force"][-1] > _ENOUGH:
            # The same words each time, so that they are shown once.
            warnings.warn(
                f"atoms of a strained cell did not relax to {_ENOUGH:g} eV/Å in {_STEPS} steps: relaxed constants are "
                "not to be trusted; --relax (relax=True) first, or take --method exact",
                RunWarning,
                stacklevel=2,
            )
        tables[:] = [found.surface]
        return found.system

    return ends


def _deformation(strain: np.ndarray) -> np.ndarray:
    """The symmetric F whose Green-Lagrange strain this is."""
    return np.real(sqrtm(np.eye(3) + 2 * strain))


def _energy(rest: AtRest, system: System) -> float:
    return float(rest.surface.potential.evaluate(system).energy)


def _stress(rest: AtRest, system: System) -> np.ndarray:
    return np.asarray(rest.surface.potential.evaluate(system, stress=True).stress, float)
