"""Energies of atoms that belong to no bond: taken off before training, given back after it."""

import itertools
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from ..errors import InputError
from .frames import Labelled

_FAR = 8.0
"""Å; an atom that is this far from its images does not feel them."""


def offsets_of(frames: Sequence[Labelled], symbols: Sequence[str]) -> Float[np.ndarray, " elements"]:
    """Energy of an isolated atom of each element, eV: that of a frame with nothing else in it.

    Where no frame tells, the energies that explain most of those of the frames, by least squares; where compositions
    do not tell elements apart, the smallest that do. Elements that are not named count for nothing.

    **Raises:** `InputError` when no frame has an energy.
    """
    known = [frame for frame in frames if frame.energy is not None]
    if not known:
        raise InputError("no frame has an energy; name its key by `energy`")
    alone = {frame.system.symbols[0]: frame.energy for frame in known if is_isolated(frame)}
    given = np.array([alone.get(symbol, 0.0) for symbol in symbols], float)
    counts, energies = _compositions(known, symbols), np.array([frame.energy for frame in known])
    # By atom: a large frame says no more about an atom than a small one.
    atoms = np.array([len(frame.system.numbers) for frame in known])
    shares = counts / atoms[:, None]
    missing = np.array([symbol not in alone for symbol in symbols])
    given[missing] = np.linalg.lstsq(shares[:, missing], energies / atoms - shares @ given, rcond=None)[0]
    return given


def is_isolated(frame: Labelled) -> bool:
    """One atom, without images or far from them."""
    return len(frame.system.numbers) == 1 and _nearest_image(frame) > _FAR


def _nearest_image(frame: Labelled) -> float:
    """Å; infinite where nothing is periodic."""
    steps = itertools.product(*((-1, 0, 1) if periodic else (0,) for periodic in frame.system.pbc))
    lengths = [float(np.linalg.norm(np.array(step) @ np.asarray(frame.system.cell))) for step in steps if any(step)]
    return min(lengths, default=np.inf)


def labels_left(
    frames: Sequence[Labelled], offsets: Float[np.ndarray, " elements"], symbols: Sequence[str]
) -> Float[np.ndarray, "3"]:
    """Root mean squares of what there is to be learned: energies per atom beyond the offsets, forces, stresses."""
    forces = [frame.forces.ravel() for frame in frames if frame.forces is not None]
    stresses = [frame.stress.ravel() for frame in frames if frame.stress is not None]
    energies = energies_left(frames, offsets, symbols)
    return np.array([_rms(energies), *(_rms(np.concatenate([[], *of])) for of in (forces, stresses))])


def energies_left(
    frames: Sequence[Labelled], offsets: Float[np.ndarray, " elements"], symbols: Sequence[str]
) -> Float[np.ndarray, " frames"]:
    """Energies per atom beyond the offsets, of frames that have one."""
    known = [frame for frame in frames if frame.energy is not None]
    if not known:
        return np.empty(0)
    counts = _compositions(known, symbols)
    return (np.array([frame.energy for frame in known]) - counts @ offsets) / counts.sum(axis=1)


def _compositions(frames: Sequence[Labelled], symbols: Sequence[str]) -> Int[np.ndarray, "frames elements"]:
    return np.array([[frame.system.symbols.count(symbol) for symbol in symbols] for frame in frames])


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2))) if len(values) else 0.0
