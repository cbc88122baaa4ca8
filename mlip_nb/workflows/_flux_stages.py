"""The stages of a rate with one number of beads: windows, then pairs that leave the dividing surface."""

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .. import units
from ..errors import RunWarning, SimulationError
from ..path_integrals.reaction import Reaction
from ..properties.reactive_flux import Profile, Transmission, log_flux, profile_of, transmission_of
from ..simulate import Chunk
from ._reactive_flux import ReactiveFlux

_OFF_SURFACE = 1e-6
"""How far from its value a constrained coordinate may be, in parts of the range of the windows."""
_DEEP = 4.0
"""kT by which the far end of the reactants should be above their most probable place."""
_DELAYS = 80
"""Times at which those that left are looked at."""
_FALLS = 4.0
"""Standard errors by which a plateau may fall."""
_LEVEL = 0.02
"""What it may fall by in any case."""


@dataclass(frozen=True)
class RateFound:
    """With one number of beads."""

    beads: int
    profile: Profile
    transmission: Transmission
    delays: np.ndarray
    """Of the transmission coefficient, fs."""
    log_tst: float
    """Logarithm of the rate of transition-state theory, internal units."""
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


def find_rate(reaction: Reaction, flux: ReactiveFlux, tell: Callable[[str], object]) -> RateFound:
    """The rate with the beads of the reaction, and what it is made of.

    **Raises:** `SimulationError` when a trajectory cannot go on, or was interrupted too early.
    """
    name = f"{reaction.beads} bead{'s' * (reaction.beads > 1)}"
    tell(f"{name}: {flux.windows} windows and {flux.chains} runs at the dividing surface")
    samples = _sampled(reaction, flux, name)
    profile = profile_of(places_of(flux), samples["mean_force"][:, : flux.windows], samples["root"][:, : flux.windows])
    _check_deep(profile, flux, reaction.kT)
    density, density_error = profile.log_density(flux.dividing, flux.reactants, reaction.kT)
    speed, speed_error = log_flux(samples["root"][:, flux.windows :], reaction.kT)
    starts = _starts(samples["bead_positions"][:, flux.windows :], flux)
    tell(f"{name}: {starts.shape[0] * starts.shape[1]} pairs leave the dividing surface")
    delays, transmission = _transmitted(reaction, flux, starts, name)
    error = math.hypot(density_error, speed_error)
    return RateFound(reaction.beads, profile, transmission, delays, speed + density, error)


def places_of(flux: ReactiveFlux) -> Float[np.ndarray, " window"]:
    """Values of the coordinate, reactants first."""
    return np.linspace(flux.reactants, flux.end, flux.windows)


def _sampled(reaction: Reaction, flux: ReactiveFlux, name: str) -> dict[str, np.ndarray]:
    """Samples of the windows, then of the dividing surface, `[frame, replica, ...]`."""
    targets = np.concatenate([places_of(flux), np.full(flux.chains, flux.dividing)])
    pulling = flux.steps(flux.preparation)
    steps = 2 * pulling + flux.steps(flux.sampling)
    samples = gathered(reaction.constrained(targets, pulling, steps, flux.every), f"{name}, windows")
    kept = samples["step"] >= 2 * pulling
    samples = {key: values[kept] for key, values in samples.items()}
    _check_sampled(samples, targets)
    return samples


def _starts(beads: np.ndarray, flux: ReactiveFlux) -> Float[np.ndarray, "frame chain beads atoms 3"]:
    """Frames of the dividing surface, evenly apart in time, from which pairs leave."""
    frames = max(math.ceil(flux.pairs / flux.chains), 2)
    return beads[np.linspace(0, len(beads) - 1, frames).round().astype(int)]


def _transmitted(
    reaction: Reaction, flux: ReactiveFlux, starts: np.ndarray, name: str
) -> tuple[Float[np.ndarray, " delay"], Transmission]:
    steps = flux.steps(flux.release)
    released = reaction.released(starts.reshape(-1, *starts.shape[2:]), flux.sense, steps, max(steps // _DELAYS, 1))
    watched = gathered(released, f"{name}, pairs")
    found = transmission_of(_crossed(watched["coordinate"], flux, starts.shape[:2]))
    if found.fall > max(_FALLS * found.fall_error, _LEVEL):
        _warn(f"{name}: the transmission coefficient still falls after {flux.release:g} fs; give a longer release")
    return watched["step"] * flux.timestep, found


def gathered(chunks: Iterator[Chunk], stage: str) -> dict[str, np.ndarray]:
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


def _crossed(coordinate: np.ndarray, flux: ReactiveFlux, shape: tuple[int, int]) -> np.ndarray:
    """`[frame, chain, delay]`: 1 where the first of a pair is among products and the second is not. At once, all are
    where they go."""
    sides = (flux.sense * (coordinate - flux.dividing) > 0).astype(float)
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
