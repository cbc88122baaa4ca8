"""Forces that would push the whole structure away."""

from collections.abc import Iterator

import numpy as np

from .._evidence import Case, Evidence
from .._findings import Finding, numbers

_ALLOWED = 0.01
"""eV/Å per atom: what grids and rounding leave in a plane-wave calculation."""


def look(evidence: Evidence) -> Iterator[Finding]:
    """|ΣF|/N is zero, because the energy does not change when everything moves together.

    What is left means forces of another frame or order of atoms, an external field, atoms missing from the frame, or
    a calculation that has not converged. A potential cannot learn it.
    """
    cases = [case for case in evidence.cases if case.forces is not None and case.atoms > 1]
    nets = np.array([_net(case) for case in cases])
    frames = numbers(case.index for case, net in zip(cases, nets, strict=True) if net > _ALLOWED)
    if frames:
        worst = int(nets.argmax())
        message = (
            f"the forces of {len(frames)} frames do not add up to zero: {nets[worst]:.3g} eV/Å per atom are left "
            f"in frame {cases[worst].index}"
        )
        yield Finding("net force", "warning", frames, message, "check convergence and that no atom or force is missing")


def _net(case: Case) -> float:
    return float(np.linalg.norm(case.forces.sum(axis=0)) / case.atoms)
