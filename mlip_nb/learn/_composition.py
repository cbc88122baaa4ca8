"""The energy of a frame as a sum of one energy per element."""

from collections.abc import Sequence

import numpy as np

from ._evidence import Case

_ROUNDS = 10


def composition_fit(cases: Sequence[Case]) -> tuple[dict[int, float], np.ndarray]:
    """Energy of each atomic number, eV, and what is left of each frame, eV per atom.

    The sum of absolute residuals is least, by reweighting, so that a few wrong energies do not draw the rest. Where
    frames do not tell elements apart (always as many H as O) the energies are the smallest that fit.
    """
    elements = np.unique(np.concatenate([case.numbers for case in cases]))
    counts = np.array([[np.sum(case.numbers == element) for element in elements] for case in cases], float)
    atoms = counts.sum(axis=1)
    shares, energies = counts / atoms[:, None], np.array([case.energy for case in cases]) / atoms
    weights, fitted = np.ones(len(cases)), np.zeros(len(elements))
    for _ in range(_ROUNDS):
        fitted = np.linalg.lstsq(shares * weights[:, None], energies * weights, rcond=1e-8)[0]
        residuals = energies - shares @ fitted
        weights = 1 / np.sqrt(np.maximum(np.abs(residuals), 1e-3))
    return dict(zip(elements.tolist(), fitted.tolist(), strict=True)), energies - shares @ fitted
