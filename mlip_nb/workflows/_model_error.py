"""How unsure an average is because the potential is: every member of a committee in its own ensemble, from one run."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from .. import units
from ..errors import InputError
from ..learn.members import committee_in
from ..potentials import AbstractPotential, Edges
from ..potentials.gaunt import Committee
from ..properties._temperature import constant_kT
from ..properties.committee import Propagated, committee_shares, propagated
from ..properties.weights import Route, check_spread
from ..results.schema import build_dataset
from ..system import System
from ._on_beads import on_beads
from ._reweight import kept_frames, origin

if TYPE_CHECKING:
    import xarray as xr


def model_error(
    data: "xr.Dataset",
    potential: AbstractPotential,
    *,
    observables: Sequence[str] = (),
    route: Route = "cumulant",
    discard: float = 0.2,
) -> "xr.Dataset":
    r"""Averages of a run with their statistical error and that of the potential, a committee.

    The run is one at constant temperature, with the committee or anything close to it. The potential energy is that of
    each member; `observables` are variables along the frames that depend on positions only, such as a volume. With the
    `route` "exponential" weights are exact and rest on fewer frames the larger the system is, with "cumulant" averages
    are of first order in how members differ. Shares of the frames that carry the weights of members come along.

    **Raises:** `InputError` for a potential without members, weights that rest on few frames, and unknown variables.
    """
    if (committee := committee_in(potential)) is None:
        name = potential.spec.registered_name
        raise InputError(f"{name} is a single potential; train a committee (--members 5), which knows how unsure it is")
    kept = kept_frames(data, discard)
    kT = constant_kT(kept)
    energies = on_beads(_energies, committee, kept).mean(axis=1).astype(float).T
    works = (energies - kept["potential_energy"].values) / kT
    if route == "exponential":
        for work in works:
            check_spread(work, kT)
    rows = [*_rows(kept, energies, observables)]
    found = [propagated(values, works, route) for _, _, values in rows]
    attrs = origin("model_error", data, potential) | {"route": route, "temperature": kT / units.KELVIN}
    names, unit = (np.array([row[place] for row in rows]) for place in (0, 1))
    table = {"estimator": names, "unit": unit, "member_share": committee_shares(works), **_columns(found)}
    return build_dataset(table, attrs=attrs)


def _energies(committee: Committee, system: System, neighbors, away):
    """eV, of every member."""
    order = neighbors.order
    edges = Edges(system.positions[order].T, system.cell, system.numbers[order], neighbors)
    return jnp.sum(committee.measure_each(edges)[0], axis=-1)


def _rows(data: "xr.Dataset", energies: np.ndarray, names: Sequence[str]) -> Iterator[tuple[str, str, np.ndarray]]:
    """Name, unit, and values of each member for each frame."""
    yield "potential energy", "eV", energies
    for name in names:
        if name not in data or data[name].dims != ("frame",):
            known = [str(one) for one in data.data_vars if data[one].dims == ("frame",)]
            raise InputError(f"{name!r} is no variable with a number for each frame; there are: {', '.join(known)}")
        values = np.broadcast_to(data[name].values.astype(float), energies.shape)
        yield name.replace("_", " "), str(data[name].attrs.get("units", "1")), values


def _columns(found: list[Propagated]) -> dict[str, np.ndarray]:
    return {
        "estimate": np.array([one.value for one in found]),
        "standard_error": np.array([one.statistical for one in found]),
        "model_error": np.array([one.model for one in found]),
        "total_error": np.array([one.total for one in found]),
        "member_estimate": np.stack([one.members for one in found]),
    }
