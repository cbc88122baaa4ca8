"""Rate constants by ring polymer molecular dynamics: free energy of centroids, flux, recrossing."""

import json
from typing import TYPE_CHECKING

import numpy as np

from ..path_integrals.coordinates import AbstractCoordinate, Function, coordinate_of
from ..path_integrals.reaction import Reaction
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System, check
from ..telling import Tell, nothing_told
from ._flux_stages import RateFound, find_rate
from ._isotopologues import AS_GIVEN
from ._provenance import stamp
from ._reactive_flux import ReactiveFlux

if TYPE_CHECKING:
    import xarray as xr


def rpmd_rate(
    system: System,
    potential: AbstractPotential,
    coordinate: str | Function,
    flux: ReactiveFlux,
    *,
    tell: Tell = nothing_told,
) -> "xr.Dataset":
    r"""Rate constant of a unimolecular reaction by ring polymer molecular dynamics, with its parts and their errors.

    $$k = \kappa\, \tfrac12 \langle |\dot s| \rangle_{s^*} \frac{e^{-\beta F(s^*)}}{\int_r e^{-\beta F(s)} ds}$$

    of the centroids: F by thermodynamic integration over constrained windows, $\kappa$ from pairs of trajectories that
    leave the dividing surface. The rate does not depend on where that is; $\kappa$ and centroid transition-state
    theory do. `coordinate` is `distance:0,1`, `difference:0,1,2`, `x:0`, or a function of positions `[atoms, 3]` (Å,
    unwrapped) that JAX differentiates. All windows begin at the structure and are pulled to their place. Errors are
    standard errors of the sampling; those of the spline over windows and of the timestep are not in them.

    Ctrl-C ends the present stage and goes on with what it has brought. Two stages for each number of beads: constrained
    windows, released pairs.

    **Raises:** `InputError` before anything is compiled; `SimulationError` when a trajectory cannot go on.

    ??? cite "Reference"
        C. H. Bennett, *ACS Symp. Ser.* **46**, 63 (1977), doi:10.1021/bk-1977-0046.ch004;
        D. Chandler, *J. Chem. Phys.* **68**, 2959 (1978), doi:10.1063/1.436049;
        I. R. Craig, D. E. Manolopoulos, *J. Chem. Phys.* **123**, 034102 (2005), doi:10.1063/1.1954769
    """
    check(system)
    potential.check(system)
    along = coordinate_of(coordinate, system)
    counts = sorted({1, flux.beads} if flux.classical else {flux.beads})
    kT, timestep, friction = (flux.internal(name) for name in ("temperature", "timestep", "friction"))
    found = [
        find_rate(Reaction(system, potential, along, kT, beads, timestep, friction, flux.seed), flux, tell)
        for beads in counts
    ]
    return _dataset(found, coordinate, along, flux, potential)


def _dataset(
    found: list[RateFound],
    coordinate: str | Function,
    along: AbstractCoordinate,
    flux: ReactiveFlux,
    potential: AbstractPotential,
) -> "xr.Dataset":
    profiles = [one.profile for one in found]
    places = profiles[0].coordinate
    energies, errors = zip(*(profile.free_energy(places, flux.dividing) for profile in profiles), strict=True)
    delays = min((one.delays for one in found), key=len)
    variables = {
        "bead_count": np.array([one.beads for one in found]),
        "window": places,
        "mean_force": np.array([profile.slope for profile in profiles]),
        "mean_force_error": np.array([profile.error for profile in profiles]),
        "potential_of_mean_force": np.array(energies),
        "potential_of_mean_force_error": np.array(errors),
        "delay": delays,
        "transmission": np.array([one.transmission.curve[: len(delays)] for one in found]),
        "transmission_error": np.array([one.transmission.curve_error[: len(delays)] for one in found]),
        "transmission_coefficient": np.array([one.transmission.plateau for one in found]),
        "transmission_coefficient_error": np.array([one.transmission.error for one in found]),
        "isotopologue": np.array([AS_GIVEN]),
        "theory": np.array([name for one in found for name in one.theories]),
        "rate_constant": np.array([[rate for one in found for rate in one.rates]]),
        "rate_constant_error": np.array([[error for one in found for error in one.errors]]),
    }
    data = build_dataset(variables, attrs=_origin(coordinate, flux, potential))
    data["window"].attrs["units"] = along.unit
    for name in ("mean_force", "mean_force_error"):
        data[name].attrs["units"] = "eV" if along.unit == "1" else f"eV/{along.unit}"
    return data


def _origin(coordinate: str | Function, flux: ReactiveFlux, potential: AbstractPotential) -> dict[str, object]:
    return {
        "made_by": "rpmd-rate",
        "coordinate": coordinate if isinstance(coordinate, str) else getattr(coordinate, "__name__", "function"),
        "params": json.dumps(flux.describe()),
        "potential": json.dumps(potential.spec.describe()),
        "potential_fingerprint": potential.fingerprint,
        **stamp(),
    }
