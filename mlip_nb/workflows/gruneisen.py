"""Grüneisen parameters of a crystal: how its phonons answer to volume, and the expansion that follows."""

from typing import TYPE_CHECKING, Annotated

import annotated_types
import jax.numpy as jnp
import numpy as np

from .. import units
from ..params import Count, Temperature
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..statics import moduli
from ..system import System
from ._at_rest import at_rest
from ._phonopy import Crystals, Supercell
from ._statics import origin
from ._volumes import at_volumes
from .elastic import Elastic
from .phonons import bands_of

if TYPE_CHECKING:
    import xarray as xr
    from phonopy import PhonopyGruneisen

_SLOWEST = 0.05
"""THz: of slower modes, those of the whole crystal, rounding is all that is left."""


class Gruneisen(Supercell):
    """Which volumes and wave vectors."""

    strain: Annotated[float, annotated_types.Gt(0), annotated_types.Le(0.05)] = 0.005
    """Change of the volume to either side, as a share."""
    points: Annotated[int, annotated_types.Gt(1), annotated_types.Le(1001)] = 51
    """Wave vectors along the longest part of the path of bands."""
    hottest: Temperature = 1000.0
    """Highest temperature."""
    temperatures: Annotated[Count, annotated_types.Gt(1)] = 101
    """How many temperatures, from 0 K on."""
    relax: bool = False
    """Relax positions and cell first."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        r"""γ = -∂ln ω/∂ln V of every phonon, their mean by heat capacity, and the volumetric expansion γ C_V / (B V).

        **Raises:** `InputError` for what is no crystal, and potentials without second derivatives.
        """
        from phonopy import PhonopyGruneisen

        self.check(system, potential, "Grüneisen parameters")
        rest = at_rest(system, potential, "Grüneisen parameters", relax=self.relax)
        maker = Crystals(potential, self)
        sizes = at_volumes(rest.system, potential, (1, 1 + self.strain, 1 - self.strain))
        middle, larger, smaller = (maker.phonons(one) for one in sizes)
        variables = {**rest.variables, **bands_of(middle, self.points)}
        middle.run_mesh(self.mesh)
        found = PhonopyGruneisen(middle, larger, smaller)
        found.set_band_structure(middle.band_structure.qpoints)
        variables["gruneisen_parameter"] = _without_whole(
            np.concatenate(found.get_band_structure()[4]), variables["phonon_frequency"]
        )
        temperatures = np.linspace(0, self.hottest, self.temperatures)
        mean, heat = _by_temperature(found, middle.mesh.mesh_numbers, temperatures, len(middle.primitive))
        stiffness = Elastic().of(rest.system, potential)["elastic_constants"].values
        bulk = units.to_internal(float(moduli(jnp.asarray(stiffness)).bulk[1]), "GPa")
        volume = float(rest.system.volume) / len(rest.system.numbers)
        variables |= {
            "harmonic_temperature": temperatures,
            "mean_gruneisen_parameter": mean,
            "harmonic_heat_capacity": heat,
            "thermal_expansion": mean * heat * units.BOLTZMANN / (bulk * volume),
        }
        return build_dataset(variables, attrs=origin("gruneisen", self, rest.system, potential))


def _by_temperature(
    found: "PhonopyGruneisen", mesh: np.ndarray, temperatures: np.ndarray, atoms: int
) -> tuple[np.ndarray, np.ndarray]:
    """The mean of γ, weighed by the heat capacity of each mode, and the heat capacity (k_B/atom)."""
    found.set_mesh(mesh, is_gamma_center=True)
    mesh_values = found.get_mesh()
    assert mesh_values is not None, "the mesh was just set"
    _, weights, frequencies, _, parameters = mesh_values
    share = weights / weights.sum()
    parameters = np.nan_to_num(_without_whole(parameters, frequencies))
    heat = np.array([mode_heat_capacity(frequencies, temperature) for temperature in temperatures])
    total = np.einsum("q,tqb->t", share, heat)
    mean = np.einsum("q,tqb,qb->t", share, heat, parameters) / np.where(total > 0, total, 1)
    return np.where(total > 0, mean, np.nan), total / atoms


def mode_heat_capacity(frequencies: np.ndarray, temperature: float) -> np.ndarray:
    """Of harmonic modes (THz) at a temperature (K), k_B; none of modes of the whole."""
    if temperature == 0:
        return np.zeros_like(frequencies)
    kT = units.to_internal(temperature, "K")
    half = np.pi * units.HBAR * units.to_internal(1.0, "THz") * np.maximum(frequencies, _SLOWEST) / kT
    # x²/sinh²x with x = ħω/2kT; beyond 300 the sine is too large for a number, and the capacity nothing.
    value = np.where(half < 300, (half / np.sinh(np.minimum(half, 300))) ** 2, 0)
    return np.where(frequencies > _SLOWEST, value, 0)


def _without_whole(parameters: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    return np.where(frequencies > _SLOWEST, parameters, np.nan)
