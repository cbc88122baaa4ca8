"""Energies of atoms that belong to no bond: taken off before training, given back after it."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from ..errors import InputError
from .frames import Labelled


def offsets_of(frames: Sequence[Labelled], symbols: Sequence[str]) -> Float[np.ndarray, " elements"]:
    """Energy of an isolated atom of each element, eV: that of a frame with nothing else in it.

    Where no frame tells, the energies that explain most of those of the frames, by least squares; where compositions
    do not tell elements apart, the smallest that do.

    **Raises:** `InputError` when no frame has an energy.
    """
    known = [frame for frame in frames if frame.energy is not None]
    if not known:
        raise InputError("no frame has an energy; name its key by `energy`")
    alone = {frame.system.symbols[0]: frame.energy for frame in known if is_isolated(frame)}
    given = np.array([alone.get(symbol, 0.0) for symbol in symbols], float)
    counts, energies = _compositions(known, symbols), np.array([frame.energy for frame in known])
    # By atom: a large frame says no more about an atom than a small one.
    shares = counts / counts.sum(axis=1)[:, None]
    missing = np.array([symbol not in alone for symbol in symbols])
    given[missing] = np.linalg.lstsq(shares[:, missing], energies / counts.sum(axis=1) - shares @ given, rcond=None)[0]
    return given


def is_isolated(frame: Labelled) -> bool:
    """One atom, and no images of it."""
    return len(frame.system.numbers) == 1 and not any(frame.system.pbc)


def labels_left(
    frames: Sequence[Labelled], offsets: Float[np.ndarray, " elements"], symbols: Sequence[str]
) -> Float[np.ndarray, "3"]:
    """Root mean squares of what there is to be learned: energies per atom beyond the offsets, forces, stresses."""
    energies = [_per_atom(frame, offsets, symbols) for frame in frames if frame.energy is not None]
    forces = [frame.forces.ravel() for frame in frames if frame.forces is not None]
    stresses = [frame.stress.ravel() for frame in frames if frame.stress is not None]
    return np.array([_rms(np.array(energies)), *(_rms(np.concatenate([[], *of])) for of in (forces, stresses))])


def _per_atom(frame: Labelled, offsets: np.ndarray, symbols: Sequence[str]) -> float:
    (counts,) = _compositions([frame], symbols)
    return (frame.energy - counts @ offsets) / counts.sum()


def _compositions(frames: Sequence[Labelled], symbols: Sequence[str]) -> Int[np.ndarray, "frames elements"]:
    return np.array([[frame.system.symbols.count(symbol) for symbol in symbols] for frame in frames])


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2))) if len(values) else 0.0
