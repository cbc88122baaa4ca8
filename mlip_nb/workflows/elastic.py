"""Elastic constants of a crystal, and what follows from them."""

from typing import TYPE_CHECKING, Annotated, Literal

import annotated_types
import equinox as eqx
import jax.numpy as jnp
import numpy as np

from .. import units
from ..params import Pressure
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..statics import AVERAGES, moduli, response, stability, under_stress, young_along
from ..system import System
from ._at_rest import AtRest, at_rest
from ._finite_strain import by_energies, by_stresses
from ._property import Property
from ._statics import origin

if TYPE_CHECKING:
    import xarray as xr

_ANGLES = np.arange(0, 361, 3)
_PLANES = {"xy": (0, 1), "yz": (1, 2), "xz": (0, 2)}


class Elastic(Property):
    """How elastic constants are found."""

    method: Literal["exact", "energy-strain", "stress-strain"] = "exact"
    """By exact second derivatives; or by finite strains from energies or stresses, with atoms relaxed in each."""
    strain: Annotated[float, annotated_types.Gt(0), annotated_types.Le(0.05)] = 1e-3
    """Finite strain, of the other two methods."""
    relax: bool = False
    """Relax positions and cell first."""
    pressure: Pressure = 0.0
    """External pressure, compression positive."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Constants with and without internal relaxation, moduli of polycrystals, and stiffness by direction.

        Under pressure they are the stress-strain coefficients, which decide on stability and sound. A structure that
        is not at rest brings a warning.

        **Raises:** `InputError` for what is no crystal, and, where they are exact, potentials without second
        derivatives.
        """
        rest = at_rest(
            system,
            potential,
            "elastic constants",
            relax=self.relax,
            pressure=self.pressure,
            differentiable=self.method == "exact",
        )
        clamped, relaxed = _BY[self.method](rest, self.strain)
        return build_dataset(
            {**rest.variables, **_constants(clamped, relaxed), **_consequences(relaxed)},
            attrs=origin("elastic", self, rest.system, potential),
        )


def _exact(rest: AtRest, _strain: float):
    clamped, relaxed = _derivatives(rest.surface, rest.system.positions, rest.system.cell)
    return np.asarray(clamped, float), np.asarray(relaxed, float)


@eqx.filter_jit
def _derivatives(surface, positions, cell):
    found = response(surface.slopes, positions, cell)
    stress = surface.slopes(positions, cell)[1] / found.volume
    return under_stress(found.clamped, stress), under_stress(found.relaxed, stress)


_BY = {"exact": _exact, "energy-strain": by_energies, "stress-strain": by_stresses}


def _constants(clamped: np.ndarray, relaxed: np.ndarray) -> dict[str, object]:
    gigapascal = units.from_internal(relaxed, "GPa")
    return {
        "elastic_constants": gigapascal,
        "clamped_elastic_constants": units.from_internal(clamped, "GPa"),
        "elastic_compliance": np.linalg.inv(gigapascal),
    }


def _consequences(relaxed: np.ndarray) -> dict[str, object]:
    constants = jnp.asarray(units.from_internal(relaxed, "GPa"))
    grains = moduli(constants)
    return {
        "born_eigenvalues": np.asarray(stability(constants)),
        "average": np.array(AVERAGES),
        "bulk_modulus": np.asarray(grains.bulk),
        "shear_modulus": np.asarray(grains.shear),
        "youngs_modulus": np.asarray(grains.young),
        "poisson_ratio": np.asarray(grains.poisson),
        "universal_anisotropy": float(grains.anisotropy),
        "plane": np.array(list(_PLANES)),
        "angle": _ANGLES.astype(float),
        "directional_youngs_modulus": np.stack([_around(constants, *axes) for axes in _PLANES.values()]),
    }


def _around(constants, first: int, second: int) -> np.ndarray:
    angles, directions = np.radians(_ANGLES), np.zeros((len(_ANGLES), 3))
    directions[:, first], directions[:, second] = np.cos(angles), np.sin(angles)
    return np.asarray(young_along(constants, jnp.asarray(directions)))
