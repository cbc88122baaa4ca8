"""Rate constants by ring polymer molecular dynamics: free energy of centroids, flux, recrossing."""

import datetime
import json
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import annotated_types
import numpy as np
from pydantic import model_validator

from .. import units
from ..errors import RunWarning, SimulationError
from ..params import Count, Duration, Params, Rate, Seed, Temperature
from ..path_integrals._base import Beads
from ..path_integrals.coordinates import AbstractCoordinate, Function, coordinate_of
from ..path_integrals.reaction import Reaction
from ..potentials import AbstractPotential
from ..properties.reactive_flux import Profile, Transmission, log_flux, profile_of, transmission_of
from ..results.schema import build_dataset
from ..simulate import Chunk
from ..system import System, check
from ._isotopologues import AS_GIVEN
from ._provenance import versions

if TYPE_CHECKING:
    import xarray as xr

_OFF_SURFACE = 1e-6
"""How far from its value a constrained coordinate may be, in parts of the range of the windows."""
_DEEP = 4.0
"""kT by which the far end of the reactants should be above their most probable place."""
_FALLS = 4.0
"""Standard errors by which a plateau may fall."""


class ReactiveFlux(Params):
    """How a rate is found by Bennett's and Chandler's method."""

    dividing: float
    """Value of the coordinate that divides reactants from products."""
    reactants: float
    """Value at which windows begin: at the far side of the reactants, where they hardly ever are."""
    products: float | None = None
    """Value at which windows end, the dividing surface or beyond it."""
    windows: Annotated[int, annotated_types.Ge(4)] = 24
    """Values of the coordinate, evenly apart, at which the slope of the free energy is sampled."""
    temperature: Temperature = 300.0
    """Temperature."""
    beads: Beads = 32
    """Beads of each ring polymer; one is classical."""
    classical: bool = True
    """Find the classical rate in the same way, to compare with."""
    timestep: Duration = 0.5
    """Time of one integration step."""
    friction: Rate = 10.0
    """Coupling of centroids to the bath while they are constrained."""
    preparation: Duration = 1000.0
    """Time in which windows are pulled apart from the structure, and as much again to forget that."""
    sampling: Duration = 5000.0
    """Time over which each window is sampled."""
    every: Count = 10
    """Steps from one sample to the next."""
    chains: Annotated[int, annotated_types.Ge(1), annotated_types.Le(4096)] = 16
    """Independent runs at the dividing surface."""
    pairs: Annotated[int, annotated_types.Ge(2), annotated_types.Le(40000)] = 512
    """Pairs of trajectories that leave the dividing surface, with opposite momenta."""
    release: Duration = 100.0
    """How long these are followed."""
    seed: Seed = 0
    """Seed of the random numbers."""

    @model_validator(mode="after")
    def _in_order(self) -> "ReactiveFlux":
        if self.reactants == self.end:
            raise ValueError(f"reactants and the last window are both at {self.end:g}; give the far side of reactants")
        low, high = sorted((self.reactants, self.end))
        if not low <= self.dividing <= high or self.dividing == self.reactants:
            raise ValueError(
                f"the dividing surface {self.dividing:g} is outside of the windows from {self.reactants:g} to "
                f"{self.end:g}; let windows enclose it"
            )
        if self.sampling < 4 * self.every * self.timestep:
            raise ValueError(f"sampling ({self.sampling:g} fs) has fewer than 4 samples; give a longer time")
        if self.release < 8 * self.timestep:
            raise ValueError(f"release ({self.release:g} fs) is shorter than 8 steps; give a longer time")
        return self

    @property
    def end(self) -> float:
        """Where windows end."""
        return self.dividing if self.products is None else self.products


