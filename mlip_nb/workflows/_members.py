"""What each member of a committee says of a property: how far they differ is the error of the model."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..learn.members import committee_in
from ..potentials import AbstractPotential
from ..results.quantities.model_errors import ASKED
from ..results.schema import QUANTITIES

if TYPE_CHECKING:
    import xarray as xr


def members_of(potential: AbstractPotential) -> list[AbstractPotential]:
    """The members of a committee; none of a single potential."""
    if (committee := committee_in(potential)) is None:
        return []
    # With one specification for all they share compiled programs.
    alike = committee.spec.of_member(0)
    return [dataclasses.replace(committee.member(index), spec=alike) for index in range(committee.spec.members)]


def with_members(data: "xr.Dataset", found: "Sequence[xr.Dataset | None]") -> "xr.Dataset":
    """The Dataset of a committee with what its members say, `member_NAME`, and `NAME_model_error`.

    The error is the standard deviation of those members that say something, two at least; it is one of the property
    of the mean potential, each member taken at its own rest where structures relax.
    """
    added = {}
    for name in (name for name in ASKED if found and name in data):
        values = np.stack([_said(one, data, name) for one in found])
        if np.isfinite(values).any():
            added |= {f"member_{name}": _in_order(name, values), f"{name}_model_error": _deviation(values)}
    rows = {name: QUANTITIES[name] for name in added}
    return data.assign({name: (rows[name].dims, values, rows[name].attrs) for name, values in added.items()})


def _said(one: "xr.Dataset | None", data: "xr.Dataset", name: str) -> np.ndarray:
    """Of one member; NaN where it has failed, or says it of another number of points."""
    if one is None or name not in one or one[name].shape != data[name].shape:
        return np.full(data[name].shape, np.nan)
    return one[name].values.astype(float)


def _in_order(name: str, values: np.ndarray) -> np.ndarray:
    """The axis of members where the table has it."""
    return np.moveaxis(values, 0, QUANTITIES[f"member_{name}"].dims.index("member"))


def _deviation(values: np.ndarray) -> np.ndarray:
    there = np.isfinite(values)
    count = there.sum(axis=0)
    mean = np.where(there, values, 0).sum(axis=0) / np.maximum(count, 1)
    square = np.where(there, values - mean, 0) ** 2
    return np.sqrt(square.sum(axis=0) / np.where(count > 1, count - 1, np.nan))
