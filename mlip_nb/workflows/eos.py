"""The equation of state of a crystal: energy by volume, bulk modulus and its derivative."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import annotated_types
import numpy as np

from .. import units
from ..errors import RunWarning, SimulationError
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System
from ._at_rest import check_crystal
from ._property import Property
from ._statics import atoms_of, origin
from ._volumes import at_volumes
from .relax import Relax

if TYPE_CHECKING:
    import xarray as xr

_CURVE = 101
"""Points of the fitted curve."""


class EquationOfState(Property):
    """Which volumes, and which form."""

    form: Literal["birch-murnaghan", "vinet", "murnaghan", "pourier-tarantola"] = "birch-murnaghan"
    """Form that is fitted, of third order."""
    span: Annotated[float, annotated_types.Gt(0), annotated_types.Lt(0.5)] = 0.06
    """Largest change of the volume to either side, as a share."""
    points: Annotated[int, annotated_types.Ge(5), annotated_types.Le(201)] = 11
    """Volumes."""
    relax: bool = False
    """Relax positions and cell first, so that volumes lie about the minimum."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Energy and pressure by volume, atoms relaxed in each; volume, bulk modulus and its derivative at rest.

        Errors are those of the fit: without noise they tell how well the form describes the potential.

        **Raises:** `InputError` for what is no crystal; `SimulationError` where atoms do not relax or nothing fits.
        """
        check_crystal(system, potential, "equations of state", differentiable=False)
        if self.relax:
            system = Relax().relaxed(system, potential).unbroken().system
        factors = np.linspace(1 - self.span, 1 + self.span, self.points)
        atoms, rows = len(system.numbers), []
        for one in at_volumes(system, potential, factors):
            found = potential.evaluate(one, stress=True)
            pressure = -units.from_internal(float(np.trace(np.asarray(found.stress))) / 3, "GPa")
            rows.append((float(one.volume) / atoms, float(found.energy) / atoms, pressure))
        volumes, energies, pressures = np.array(rows).T
        return build_dataset(
            {
                **atoms_of(system),
                "positions": np.asarray(system.positions, float)[None],
                "cell": np.asarray(system.cell, float)[None],
                "sampled_volume": volumes,
                "sampled_energy": energies,
                "sampled_pressure": pressures,
                **fitted(self.form, volumes, energies),
            },
            attrs=origin("eos", self, system, potential),
        )


def fitted(form: str, volumes: np.ndarray, energies: np.ndarray) -> dict[str, object]:
    """Parameters with errors, and the curve; ASE's forms, in Å³ and eV per atom.

    **Raises:** `SimulationError` where nothing fits.
    """
    from scipy.optimize import OptimizeWarning, curve_fit

    curve, guess = _form(form), _parabola(volumes, energies)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", OptimizeWarning)
            best, covariance = curve_fit(curve, volumes, energies - guess[0], (0.0, *guess[1:]))
    except (RuntimeError, OptimizeWarning) as error:
        raise SimulationError(f"{form} does not fit these energies ({error}); take a smaller span") from error
    best, errors = np.array([guess[0], 0, 0, 0]) + best, np.sqrt(np.diag(covariance))
    if not volumes[0] < best[3] < volumes[-1]:
        warnings.warn(
            f"the minimum ({best[3]:.3f} Å³/atom) lies outside the volumes ({volumes[0]:.3f} to {volumes[-1]:.3f}); "
            "--relax (relax=True) puts them about it",
            RunWarning,
            stacklevel=5,
        )
    fine = np.linspace(volumes[0], volumes[-1], _CURVE)
    return {
        "fitted_volume": fine,
        "fitted_energy": curve(fine, *best),
        "equilibrium_energy": best[0],
        "equilibrium_volume": best[3],
        "equilibrium_volume_error": errors[3],
        "static_bulk_modulus": units.from_internal(best[1], "GPa"),
        "static_bulk_modulus_error": units.from_internal(errors[1], "GPa"),
        "bulk_modulus_derivative": best[2],
        "bulk_modulus_derivative_error": errors[2],
    }


def _form(name: str) -> Callable:
    """Energy of volume, E₀, B, B′ and V₀."""
    from ase import eos

    return getattr(eos, name.replace("-", ""))


def _parabola(volumes: np.ndarray, energies: np.ndarray) -> tuple[float, float, float, float]:
    """Where the fit begins."""
    square, slope, level = np.polyfit(volumes - volumes.mean(), energies, 2)
    shift = -slope / (2 * square)
    middle = float(np.clip(volumes.mean() + shift, volumes[0], volumes[-1]))
    return level - square * shift**2, 2 * abs(square) * middle, 4.0, middle
