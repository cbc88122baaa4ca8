"""Frames that are in the set more than once."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from .._evidence import Case, Evidence
from .._findings import Finding, numbers
from .._images import complete

_SAME = 1e-4
"""Å: two frames with no atom farther apart are one structure."""

_ENERGY = 1e-4
"""eV per atom: what one calculation repeated differs by at most; ten times what a displacement of 1e-4 Å can do."""

_FORCE = 0.02
"""eV/Å: the same for forces (a stiff bond has 50 eV/Å², and 1e-4 Å of it is 0.005 eV/Å)."""


def look(evidence: Evidence) -> Iterator[Finding]:
    """One structure twice weighs twice, and beside a validation frame it hides overfitting. With different labels
    one of them is wrong.
    """
    copies, contradictions, clusters = [], [], 0
    for cases in evidence.kinds:
        for cluster in _clusters(cases):
            clusters += 1
            agree = _agree(cluster)
            (copies if agree else contradictions).extend(case.index for case in cluster)
    if copies:
        frames = numbers(copies)
        message = f"{len(frames)} frames are copies of each other"
        yield Finding("duplicates", "warning", frames, message, "keep one of each")
    if contradictions:
        frames = numbers(contradictions)
        message = f"{len(frames)} frames are copies of each other and have different labels"
        yield Finding("duplicates", "error", frames, message, "find the right label; they may differ in settings")


def _clusters(cases: list[Case]) -> Iterator[list[Case]]:
    """Groups of two or more frames that are one structure."""
    from scipy.spatial import KDTree

    root = list(range(len(cases)))
    features = np.stack([_feature(case) for case in cases])
    for first, second in KDTree(features).query_pairs(1.0, p=np.inf):
        if _are_same(cases[first], cases[second]):
            _join(root, first, second)
    members = defaultdict(list)
    for place, case in enumerate(cases):
        members[_find(root, place)].append(case)
    return (cluster for cluster in members.values() if len(cluster) > 1)


def _feature(case: Case) -> np.ndarray:
    """A few smooth numbers that differ by less than one between copies, however atoms are wrapped."""
    basis = complete(case.cell)
    inverse = np.linalg.inv(basis)
    phases = 2 * np.pi * (case.positions @ inverse)
    waves = np.hstack([np.cos(phases), np.sin(phases)])[:, np.tile(case.pbc, 2)]
    # Weights that differ, so that one atom's move is not undone by another's.
    weights = 0.5 + 0.5 * np.modf(np.arange(1, case.atoms + 1) * 0.6180339887)[0][:, None]
    slope = 2 * np.pi * np.abs(np.linalg.norm(inverse, axis=0)).max()
    free = case.positions[:, ~np.array(case.pbc)] if not all(case.pbc) else np.zeros((case.atoms, 0))
    periodic = case.cell[list(case.pbc)].ravel()
    mean = [np.mean(weights * waves, axis=0) / slope, np.mean(weights * free, axis=0), periodic]
    return np.concatenate(mean) / (2 * _SAME)


def _are_same(first: Case, second: Case) -> bool:
    pbc = np.array(first.pbc)
    if np.abs((first.cell - second.cell)[pbc]).max(initial=0) > _SAME:
        return False
    basis = complete(first.cell)
    way = second.positions - first.positions
    way -= np.where(pbc, np.round(way @ np.linalg.inv(basis)), 0) @ basis
    return bool((np.linalg.norm(way, axis=1) < _SAME).all())


def _find(root: list[int], place: int) -> int:
    while root[place] != place:
        root[place] = place = root[root[place]]
    return place


def _join(root: list[int], first: int, second: int) -> None:
    root[_find(root, second)] = _find(root, first)


def _agree(cluster: list[Case]) -> bool:
    energies = [case.energy for case in cluster if case.energy is not None]
    forces = [case.forces for case in cluster if case.forces is not None]
    same_energy = not energies or np.ptp(energies) < _ENERGY * cluster[0].atoms
    return bool(same_energy and (not forces or np.ptp(forces, axis=0).max() < _FORCE))
