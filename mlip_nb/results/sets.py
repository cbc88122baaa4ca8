"""Datasets of one kind side by side, over structures, potentials, or both; and one of them again."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from ..errors import InputError
from .schema import LABELS, QUANTITIES, SETS, build_dataset

RECORDS = "items"
"""The attribute with one record for each Dataset: its labels, its own attributes, what of the whole it fills."""
_FILLERS = {"f": np.nan, "U": "", "b": False}


def joined(items: Sequence[xr.Dataset | str], axes: Mapping[str, Sequence[str]]) -> xr.Dataset:
    """One Dataset with the dims of `axes` in front; items are in the order of their product, the last axis fastest.

    In place of a Dataset there may be a text that says why there is none: then there is NaN. What is shorter than
    others is filled with NaN at the end, dims with labels are aligned by them. Coordinates that all agree on have no
    dim more. `item` gives each one back as it was.
    """
    whole = [one for one in items if isinstance(one, xr.Dataset)]
    extents = _extents(whole)
    names = dict.fromkeys(str(name) for one in whole for name in one.variables if name not in LABELS)
    sizes = tuple(map(len, axes.values()))
    variables: dict[str, object] = {dim: np.array(labels) for dim, labels in axes.items()}
    for name in names:
        if (shared := _shared(name, whole)) is not None:
            variables[name] = extents.get(name, shared)
            continue
        dims, array = _filled(name, items, extents)
        variables[name] = xr.Variable((*axes, *dims), array.reshape(*sizes, *array.shape[1:]))
    records = [_record(one, labels, names, extents) for one, labels in zip(items, _labels(axes), strict=True)]
    return build_dataset(variables, attrs={**_common(whole), RECORDS: records})


def is_set(data: xr.Dataset) -> bool:
    """True for what `joined` has made."""
    return RECORDS in data.attrs


def records_of(data: xr.Dataset) -> list[dict]:
    """Of each item its labels; its `attrs`, or the `error` that stands in their place. Of what `sel` has left, in
    the order of the Dataset."""
    records = json.loads(data.attrs[RECORDS])
    for dim in [dim for dim in reversed(SETS) if dim in data.coords]:
        labels = [str(label) for label in np.atleast_1d(data[dim].values)]
        records = sorted((one for one in records if one[dim] in labels), key=lambda one: labels.index(one[dim]))
    return records


def item(data: xr.Dataset, **labels: str) -> xr.Dataset:
    """The Dataset of one structure and one potential, as it was before it was joined.

    **Raises:** `InputError` for labels that name no item or several, and for one that failed.
    """
    if not is_set(data):
        raise InputError("this Dataset stands alone; items are those of several structures or potentials")
    axes = [dim for dim in SETS if dim in data.coords]
    found = [one for one in records_of(data) if all(one.get(dim) == label for dim, label in labels.items())]
    if len(found) != 1:
        known = "; ".join(f"{dim}: {', '.join(map(str, np.atleast_1d(data[dim].values)))}" for dim in axes)
        raise InputError(f"{_told(labels)} is {'nothing' if not found else 'more than one'} of this set; {known}")
    if "error" in (record := found[0]):
        raise InputError(f"{_told({dim: record[dim] for dim in axes})} has failed: {record['error']}")
    chosen = data.sel({dim: record[dim] for dim in axes if dim in data.dims}).drop_vars(
        [*axes, *record["lacks"]], errors="ignore"
    )
    chosen = chosen.isel({dim: place for dim, place in record["places"].items() if dim in chosen.dims})
    kinds = {name: chosen[name].astype(kind) for name, kind in record["kinds"].items() if name in chosen}
    return chosen.assign(kinds).drop_attrs(deep=False).assign_attrs(record["attrs"])


def _labels(axes: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    places = np.ndindex(*map(len, axes.values()))
    return [{dim: axes[dim][at] for dim, at in zip(axes, place, strict=True)} for place in places]


def _extents(whole: Sequence[xr.Dataset]) -> dict[str, np.ndarray]:
    """Dim -> what stands along it in the whole set: its labels where it has some, else places."""
    found: dict[str, np.ndarray] = {}
    for one in whole:
        for dim in map(str, one.dims):
            own = _along(one, dim)
            same = dim not in found or np.array_equal(found[dim], own)
            found[dim] = own if same else np.union1d(found[dim], own)
    return found


def _along(one: xr.Dataset, dim: str) -> np.ndarray:
    return one[dim].values if dim in one.coords else np.arange(one.sizes[dim])


def _places(one: xr.Dataset, dim: str, extents: Mapping[str, np.ndarray]) -> list[int]:
    return [int(np.flatnonzero(extents[dim] == label)[0]) for label in _along(one, dim)]


def _shared(name: str, whole: Sequence[xr.Dataset]) -> np.ndarray | None:
    """The values of a coordinate that all of them agree on; those of a dim, whose labels are aligned, too.

    Coordinates of frames are not shared: what grows with frames has them first.
    """
    there = [one[name] for one in whole if name in one]
    if not QUANTITIES[name].coordinate or there[0].dims[:1] == ("frame",):
        return None
    same = len(there) == len(whole) and all(np.array_equal(there[0].values, other.values) for other in there)
    return there[0].values if same or there[0].dims == (name,) else None


def _filled(name: str, items: Sequence[xr.Dataset | str], extents: Mapping[str, np.ndarray]):
    """Dims of one, and the values of all, one after another, with NaN where there are none."""
    there = [one[name] for one in items if isinstance(one, xr.Dataset) and name in one]
    shape = (len(items), *(len(extents[str(dim)]) for dim in there[0].dims))
    kind = np.result_type(*(values.dtype for values in there))
    array = np.full(shape, _FILLERS.get(kind.kind, 0), kind)
    full = len(there) == len(items) and all(values.shape == shape[1:] for values in there)
    if kind.kind in "iu" and not full and not QUANTITIES[name].coordinate:
        array = np.full(shape, np.nan)
    for place, one in enumerate(items):
        if isinstance(one, xr.Dataset) and name in one:
            where = np.ix_(*(_places(one, str(dim), extents) for dim in there[0].dims))
            array[(place, *where)] = one[name].values
    return there[0].dims, array


def _record(
    one: xr.Dataset | str, labels: Mapping[str, str], names: Mapping[str, None], extents: Mapping[str, np.ndarray]
) -> dict[str, object]:
    """What makes the item whole again."""
    if isinstance(one, str):
        return {**labels, "error": one}
    placed = {dim: _places(one, dim, extents) for dim in extents if dim in one.dims}
    return {
        **labels,
        "attrs": dict(one.attrs),
        "lacks": [name for name in names if name not in one],
        "places": {dim: places for dim, places in placed.items() if len(places) < len(extents[dim])},
        "kinds": {name: str(one[name].dtype) for name in names if name in one and one[name].dtype.kind in "iu"},
    }


def _common(whole: Sequence[xr.Dataset]) -> dict[str, object]:
    """Attributes that all agree on."""
    first = whole[0].attrs
    return {name: value for name, value in first.items() if all(one.attrs.get(name) == value for one in whole)}


def _told(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{dim} {label!r}" for dim, label in labels.items()) or "the whole"
