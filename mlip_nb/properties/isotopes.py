"""What other isotopes change: free energies, fractionation ratios and equilibrium isotope effects, with errors."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float

from .. import units
from ..errors import InputError, RunWarning
from ..results import build_dataset
from ._temperature import constant_kT
from .free_energy import Estimate, Series, backward, bar, forward, kish_share
from .mass_integration import mass_integral

FORWARD, BACKWARD, BAR, INTEGRATION = ROUTES = ("scaled, from lighter", "scaled, from heavier", "BAR", "integration")
"""Scaled coordinates in runs of the lighter isotope, of the heavier one, of both; and integration over the mass."""
_LEAST_SHARE = 0.1
"""Of samples that must carry the weights: normal weights have it at a spread of 1.5."""
_DIGITS = 4
"""Of a mass by which a run is known: single precision keeps them."""
_UNKNOWN = Estimate(np.nan)


@dataclass(frozen=True)
class _Run:
    """What is taken from the run of one isotope."""

    mass: float
    kT: float
    atoms: int
    work: Mapping[float, Series]
    """Energy (kT) that scaled beads have more, by the mass they are scaled to."""
    excess: Series
    """Kinetic energy (kT) of all substituted atoms beyond the classical."""

    @classmethod
    def of(cls, data: xr.Dataset, discard: float) -> "_Run":
        if "scaled_energy_difference" not in data:
            raise InputError("this Dataset is no path-integral run with isotopes; make one with isotope_effect")
        kept, chosen = data.isel(frame=slice(int(discard * data.sizes["frame"]), None)), data["substituted"].values
        kT, masses = constant_kT(kept), np.unique(data["mass"][chosen])
        if len(masses) > 1:
            raise InputError(f"substituted atoms have several masses ({masses}); give them that of one isotope")
        others = (round(mass, _DIGITS) for mass in data["isotope_mass"].values.tolist())
        work = dict(zip(others, kept["scaled_energy_difference"].values.T / kT, strict=True))
        return cls(
            round(float(masses[0]), _DIGITS),
            float(kT),
            int(chosen.sum()),
            work,
            kept["excess_kinetic_energy"].values / kT,
        )


def fractionation(runs: Sequence[xr.Dataset], *, discard: float = 0.2) -> xr.Dataset:
    r"""Isotopes relative to the lightest, by each of four routes, from one path-integral run for each mass.

    Each run has the others as its `isotopes`. With $f = \beta\,\Delta F - \tfrac32 n \ln(m/m')$, the difference of
    free energies in kT beyond what n classical atoms have: the `partition_ratio`, heavy over light, is $e^{-f}$, and
    the `fractionation_ratio` $e^{-f/n}$ is that of one atom. Both are 1 for classical nuclei and grow with mass
    where atoms are bound. Scaled coordinates lead from each mass to the next; integration is that of `mass_integral`.

    Of a ladder that is not complete there is what its runs give. Warns where few samples carry the weights.

    ??? cite "Reference"
        B. Cheng, M. Ceriotti, *J. Chem. Phys.* **141**, 244112 (2014), doi:10.1063/1.4904293
    """
    if not 0 <= discard < 1:
        raise InputError(f"discard is the part of the frames left out, between 0 and 1; got {discard:g}")
    found = {run.mass: run for run in (_Run.of(data, discard) for data in runs)}
    first = next(iter(found.values()), None)
    if first is None:
        raise InputError("there is no run of any isotope; give one for each mass")
    if any((run.kT, run.atoms) != (first.kT, first.atoms) for run in found.values()):
        raise InputError("these runs have different temperatures or substituted atoms; give runs that differ in mass")
    masses = sorted(found.keys() | {mass for run in found.values() for mass in run.work})
    estimates, shares = _ladder(masses, found)
    return _dataset(masses, estimates, shares, first)


def equilibrium_isotope_effect(data: xr.Dataset, reference: xr.Dataset) -> xr.Dataset:
    """`data` with the ratio of its fractionation ratios to those of a reference, per substituted atom.

    Above 1 the heavy isotope prefers the first of the two. Both come from `fractionation`, with the same masses.
    """
    if not np.array_equal(data["isotope_mass"], reference["isotope_mass"]):
        raise InputError("structure and reference have different isotopes; give the same masses to both")
    ratio, other = data["fractionation_ratio"].values, reference["fractionation_ratio"].values
    relative = np.hypot(data["fractionation_error"].values / ratio, reference["fractionation_error"].values / other)
    added = build_dataset(
        {
            "reference_fractionation_ratio": other,
            "equilibrium_isotope_effect": ratio / other,
            "equilibrium_isotope_effect_error": ratio / other * relative,
        }
    )
    return data.assign(added.data_vars)


def _ladder(
    masses: list[float], runs: Mapping[float, _Run]
) -> tuple[list[list[Estimate]], Float[np.ndarray, "route isotope"]]:
    """f of each route at each mass, and the least share of samples on the way there."""
    paths, shares = [[Estimate(0.0)] for _ in ROUTES[:3]], np.ones((len(ROUTES), len(masses)))
    shares[-1] = np.nan
    for place, (light, heavy) in enumerate(zip(masses, masses[1:], strict=False), start=1):
        steps, carried = _rung(light, heavy, runs)
        shares[:3, place] = np.minimum(shares[:3, place - 1], carried)
        _warn(light, heavy, carried)
        for path, step in zip(paths, steps, strict=True):
            path.append(path[-1] + step)
    return [*paths, _integrals(masses, runs)], shares


def _rung(light: float, heavy: float, runs: Mapping[float, _Run]) -> tuple[list[Estimate], list[float]]:
    """From one mass to the next by scaled coordinates, in one direction, the other, and by both."""
    there, back = (runs[a].work[b] if a in runs else None for a, b in ((light, heavy), (heavy, light)))
    steps, shares = [_UNKNOWN] * 3, [np.nan] * 3
    if there is not None:
        steps[0], shares[0] = forward(there, light), kish_share(there)
    if back is not None:
        steps[1], shares[1] = backward(back, heavy), kish_share(back)
    if there is not None and back is not None:
        steps[2], shares[2] = bar(there, back, (light, heavy))
    return steps, shares


def _integrals(masses: list[float], runs: Mapping[float, _Run]) -> list[Estimate]:
    """f at each mass by integration over y from the lightest; it needs every run."""
    if any(mass not in runs for mass in masses):
        return [Estimate(0.0), *[_UNKNOWN] * (len(masses) - 1)]
    return mass_integral(masses, [runs[mass].excess for mass in masses], runs[masses[0]].atoms)


def _warn(light: float, heavy: float, shares: Sequence[float]) -> None:
    poor = [(route, share) for route, share in zip(ROUTES, shares, strict=False) if share < _LEAST_SHARE]
    if poor:
        told = " and ".join(f"{route} ({share:.1%})" for route, share in poor)
        sound = "trust BAR or integration" if BAR not in dict(poor) else "trust integration"
        warnings.warn(
            f"few samples carry the weights between masses {light:g} and {heavy:g}: {told}; {sound}, or put a mass "
            "between them",
            RunWarning,
            stacklevel=4,
        )


def _dataset(masses: list[float], estimates, shares: np.ndarray, run: _Run) -> xr.Dataset:
    """f as what it means."""
    value = np.array([[one.value for one in row] for row in estimates])
    error = np.array([[one.error if np.isfinite(one.value) else np.nan for one in row] for row in estimates])
    classical = -1.5 * run.atoms * np.log(np.array(masses) / masses[0])
    ratio, whole = np.exp(-value / run.atoms), np.exp(-value)
    return build_dataset(
        {
            "isotope_mass": np.array(masses),
            "route": np.array(ROUTES),
            "free_energy_difference": run.kT * (value + classical),
            "quantum_free_energy_difference": run.kT * value,
            "free_energy_error": run.kT * error,
            "partition_ratio": whole,
            "partition_ratio_error": whole * error,
            "fractionation_ratio": ratio,
            "fractionation_error": ratio * error / run.atoms,
            "effective_share": shares,
        },
        attrs={"temperature": run.kT / units.KELVIN, "substituted_atoms": run.atoms},
    )
