"""Datasets of one kind side by side: their main numbers as a table, and as points with errors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from .._table import Table
from ..results.schema import LABELS, QUANTITIES, SETS
from ..results.sets import records_of

_ROOM = 300.0
"""K, at which numbers by temperature are compared."""
_MOST = 6


@dataclass(frozen=True)
class Number:
    """One number of each Dataset of a set."""

    name: str
    """Its variable."""
    label: str
    pick: Callable[[xr.DataArray], xr.DataArray] = lambda values: values
    """One number out of several."""
    scale: float = 1.0

    def of(self, data: xr.Dataset) -> np.ndarray:
        """Of each item, its value."""
        return self._picked(data, self.name)

    def error_of(self, data: xr.Dataset) -> np.ndarray:
        """Of each item, errors of the model and of the numbers together; NaN where none is known."""
        # Where errors are told apart, what has no prefix is their sum.
        own = "statistical_error" if f"{self.name}_statistical_error" in data else "error"
        there = [name for name in (f"{self.name}_model_error", f"{self.name}_{own}") if name in data]
        parts = np.array([self._picked(data, name) for name in there]) if there else np.full((1, _count(data)), np.nan)
        return np.where(np.isnan(parts).all(axis=0), np.nan, np.sqrt(np.nansum(parts**2, axis=0)))

    def _picked(self, data: xr.Dataset, name: str) -> np.ndarray:
        axes = [dim for dim in SETS if dim in data.dims]
        return self.scale * self.pick(data[name]).transpose(*axes).values.astype(float).ravel()


def numbers_of(data: xr.Dataset) -> list[Number]:
    """What is compared of this kind of Dataset: the numbers that people ask for, or whatever is a single number."""
    chosen = [one for one in _NUMBERS.get(data.attrs["made_by"], ()) if one.name in data]
    return chosen or list(_single(data))[:_MOST]


def compared(data: xr.Dataset) -> Table:
    """One row for each item: its names, numbers with errors, and why it has none."""
    axes, numbers = [dim for dim in SETS if dim in data.dims], numbers_of(data)
    columns = [_texts(one.of(data), one.error_of(data)) for one in numbers]
    rows = [
        (*(record[dim] for dim in axes), *(column[place] for column in columns), record.get("error", ""))
        for place, record in enumerate(records_of(data))
    ]
    failed = any(row[-1] for row in rows)
    headings = (*axes, *(one.label for one in numbers), *(["failed"] if failed else []))
    return Table(headings, [row if failed else row[:-1] for row in rows])


def _single(data: xr.Dataset) -> Iterator[Number]:
    for name, values in data.data_vars.items():
        if set(values.dims) <= set(SETS) and values.dtype.kind == "f" and not str(name).endswith("_error"):
            row = QUANTITIES[str(name)]
            yield Number(str(name), f"{str(name).replace('_', ' ')} ({row.units})".replace(" (1)", ""))


def _texts(values: np.ndarray, errors: np.ndarray) -> list[str]:
    return [
        "" if np.isnan(value) else f"{value:.5g}" + ("" if np.isnan(error) else f" ± {error:.2g}")
        for value, error in zip(values, errors, strict=True)
    ]


def _count(data: xr.Dataset) -> int:
    return int(np.prod([data.sizes[dim] for dim in SETS if dim in data.dims]))


def _component(first: str, second: str) -> Callable[[xr.DataArray], xr.DataArray]:
    return lambda values: values.sel(voigt=first, voigt2=second)


def _hill(values: xr.DataArray) -> xr.DataArray:
    return values.sel(average="Hill")


def _at_room(values: xr.DataArray) -> xr.DataArray:
    """NaN where it is not that warm."""
    return values.interp(harmonic_temperature=_ROOM)


def _length(vector: str) -> Callable[[xr.DataArray], xr.DataArray]:
    return lambda values: _at_room(values.sel(vector=vector))


def _coldest(values: xr.DataArray) -> xr.DataArray:
    return values.isel(harmonic_temperature=0)


def _end(values: xr.DataArray) -> xr.DataArray:
    return values.isel(frame=-1)


def _largest(dim: str) -> Callable[[xr.DataArray], xr.DataArray]:
    """The last that an item has."""
    return lambda values: values.isel({dim: values.notnull().cumsum(dim).argmax(dim)})


_DEFECT = (
    Number("unrelaxed_defect_energy", "unrelaxed (eV)", _largest("supercell")),
    Number("defect_energy", "formation energy (eV)", _largest("supercell")),
    Number("defect_energy_limit", "infinite crystal (eV)"),
)
_BARRIERS = (
    Number("forward_barrier", "barrier (eV)"),
    Number("reverse_barrier", "barrier from the end (eV)"),
)
_NUMBERS = {
    "relax": (
        Number("potential_energy", "energy (eV)", _end),
        Number("volume", "volume (Å³)", _end),
        Number("lowest_curvature", "lowest curvature (eV/Å²)"),
    ),
    "elastic": (
        Number("elastic_constants", "C₁₁ (GPa)", _component("xx", "xx")),
        Number("elastic_constants", "C₁₂ (GPa)", _component("xx", "yy")),
        Number("elastic_constants", "C₄₄ (GPa)", _component("yz", "yz")),
        Number("bulk_modulus", "bulk modulus (GPa)", _hill),
        Number("shear_modulus", "shear modulus (GPa)", _hill),
    ),
    "eos": (
        Number("equilibrium_energy", "energy (eV/atom)"),
        Number("equilibrium_volume", "volume (Å³/atom)"),
        Number("static_bulk_modulus", "bulk modulus (GPa)"),
        Number("bulk_modulus_derivative", "its derivative"),
    ),
    "phonons": (
        Number("phonon_frequency", "highest frequency (THz)", lambda values: values.max(("path_point", "branch"))),
        Number("lowest_frequency", "lowest frequency (THz)"),
        Number("harmonic_free_energy", "zero-point energy (meV/atom)", _coldest, 1e3),
        Number("harmonic_heat_capacity", "heat capacity at 300 K (k_B/atom)", _at_room),
    ),
    "gruneisen": (
        Number("mean_gruneisen_parameter", "Grüneisen parameter at 300 K", _at_room),
        Number("thermal_expansion", "linear expansion at 300 K (10⁻⁶/K)", _at_room, 1e6 / 3),
    ),
    "qha": (
        Number("thermal_volume", "volume at 300 K (Å³/atom)", _at_room),
        Number("thermal_expansion", "linear expansion at 300 K (10⁻⁶/K)", _at_room, 1e6 / 3),
        Number("thermal_bulk_modulus", "bulk modulus at 300 K (GPa)", _at_room),
        Number("pressure_heat_capacity", "heat capacity at 300 K (k_B/atom)", _at_room),
    ),
    "anisotropic-qha": tuple(
        Number("thermal_lengths", f"{name} at 300 K (Å)", _length(name)) for name in LABELS["vector"]
    ),
    "gsf": (
        Number("unstable_fault_energy", "unstable fault (J/m²)"),
        Number("stable_fault_energy", "stable fault (J/m²)"),
        Number("ideal_shear_strength", "shear strength (GPa)"),
        Number("fault_energy_map", "highest fault (J/m²)", lambda values: values.max(("slide", "slide2"))),
    ),
    "melt": (Number("melting_temperature", "melting temperature (K)"),),
    **dict.fromkeys(("vacancy", "interstitial", "substitution"), _DEFECT),
    "surface": (
        Number("unrelaxed_surface_energy", "unrelaxed (J/m²)", _largest("thickness")),
        Number("surface_energy", "surface energy (J/m²)", _largest("thickness")),
    ),
    "neb": (*_BARRIERS, Number("attempt_frequency", "attempts (THz)")),
    "saddle": _BARRIERS,
}
"""Verb -> what is compared."""
