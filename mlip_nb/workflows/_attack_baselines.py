"""Molecular dynamics beside an attack: what is found without looking for it."""

import numpy as np
from jaxtyping import Float

from ..learn import Labelled, predictions
from ..potentials import AbstractPotential
from ..system import System
from ..uncertainty import AbstractUncertainty
from .attack import Attack
from .explorers import Scene
from .explorers._walks import Walks
from .explorers.biased_md import BiasedDynamics
from .explorers.hot_md import HotDynamics
from .explorers.md import Dynamics

_SAMPLES = 10
"""Frames of each walk."""

Samples = dict[str, Float[np.ndarray, "baseline sample"]]
"""What is told of every structure; NaN where walks ended early."""


def beside_walks(
    settings: Attack, system: System, uncertainty: AbstractUncertainty, reference: AbstractPotential | None
) -> dict[str, np.ndarray]:
    """Uncertainty, energy and true error of frames of walks that begin at the structure, by kind of walk."""
    if not settings.walks:
        return {}
    scene = Scene(uncertainty.potential, uncertainty, [system])
    found = [_told(walk.candidates(scene, settings.seed), system, uncertainty, reference) for walk in _kinds(settings)]
    names = [walk.registered_name for walk in _kinds(settings)]
    return {"baseline": np.array(names)} | {name: _padded([one[name] for one in found]) for name in found[0]}


def _kinds(settings: Attack) -> list[Walks]:
    """As a simulation goes, hot, and drawn to uncertainty."""
    common = {
        "steps": settings.walk_steps,
        "every": max(1, settings.walk_steps // _SAMPLES),
        "walks": settings.walks,
    }
    return [
        Dynamics(temperature=settings.thermal, **common),
        HotDynamics(coldest=settings.thermal, hottest=settings.hot, **common),
        BiasedDynamics(temperature=settings.thermal, **common),
    ]


def _told(
    systems: list[System], start: System, uncertainty: AbstractUncertainty, reference: AbstractPotential | None
) -> dict[str, Float[np.ndarray, " samples"]]:
    frames = [Labelled(one, None, None, None, index=index) for index, one in enumerate([start, *systems])]
    energies = predictions(uncertainty.potential, frames).energies
    sigma = [np.sqrt(np.mean(one**2)) for one in uncertainty.of_frames(frames)]
    told = {
        "baseline_uncertainty": np.array(sigma[1:]),
        "baseline_energy_rise": (energies[1:] - energies[0]) / len(start.numbers),
    }
    if reference is None:
        return told
    errors = [force_error(uncertainty.potential, reference, one) for one in systems]
    return told | {"baseline_true_error": np.array(errors)}


def force_error(potential: AbstractPotential, truth: AbstractPotential, system: System) -> float:
    """Root mean square of a component of the force, eV/Å."""
    difference = potential.evaluate(system).forces - truth.evaluate(system).forces
    return float(np.sqrt(np.mean(np.square(difference))))


def _padded(rows: list[np.ndarray]) -> Float[np.ndarray, "baseline sample"]:
    longest = max(len(row) for row in rows)
    return np.stack([np.pad(row.astype(float), (0, longest - len(row)), constant_values=np.nan) for row in rows])
