"""Vacancies of a potential beside those of its data, which have them hot only."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase.build import bulk

from mlip_nb.learn import Labelled, predictions, read_frames
from mlip_nb.potentials import AbstractPotential

from .zuo2020 import CRYSTALS


def vacancy_error(symbol: str, model: AbstractPotential, folder: Path) -> tuple[float, float]:
    """Of the energy it takes to remove an atom, and the standard error of that, eV.

    Errors of crystals that lack an atom beyond those of whole crystals that are as hot, or nearly; errors scatter less
    than energies.
    """
    missing, whole = _crystals(symbol, folder)
    with_vacancy, without = (_errors(model, frames) for frames in (missing, whole))
    without *= 1 - 1 / len(whole[0].system.numbers)
    uncertainty = np.hypot(*(np.std(part) / np.sqrt(len(part)) for part in (with_vacancy, without)))
    return float(np.mean(with_vacancy) - np.mean(without)), float(uncertainty)


def _crystals(symbol: str, folder: Path) -> tuple[list[Labelled], list[Labelled]]:
    """The calmer ones of those that lack an atom, and as many whole ones with forces most like theirs."""
    files = [folder / f"{symbol}_{part}.xyz.gz" for part in ("train", "test")]
    frames = [frame for file in files if file.exists() for frame in read_frames(file)]
    sites = len(bulk(symbol, cubic=True)) * CRYSTALS[symbol].repeat ** 3
    missing, whole = ([frame for frame in frames if len(frame.system.numbers) == n] for n in (sites - 1, sites))
    # Si, Ge and Mo have molten ones, too.
    missing = sorted(missing, key=_agitation)[: len(missing) // 2]
    typical = np.median([_agitation(frame) for frame in missing])
    return missing, sorted(whole, key=lambda frame: abs(_agitation(frame) - typical))[: len(missing)]


def _agitation(frame: Labelled) -> float:
    """Root mean square of the forces, eV/Å."""
    return float(np.sqrt(np.mean(np.square(frame.forces))))


def _errors(model: AbstractPotential, frames: Sequence[Labelled]) -> np.ndarray:
    """Of energies of frames, eV."""
    return predictions(model, frames).energies - np.array([frame.energy for frame in frames])
