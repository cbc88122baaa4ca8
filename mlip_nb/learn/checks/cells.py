"""Cells and positions that make no sense, or not the same sense in all frames."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from .._evidence import Case, Evidence
from .._findings import Finding, numbers

_OVERLAP = 0.5
"""Sums of covalent radii: nearer atoms have hundreds of eV/Å. H2, the shortest bond, has 1.2."""

_DENSE = 2.0
"""Volume of atoms as spheres of their covalent radius, in units of the cell; close-packed metals have 0.9."""

_THIN = 1e-3
"""The same of a molecule in a large box."""


def look(evidence: Evidence) -> Iterator[Finding]:
    """Geometry a calculation cannot have meant: overlapping atoms, no volume, too much or too little of it."""
    yield from _unsound(evidence)
    yield from _overlapping(evidence)
    yield from _periodicity(evidence)
    yield from _left_handed(evidence)
    yield from _volumes(evidence)


def _unsound(evidence: Evidence) -> Iterator[Finding]:
    frames = numbers(case.index for case in evidence.cases if not case.is_sound)
    if frames:
        message = (
            f"{len(frames)} frames have no atoms, positions that are not finite, or a periodic cell without volume"
        )
        yield Finding("cells", "error", frames, message, "leave them out, or read them again")


def _overlapping(evidence: Evidence) -> Iterator[Finding]:
    cases = [case for case in evidence.sound if _closest(case) < _OVERLAP]
    if cases:
        worst = min(cases, key=_closest)
        atom = int(worst.neighbours[0].argmin())
        message = (
            f"atoms overlap in {len(cases)} frames: {worst.neighbours[0][atom]:.2f} Å between atoms {atom} and "
            f"{worst.neighbours[1][atom]} of frame {worst.index}"
        )
        cure = "check unit, cell and pbc; keep such frames only if they were computed on purpose"
        yield Finding("cells", "warning", numbers(case.index for case in cases), message, cure)


def _closest(case: Case) -> float:
    """The shortest distance in units of the sum of covalent radii."""
    from ase.data import covalent_radii

    distances, partners = case.neighbours
    radii = covalent_radii[case.numbers]
    return float(np.min(distances / (radii + radii[partners])))


def _periodicity(evidence: Evidence) -> Iterator[Finding]:
    together = [case for case in evidence.cases if case.atoms > 1]
    counts = Counter(case.pbc for case in together)
    if len(counts) > 1:
        usual = counts.most_common(1)[0][0]
        frames = numbers(case.index for case in together if case.pbc != usual)
        kinds = ", ".join(f"{count} {_axes(pbc)}" for pbc, count in counts.most_common())
        cure = "check pbc of the rarer kind; a mixture on purpose is fine"
        yield Finding("cells", "warning", frames, f"frames are periodic in different ways: {kinds}", cure)


def _axes(pbc: tuple[bool, bool, bool]) -> str:
    axes = "".join(axis for axis, periodic in zip("abc", pbc, strict=True) if periodic)
    return f"along {axes}" if axes else "not at all"


def _left_handed(evidence: Evidence) -> Iterator[Finding]:
    frames = numbers(case.index for case in evidence.sound if all(case.pbc) and np.linalg.det(case.cell) < 0)
    if frames:
        message = f"{len(frames)} frames have left-handed cells"
        yield Finding("cells", "note", frames, message, "energies do not mind; check that the file says so, too")


def _volumes(evidence: Evidence) -> Iterator[Finding]:
    periodic = [case for case in evidence.sound if all(case.pbc)]
    dense = numbers(case.index for case in periodic if _filling(case) > _DENSE)
    thin = numbers(case.index for case in periodic if case.atoms > 1 and _filling(case) < _THIN)
    if dense:
        message = f"{len(dense)} cells are smaller than their atoms"
        yield Finding("cells", "warning", dense, message, "check the unit of the cell; Å are needed")
    if thin:
        message = f"{len(thin)} periodic cells are nearly empty"
        yield Finding("cells", "note", thin, message, "molecules in a box are better non-periodic; else check the cell")


def _filling(case: Case) -> float:
    """Volume of spheres of covalent radius in units of the cell."""
    from ase.data import covalent_radii

    return float(4 / 3 * np.pi * np.sum(covalent_radii[case.numbers] ** 3) / case.volume)
