"""From a cheap potential to a better one: averages of a stored run as if another potential had made it."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .. import units
from ..errors import InputError
from ..potentials import AbstractPotential
from ..properties._temperature import constant_kT
from ..properties.free_energy import Estimate, Series, kish_share
from ..properties.quantum import mobile_atoms, mobile_by_element
from ..properties.weights import Route, check_spread, entropy_share, free_energy, reweighted
from ..results.schema import build_dataset
from ..system import System
from ._on_beads import beads_of, on_beads
from ._provenance import stamp

if TYPE_CHECKING:
    import xarray as xr

Observable = tuple[str, str, Series]
"""Name, unit, and one value for each frame."""


def reweight(
    data: "xr.Dataset",
    potential: AbstractPotential,
    *,
    route: Route = "exponential",
    discard: float = 0.2,
) -> "xr.Dataset":
    r"""Free-energy difference to another potential, and averages in it, from the frames of a run with the first.

    The run is one at constant temperature: path integrals with stored beads, or molecular dynamics. Weights are
    $e^{-\beta \Delta\bar V}$ with the mean over beads of what the second potential is more than the first; the spread
    $s = \beta \operatorname{std} \Delta\bar V$ and the shares of the frames that carry them are attributes. With
    `route` "cumulant" averages are of first and free energies of second order in the difference. Kinetic energies are
    those of the second potential's forces. Errors are statistical only.

    **Raises:** `InputError` for exponential weights whose spread is above 1.5, with what the cumulant gives instead;
    for a run that does not say what is needed.

    ??? cite "Reference"
        M. Ceriotti, G. A. R. Brain, O. Riordan, D. E. Manolopoulos, *Proc. R. Soc. A* **468**, 2 (2012),
        doi:10.1098/rspa.2011.0413
    """
    kept = kept_frames(data, discard)
    kT = constant_kT(kept)
    energies, forces = on_beads(_energy_and_forces, potential, kept)
    energy = energies.mean(axis=1).astype(float)
    work = (energy - kept["potential_energy"].values) / kT
    if route == "exponential":
        check_spread(work, kT)
    observables = [*_observables(kept, kT, energy, forces.astype(float))]
    found = [reweighted(values, work, route) for _, _, values in observables]
    names = ["free-energy difference", *(name for name, _, _ in observables)]
    unit = ["eV", *(unit for _, unit, _ in observables)]
    shares = {"kish_share": kish_share(work), "entropy_share": entropy_share(work), "spread": float(work.std())}
    attrs = origin("reweight", data, potential) | {"route": route, "temperature": kT / units.KELVIN} | shares
    return build_dataset(_table(names, unit, [free_energy(work, route) * kT, *found]), attrs=attrs)


def kept_frames(data: "xr.Dataset", discard: float) -> "xr.Dataset":
    """The frames that count.

    **Raises:** `InputError` for too few, and for walls, which no potential knows.
    """
    if not 0 <= discard < 1:
        raise InputError(f"discard is the part of the frames left out, between 0 and 1; got {discard:g}")
    kept = data.isel(frame=slice(int(discard * data.sizes.get("frame", 0)), None))
    if kept.sizes.get("frame", 0) < 3:
        raise InputError("this Dataset has too few frames to average over; give a longer run")
    if json.loads(data.attrs.get("params", "{}")).get("walls"):
        raise InputError("this run had walls, whose energy is not that of a potential; give one without")
    return kept


def _energy_and_forces(potential: AbstractPotential, system: System, neighbors, away):
    found = potential.evaluate(system, neighbors)
    return found.energy, found.forces


def _observables(data: "xr.Dataset", kT: float, energy: Series, forces: np.ndarray) -> Iterator[Observable]:
    """By the names that `quantum_averages` has; what depends on forces anew."""
    yield "potential energy", "eV", energy
    if "primitive_kinetic_energy" not in data:
        return
    beads = beads_of(data).astype(float)
    away = beads - beads.mean(axis=1, keepdims=True)
    kinetic = _classical(data, kT, beads) - 0.5 * np.sum(away * forces, axis=(1, 2, 3)) / beads.shape[1]
    yield "total energy", "eV", energy + kinetic
    yield "kinetic energy, centroid virial", "eV", kinetic
    yield "kinetic energy, primitive", "eV", data["primitive_kinetic_energy"].values
    squares = data["gyration_radius"].values ** 2
    for symbol, chosen in mobile_by_element(data):
        yield f"squared radius of gyration of {symbol}", "Å²", squares[:, chosen].mean(axis=1)


def _classical(data: "xr.Dataset", kT: float, beads: np.ndarray) -> Series:
    """Kinetic energy of the centroids, eV: what the primitive estimator leaves without beads beyond them.

    So the run itself says how many degrees of freedom they have.
    """
    count = beads.shape[1]
    stretched = np.sum((beads - np.roll(beads, 1, axis=1)) ** 2, axis=(1, 3)) @ data["mass"].values
    springs = 0.5 * count * (kT / units.HBAR) ** 2 * stretched
    return data["primitive_kinetic_energy"].values + springs - 1.5 * kT * (count - 1) * mobile_atoms(data).sum()


def _table(names: list[str], unit: list[str], found: list[Estimate]) -> dict[str, np.ndarray]:
    return {
        "estimator": np.array(names),
        "unit": np.array(unit),
        "estimate": np.array([one.value for one in found]),
        "standard_error": np.array([one.error for one in found]),
    }


def origin(verb: str, data: "xr.Dataset", potential: AbstractPotential) -> dict[str, object]:
    """Attributes of what was made of a run."""
    return {
        "made_by": verb,
        "params": data.attrs.get("params", ""),
        "former_potential": data.attrs.get("potential", ""),
        "potential": json.dumps(potential.spec.describe()),
        "potential_fingerprint": potential.fingerprint,
        **stamp(),
    }
