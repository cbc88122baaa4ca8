"""Energies of atoms that belong to no bond: taken off before training, given back after it."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from .frames import Labelled


def offsets_of(frames: Sequence[Labelled], symbols: Sequence[str]) -> Float[np.ndarray, " elements"]:
    """Energy of an atom of each element, eV, that explains most of the energies of the frames, by least squares.

    Where compositions do not tell elements apart, the smallest energies that do.

    **Raises:** `InputError` when no frame has an energy.
    """
    known = [frame for frame in frames if frame.energy is not None]
    if not known:
        raise InputError("no frame has an energy; name its key by `energy`")
    counts = np.array([[frame.system.symbols.count(symbol) for symbol in symbols] for frame in known], float)
    atoms = counts.sum(axis=1)
    energies = np.array([frame.energy for frame in known])
    # By atom: a large frame says no more about an atom than a small one.
    return np.linalg.lstsq(counts / atoms[:, None], energies / atoms, rcond=None)[0]
