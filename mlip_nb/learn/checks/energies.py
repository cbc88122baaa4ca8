"""Energies that do not fit what the frame is made of."""

from collections.abc import Iterator

import numpy as np

from .._composition import composition_fit
from .._evidence import Evidence
from .._findings import Finding, numbers
from ._robust import robust_scores

_FLOOR = 0.03
"""eV per atom: k_B T at room temperature, a spread that counts as none."""

_SCORE = 15.0
"""Robust standard deviations; with the floor an outlier is at least 0.45 eV per atom away from the fit. Vacancies,
surfaces, melts and strains of 10 % in one set stay below 8 (measured on the sets of Zuo et al., 2020)."""


def look(evidence: Evidence) -> Iterator[Finding]:
    """Energy per atom against a sum of one energy per element.

    Bonding moves an atom by a few eV at most, another reference or a calculation that has not converged by more.
    Isolated atoms are left out: they are apart by right.
    """
    cases = [case for case in evidence.cases if case.energy is not None and case.atoms > 1]
    if len(cases) < len(evidence.elements) + 5:
        return
    _, residuals = composition_fit(cases)
    scores = robust_scores(residuals, _FLOOR)
    strange = np.abs(scores) > _SCORE
    if strange.any():
        frames = numbers(np.array([case.index for case in cases])[strange])
        worst = int(np.abs(scores).argmax())
        message = (
            f"{len(frames)} frames have energies up to {residuals[worst]:+.3g} eV per atom off a fit of one energy per "
            f"element (frame {cases[worst].index}); the rest spreads by {np.median(np.abs(residuals)):.2g}"
        )
        yield Finding("energies", "warning", frames, message, "check that they have converged, with one reference")
