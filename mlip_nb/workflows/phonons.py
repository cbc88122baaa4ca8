"""Phonons of a crystal: bands, density of states, harmonic thermodynamics."""

import warnings
from typing import TYPE_CHECKING, Annotated

import annotated_types
import numpy as np

from .. import units
from ..errors import RunWarning
from ..params import Count, Temperature
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System
from ._at_rest import at_rest
from ._phonopy import Crystals, Supercell
from ._statics import origin

if TYPE_CHECKING:
    import xarray as xr
    from phonopy import Phonopy

GAS_CONSTANT = 1e-3 * units.KILOJOULE_PER_MOLE / units.BOLTZMANN
"""k_B of one J/(mol K)."""
_IMAGINARY = -0.05
"""THz: what is lower is no acoustic mode that rounding bends."""


class Phonons(Supercell):
    """Which phonons are found."""

    points: Annotated[int, annotated_types.Gt(1), annotated_types.Le(1001)] = 51
    """Wave vectors along the longest part of the path of bands."""
    hottest: Temperature = 1000.0
    """Highest temperature."""
    temperatures: Annotated[Count, annotated_types.Gt(1)] = 101
    """How many temperatures, from 0 K on."""
    relax: bool = False
    """Relax positions and cell first."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Frequencies along seekpath's path, density of states, free energy, entropy and heat capacity.

        Force constants are exact second derivatives, of the atoms of one primitive cell in a supercell; phonopy does
        all that follows. Imaginary frequencies are negative, and bring a warning.

        **Raises:** `InputError` for what is no crystal, and potentials without second derivatives.
        """
        self.check(system, potential, "phonons")
        rest = at_rest(system, potential, "phonons", relax=self.relax)
        phonons = Crystals(potential, self).phonons(rest.system)
        variables = {**rest.variables, **bands_of(phonons, self.points)}
        variables |= _states(phonons, self.mesh) | thermal(phonons, np.linspace(0, self.hottest, self.temperatures))
        variables["force_constants"] = phonons.force_constants
        variables["lowest_frequency"] = lowest = float(
            min(variables["phonon_frequency"].min(), phonons.mesh.frequencies.min())
        )
        if lowest < _IMAGINARY:
            warnings.warn(
                f"imaginary frequencies, down to {-lowest:.3g}i THz: the crystal is not stable against such a "
                "displacement, and thermal properties leave these modes out",
                RunWarning,
                stacklevel=4,
            )
        attrs = {"supercell_atoms": len(phonons.supercell), "primitive_atoms": len(phonons.primitive)}
        return build_dataset(variables, attrs={**origin("phonons", self, rest.system, potential), **attrs})


def bands_of(phonons: "Phonopy", points: int) -> dict[str, object]:
    """Frequencies (THz) and speeds (km/s) along the path, one part after another."""
    from phonopy.phonon.band_structure import get_band_qpoints_by_seekpath

    paths, labels, connected = get_band_qpoints_by_seekpath(phonons.primitive, points, is_const_interval=True)
    found = phonons.run_band_structure(paths, with_group_velocities=True, path_connections=connected, labels=labels)
    frequencies, velocities = np.concatenate(found.frequencies), np.concatenate(found.group_velocities)
    return {
        "band_distance": np.concatenate(found.distances) * 2 * np.pi,
        "band_label": band_labels([len(path) for path in paths], labels, connected),
        "wave_vector": np.concatenate(found.qpoints),
        "phonon_frequency": frequencies,
        # Å THz is 0.1 km/s.
        "group_speed": 0.1 * np.linalg.norm(velocities, axis=-1),
    }


def band_labels(lengths: list[int], labels: list[str], connected: list[bool]) -> np.ndarray:
    """The name of each point of the path, empty where it has none; phonopy names ends of parts once where they meet."""
    names, remaining = [], iter(labels)
    first = next(remaining)
    for length, goes_on in zip(lengths, connected, strict=True):
        last = next(remaining)
        names += [first, *[""] * (length - 2), last]
        first = last if goes_on else next(remaining, "")
    return np.array([_plain(name) for name in names])


def thermal(phonons: "Phonopy", temperatures: np.ndarray) -> dict[str, object]:
    """Harmonic free energy (eV/atom), entropy and heat capacity (k_B/atom); after the mesh."""
    found = phonons.run_thermal_properties(temperatures=temperatures, exclude_gamma_acoustic=True)
    atoms = len(phonons.primitive)
    return {
        "harmonic_temperature": temperatures,
        "harmonic_free_energy": found.free_energy * units.KILOJOULE_PER_MOLE / atoms,
        "harmonic_entropy": found.entropy * GAS_CONSTANT / atoms,
        "harmonic_heat_capacity": found.heat_capacity * GAS_CONSTANT / atoms,
    }


def _states(phonons: "Phonopy", mesh: float) -> dict[str, object]:
    """Of one atom: the integral is 3."""
    phonons.run_mesh(mesh)
    found = phonons.run_total_dos()
    return {
        "state_frequency": found.frequency_points,
        "density_of_states": found.dos / len(phonons.primitive),
    }


def _plain(label: str) -> str:
    r"""`Γ` for `$\Gamma$`, `U` for `$\mathrm{U}$`."""
    for written in ("$", "\\mathrm", "{", "}"):
        label = label.replace(written, "")
    return label.replace("\\Gamma", "Γ").replace("GAMMA", "Γ").replace("\\Sigma", "Σ").replace("\\_", "_")
