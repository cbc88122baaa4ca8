"""Labels that are missing, not finite, zero, or of two kinds of stress."""

from collections.abc import Iterator

import numpy as np

from .._evidence import Case, Evidence
from .._findings import Finding, numbers
from .._images import pairs_within

_REACH = 4.0
"""Å: neighbours that decide whether an atom's surroundings allow a force."""


def look(evidence: Evidence) -> Iterator[Finding]:
    """Labels that are there, finite and not fillers.

    A force can vanish exactly only where symmetry forbids it, and there every vector made of the neighbours
    vanishes, too. Frames whose forces are all exactly zero although the surroundings of an atom single out a
    direction have fillers for forces.
    """
    yield from _broken(evidence)
    for kind in ("energy", "forces", "stress"):
        yield from _missing(evidence, kind)
    fillers = numbers(case.index for case in evidence.sound if _has_filler_forces(case))
    if fillers:
        message = f"all forces of {len(fillers)} frames are exactly zero, and no symmetry makes them so"
        yield Finding("labels", "error", fillers, message, "compute their forces, or set them to None")


def _broken(evidence: Evidence) -> Iterator[Finding]:
    for kind in ("energy", "forces", "stress"):
        frames = numbers(case.index for case in evidence.cases if kind in case.broken)
        if frames:
            message = f"the {kind} of {len(frames)} frames is not finite"
            yield Finding("labels", "error", frames, message, "compute these frames again, or leave them out")


def _missing(evidence: Evidence, kind: str) -> Iterator[Finding]:
    """Frames without a label that others have; one atom needs no forces, and stress needs a periodic cell."""
    due = [case for case in evidence.cases if _is_due(case, kind)]
    without = numbers(case.index for case in due if getattr(case, kind) is None and kind not in case.broken)
    if not without:
        return
    if len(without) == len(due):
        if kind == "stress":
            message = f"no frame has a stress ({len(due)} could)"
            yield Finding("labels", "note", (), message, "train on energies and forces, or give a key by stress=")
        return
    severity = "note" if kind == "stress" else "warning"
    message = f"{len(without)} of {len(due)} frames have no {kind}"
    yield Finding("labels", severity, without, message, "they count for the other labels only; compute what is missing")


def _is_due(case: Case, kind: str) -> bool:
    return {"energy": True, "forces": case.atoms > 1, "stress": all(case.pbc)}[kind]


def _has_filler_forces(case: Case) -> bool:
    if case.forces is None or case.atoms < 2 or case.forces.any():
        return False
    centers, others, _, vectors = pairs_within(case.positions, case.cell, case.pbc, _REACH)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    pulls = vectors * (_REACH - lengths) ** 2 * (1 + case.numbers[others][:, None])
    total = np.zeros((case.atoms, 3))
    np.add.at(total, centers, pulls)
    size = np.zeros(case.atoms)
    np.add.at(size, centers, np.linalg.norm(pulls, axis=1))
    return bool((np.abs(total) > 1e-3 * np.maximum(size, 1e-12)[:, None]).any())
