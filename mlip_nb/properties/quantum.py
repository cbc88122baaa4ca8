"""Quantum averages of a path-integral run, with errors."""

import json
import warnings
from collections.abc import Iterator

import numpy as np
import xarray as xr
from jaxtyping import Bool, Int

from .. import units
from ..errors import InputError, RunWarning
from ..results import build_dataset
from .averages import Average, average

_WHOLE = {
    "total_energy": "total energy",
    "potential_energy": "potential energy",
    "kinetic_energy": "kinetic energy, centroid virial",
    "primitive_kinetic_energy": "kinetic energy, primitive",
    "pressure": "pressure",
    "temperature": "temperature of centroids",
}
Row = tuple[str, str, Average]
"""Name, unit, and what was found."""


def quantum_averages(dataset: xr.Dataset, *, temperature: float | None = None, discard: float = 0.2) -> xr.Dataset:
    """Energies, pressure, heat capacity, and of each element kinetic energy, radius of gyration and width of momenta.

    The first `discard` of the frames are left out. The heat capacity needs the `temperature` (K), which must not have
    changed, and `energy_slope`.

    **Raises:** `InputError` for a Dataset that is no single path-integral run, and for too few frames.
    """
    if "atom_kinetic_energy" not in dataset:
        raise InputError("this Dataset has no path-integral estimators; make one with PIMD or %mlip pimd")
    if "replica" in dataset.dims:
        raise InputError("this Dataset has several replicas; choose one, such as ds.isel(replica=0)")
    if not 0 <= discard < 1:
        raise InputError(f"discard is the part of the frames left out, between 0 and 1; got {discard:g}")
    if json.loads(dataset.attrs.get("params", "{}")).get("ensemble", {}).get("name") == "rpmd":
        warnings.warn(
            "rpmd keeps the energy it began with: these are averages over one energy shell, and their errors know "
            "nothing of others; sample with pile-l or pile-g",
            RunWarning,
            stacklevel=2,
        )
    kept = dataset.isel(frame=slice(int(discard * dataset.sizes["frame"]), None))
    rows = [*_of_the_whole(kept), *_of_elements(kept)]
    if temperature is not None and "energy_slope" in kept:
        rows.append(_heat_capacity(kept, temperature))
    names, unit, found = zip(*rows, strict=True)
    return build_dataset(
        {
            "estimator": np.array(names),
            "unit": np.array(unit),
            "estimate": np.array([float(one.mean) for one in found]),
            "standard_error": np.array([float(one.error) for one in found]),
            "effective_samples": np.array([float(one.samples) for one in found]),
        }
    )


def _of_the_whole(dataset: xr.Dataset) -> Iterator[Row]:
    for name, told in _WHOLE.items():
        if name in dataset:
            yield told, dataset[name].attrs["units"], average(dataset[name].values)
    tensor = dataset["kinetic_energy_tensor"].values
    for first, second in ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)):
        axes = "xyz"[first] + "xyz"[second]
        yield f"kinetic energy {axes}, centroid virial", "eV", average(tensor[:, first, second])


def _of_elements(dataset: xr.Dataset) -> Iterator[Row]:
    for symbol, chosen in mobile_by_element(dataset):
        kinetic = average(dataset["atom_kinetic_energy"].values[:, chosen].mean(axis=1))
        square = average((dataset["gyration_radius"].values[:, chosen] ** 2).mean(axis=1))
        mass = float(dataset["mass"].values[chosen].mean())
        yield f"kinetic energy per atom of {symbol}", "eV", kinetic
        yield f"radius of gyration of {symbol}", "Å", _root(square)
        yield f"width of momenta of {symbol}", "1/Å", _root(kinetic, 2 * mass / 3 / units.HBAR**2)


def _heat_capacity(dataset: xr.Dataset, temperature: float) -> Row:
    r"""$C_V/k_B = \beta^2 [\operatorname{Var} \varepsilon - \langle\varepsilon'\rangle]$."""
    kT = units.to_internal(temperature, "K")
    energy, atoms = dataset["total_energy"].values, mobile_atoms(dataset).sum()
    terms = ((energy - energy.mean()) ** 2 - dataset["energy_slope"].values) / kT**2 / atoms
    return "heat capacity per atom", "k_B", average(terms)


def mobile_by_element(dataset: xr.Dataset) -> Iterator[tuple[str, Int[np.ndarray, " atoms"]]]:
    """Each element, and which of its atoms are not held in place."""
    symbols, moves = dataset["symbol"].values, mobile_atoms(dataset)
    for symbol in dict.fromkeys(symbols[moves].tolist()):
        yield symbol, np.flatnonzero(moves & (symbols == symbol))


def mobile_atoms(dataset: xr.Dataset) -> Bool[np.ndarray, " atoms"]:
    """True for atoms that are not held in place: the others have no beads."""
    return dataset["mobile"].values if "mobile" in dataset else np.ones(dataset.sizes["atom"], bool)


def _root(square: Average, scale: float = 1.0) -> Average:
    """The root of an average, to first order in its error."""
    root = np.sqrt(scale * np.maximum(square.mean, 0))
    return Average(root, scale * square.error / (2 * np.where(root > 0, root, 1)), square.samples)
