"""Forces far larger than those on other atoms of the element."""

from collections.abc import Iterator

import numpy as np

from .._evidence import Evidence
from .._findings import Finding, numbers
from ._robust import robust_scores

_FLOOR = 0.05
"""eV/Å: spread that counts as none, so that a set of crystals at rest has no outliers."""

_SCORE = 30.0
"""Robust standard deviations. Thermal forces stay below 6, and hot, strained or cut frames among cold ones below 15
(measured on the sets of Zuo et al., 2020); atoms on top of each other have hundreds."""


def look(evidence: Evidence) -> Iterator[Finding]:
    """Force outliers, element by element: sizes of forces against their median.

    Squared errors make a single such force the whole loss.
    """
    cases = [case for case in evidence.cases if case.forces is not None]
    if not cases:
        return
    sizes = np.concatenate([np.linalg.norm(case.forces, axis=1) for case in cases])
    elements = np.concatenate([case.numbers for case in cases])
    owners = np.repeat([case.index for case in cases], [case.atoms for case in cases])
    scores = np.zeros(len(sizes))
    for element in np.unique(elements):
        own = elements == element
        scores[own] = robust_scores(sizes[own], _FLOOR)
    frames = numbers(owners[scores > _SCORE])
    if frames:
        worst = int(scores.argmax())
        message = (
            f"{len(frames)} frames have forces up to {sizes[worst]:.3g} eV/Å (frame {owners[worst]}), "
            f"{scores[worst]:.0f} robust standard deviations above the median of the element"
        )
        yield Finding("forces", "warning", frames, message, "look at these frames; leave out what is no physics")
