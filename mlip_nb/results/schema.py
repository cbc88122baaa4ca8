"""The table of quantities: name -> dims, unit, meaning. Every Dataset of ours is made of its rows."""

import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from ..errors import InputError, unknown
from .quantities import joined

SETS = ("structure", "potential")
"""Dims that stand before all others where Datasets lie side by side (see `sets.joined`)."""

DIMS = {
    "structure": "structure that is looked at",
    "frame": "stored snapshot",
    "replica": "the same atoms, simulated side by side",
    "potential": "potential that is judged",
    "site": "atom of a frame; all frames one after another",
    "element": "chemical element",
    "group": "kind of frame, as its source calls it",
    "member": "one potential of a committee",
    "size": "how many frames were learned from",
    "pair": "two replicas that follow each other",
    "estimator": "what is averaged",
    "isotope": "mass that the substituted atoms have, the lightest first",
    "route": "how it was found",
    "parameter": "number that an average depends on",
    "bead": "imaginary-time slice of a ring polymer",
    "bead_count": "number of beads of a run",
    "mode": "vibration of the whole structure, soft ones first",
    "distance": "distance of two atoms",
    "lag": "time between two frames",
    "spectral_frequency": "frequency of a spectrum",
    "bond_angle": "angle between two bonds",
    "neighbour_count": "number of neighbours",
    "wave_number": "length of a wave vector",
    "degree": "degree of spherical harmonics",
    "block_length": "frames of a block",
    "iteration": "step of an optimisation, the start first",
    "start": "where a relaxation began",
    "voigt": "component of strain or stress",
    "voigt2": "second component of strain or stress",
    "average": "how grains share strain or stress",
    "volume_point": "volume of the same crystal",
    "volume_curve": "volume of a fitted curve",
    "path_point": "wave vector along a path of bands",
    "branch": "phonon of one wave vector, low frequencies first",
    "primitive_atom": "atom of the primitive cell",
    "supercell_atom": "atom of the supercell of force constants, in the order of phonopy",
    "state_point": "frequency of a density of states",
    "harmonic_temperature": "temperature of a harmonic crystal",
    "plane": "plane of two Cartesian axes",
    "angle": "direction in a plane",
    "goal": "quantity with a value that is wanted",
    "thermal_average": "what a design averages over samples",
    "component": "element that a site may be",
    "stage": "before or after calibration",
    "level": "share of errors",
    "isotopologue": "the same atoms with other masses",
    "theory": "how a rate is estimated",
    "refinement": "an instanton with so many beads",
    "window": "value of a reaction coordinate",
    "delay": "time since the dividing surface was left",
    "phase": "structure of a set, by its formula",
    "slab": "slice of a system along its third lattice vector",
    "supercell": "size of the crystal that holds a defect",
    "slide": "part of a translation by which half of a crystal has slid",
    "slide2": "the same along a second direction",
    "thickness": "slab of a number of layers",
    "composition": "part of the second element",
    "term": "term of a Redlich-Kister curve",
    "product": "structure that another falls apart into, in the order of phase",
    "atom": "atom, in the caller's order",
    "xyz": "Cartesian axis",
    "xyz2": "second Cartesian axis",
    "vector": "lattice vector",
}
"""The closed list of dims, and what one counts."""

_VOIGT = ("xx", "yy", "zz", "yz", "xz", "xy")
LABELS = {
    "xyz": ("x", "y", "z"),
    "xyz2": ("x", "y", "z"),
    "vector": ("a", "b", "c"),
    "voigt": _VOIGT,
    "voigt2": _VOIGT,
}
"""Dims with a fixed size: the labels along them."""

QUANTITIES = joined()
"""Name -> row; every file of `quantities` has those of one kind."""


def build_dataset(
    variables: Mapping[str, object],
    coords: Mapping[str, object] | None = None,
    attrs: Mapping[str, object] | None = None,
) -> xr.Dataset:
    """The Dataset of arrays named as in the table, with units and labels.

    Whether a row is a coordinate is said by the table, so `variables` and `coords` may be mixed. Of several Datasets
    side by side variables come as `xr.Variable`, whose dims begin with some of `SETS`.

    **Raises:** `InputError` for a name that is no row, a wrong rank, or two sizes for one dim.
    """
    arrays = {name: as_array(values) for name, values in {**variables, **(coords or {})}.items()}
    check_arrays(arrays)
    dataset = xr.Dataset(
        {name: (_dims(name, array), _plain_array(array), QUANTITIES[name].attrs) for name, array in arrays.items()}
    )
    dataset = dataset.assign_coords(labels_of(dataset.dims))
    dataset = dataset.set_coords([name for name in arrays if QUANTITIES[name].coordinate])
    return dataset.assign_attrs(plain_attrs(attrs or {}))


def check_arrays(arrays: Mapping[str, np.ndarray | xr.Variable]) -> None:
    """Refuse what does not fit the table, or does not fit together.

    **Raises:** `InputError` that names the array, its shape and what was expected.
    """
    sizes = {dim: (len(labels), ", ".join(labels)) for dim, labels in LABELS.items()}
    for name, array in arrays.items():
        if name not in QUANTITIES:
            raise unknown("quantity", name, QUANTITIES)
        dims = _dims(name, array)
        if len(array.shape) != len(dims) or getattr(array, "dims", dims) != dims:
            raise InputError(f"{name} has shape {tuple(array.shape)}; it needs {len(dims)} axes: {', '.join(dims)}")
        for dim, size in zip(dims, array.shape, strict=True):
            expected, origin = sizes.setdefault(dim, (size, name))
            if size != expected:
                raise InputError(f"{name} has {size} entries along {dim!r}; it needs {expected}, as {origin}")


def _dims(name: str, array: np.ndarray | xr.Variable) -> tuple[str, ...]:
    before = tuple(dim for dim in SETS if isinstance(array, xr.Variable) and dim in array.dims)
    before = () if name in SETS else before
    return (*before, *QUANTITIES[name].dims_of(len(array.shape) - len(before)))


def _plain_array(array: np.ndarray | xr.Variable) -> np.ndarray:
    return array.values if isinstance(array, xr.Variable) else array


def as_array(values: Any) -> Any:
    """A numpy array with text as fixed-width unicode, the one kind every file format knows; dask stays lazy."""
    if isinstance(values, xr.Variable):
        return values.copy(data=as_array(values.values))
    if hasattr(values, "__dask_graph__"):
        return values
    array = np.asarray(values)
    return np.array(array.tolist(), dtype=str) if array.dtype.kind in "OT" else array


def labels_of(dims: Iterable[Hashable]) -> dict[str, tuple]:
    """Coordinates of those dims that have labels, as xarray takes them."""
    labelled = [dim for dim in LABELS if dim in set(dims)]
    return {dim: (dim, np.array(LABELS[dim]), {"units": "1", "long_name": DIMS[dim]}) for dim in labelled}


def plain_attrs(attrs: Mapping[str, object]) -> dict[str, str | int | float]:
    """Attributes every file format can hold: text and numbers as they are, anything else as JSON text."""
    return {name: _plain(value) for name, value in attrs.items()}


def _plain(value: Any) -> str | int | float:
    value = value.item() if isinstance(value, np.generic) else value
    is_plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    return value if is_plain else json.dumps(value)