def rpmd_rate(
    system: System,
    potential: AbstractPotential,
    coordinate: str | Function,
    flux: ReactiveFlux,
    *,
    tell: Callable[[str], object] = lambda text: None,
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
    found = [_found(system, potential, along, flux, beads, tell) for beads in counts]
    return _dataset(found, coordinate, along, flux, potential)


@dataclass(frozen=True)
class _Found:
    """With one number of beads."""

    beads: int
    profile: Profile
    transmission: Transmission
    delays: np.ndarray
    log_tst: float
    tst_error: float
    """Relative."""

    @property
    def rates(self) -> list[float]:
        """Of transition-state theory, and with recrossing, 1/s."""
        rate = 1e12 * units.from_internal(math.exp(self.log_tst), "THz")
        return [rate, rate * self.transmission.plateau]

    @property
    def errors(self) -> list[float]:
        """Their standard errors."""
        tst, rate = self.rates
        return [tst * self.tst_error, math.hypot(rate * self.tst_error, tst * self.transmission.error)]

    @property
    def theories(self) -> list[str]:
        """What they are called."""
        return ["classical TST", "classical"] if self.beads == 1 else ["centroid TST", "RPMD"]


def _found(
    system: System,
    potential: AbstractPotential,
    along: AbstractCoordinate,
    flux: ReactiveFlux,
    beads: int,
    tell: Callable[[str], object],
) -> _Found:
    kT, name = units.to_internal(flux.temperature, "K"), f"{beads} bead{'s' * (beads > 1)}"
    timestep, steps = flux.internal("timestep"), _steps(flux.sampling, flux)
    reaction = Reaction(system, potential, along, kT, beads, timestep, flux.internal("friction"), flux.seed)
    places = np.linspace(flux.reactants, flux.end, flux.windows)
    targets = np.concatenate([places, np.full(flux.chains, flux.dividing)])
    pulling = _steps(flux.preparation, flux)
    tell(f"{name}: {flux.windows} windows and {flux.chains} runs at the dividing surface")
    samples = _gathered(reaction.constrained(targets, pulling, 2 * pulling + steps, flux.every), f"{name}, windows")
    kept = samples["step"] >= 2 * pulling
    samples = {key: values[kept] for key, values in samples.items()}
    _check_sampled(samples, targets)
    constrained, roots = samples["mean_force"][:, : flux.windows], samples["root"]
    profile = profile_of(places, constrained, roots[:, : flux.windows])
    density, density_error = profile.log_density(flux.dividing, flux.reactants, kT)
    speed, speed_error = log_flux(roots[:, flux.windows :], kT)
    _check_deep(profile, flux, kT)
    starts = samples["bead_positions"][:, flux.windows :]
    starts = starts[np.linspace(0, len(starts) - 1, max(-(-flux.pairs // flux.chains), 2)).round().astype(int)]
    tell(f"{name}: {starts.shape[0] * starts.shape[1]} pairs leave the dividing surface")
    release = _steps(flux.release, flux)
    every = max(release // 80, 1)
    sense = math.copysign(1.0, flux.dividing - flux.reactants)
    pieces = reaction.released(starts.reshape(-1, *starts.shape[2:]), sense, release, every)
    watched = _gathered(pieces, f"{name}, pairs")
    transmission = transmission_of(_crossed(watched["coordinate"], sense, flux.dividing, starts.shape[:2]))
    if transmission.falling > _FALLS:
        _warn(f"{name}: the transmission coefficient still falls after {flux.release:g} fs; give a longer release")
    return _Found(
        beads,
        profile,
        transmission,
        watched["step"] * flux.timestep,
        speed + density,
        math.hypot(density_error, speed_error),
    )


def _steps(time: float, flux: ReactiveFlux) -> int:
    return max(round(time / flux.timestep), 1)


def _gathered(chunks: Iterator[Chunk], stage: str) -> dict[str, np.ndarray]:
    """What was observed, `[frame, replica, ...]`; of a stage that was interrupted, as far as it came."""
    pieces: dict[str, list[np.ndarray]] = {}
    try:
        for chunk in chunks:
            for name, values in {"step": chunk.frames.step, **chunk.frames.extra}.items():
                pieces.setdefault(name, []).append(np.asarray(values))
    except KeyboardInterrupt:
        _warn(f"{stage}: interrupted; what was computed until then is used")
    if not pieces:
        raise SimulationError(f"{stage}: interrupted before the first frame; nothing is known")
    return {name: np.concatenate(values) for name, values in pieces.items()}


def _crossed(coordinate: np.ndarray, sense: float, dividing: float, shape: tuple[int, int]) -> np.ndarray:
    """`[frame, chain, delay]`: 1 where the first of a pair is among products and the second is not. At once, all are
    where they go."""
    sides = (sense * (coordinate - dividing) > 0).astype(float)
    half = sides.shape[1] // 2
    crossed = sides[:, :half] - sides[:, half:]
    crossed[0] = 1.0
    return np.moveaxis(crossed, 0, -1).reshape(*shape, -1)


def _check_sampled(samples: dict[str, np.ndarray], targets: np.ndarray) -> None:
    """**Raises:** `SimulationError` for too little, or for centroids that left their surface."""
    if len(samples["step"]) < 4:
        raise SimulationError("the windows were interrupted before they had four samples; let them run longer")
    away = np.abs(samples["coordinate"] - targets).max(axis=0)
    if not away.max() < _OFF_SURFACE * np.ptp(targets):
        raise SimulationError(
            f"the window at {targets[away.argmax()]:g} left its surface by {away.max():.2g}; take a shorter timestep, "
            "or a coordinate that is smooth there"
        )


def _check_deep(profile: Profile, flux: ReactiveFlux, kT: float) -> None:
    points = np.linspace(flux.reactants, flux.dividing, 200)
    energies, _ = profile.free_energy(points, flux.reactants)
    if -energies.min() < _DEEP * kT:
        _warn(
            f"windows begin at {flux.reactants:g}, only {-energies.min() / kT:.1f} kT above the bottom of the "
            "reactants, and what is beyond is not counted; begin farther out"
        )


def _warn(text: str) -> None:
    warnings.warn(text, RunWarning, stacklevel=2)


def _dataset(
    found: list[_Found],
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
        "versions": versions(),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
