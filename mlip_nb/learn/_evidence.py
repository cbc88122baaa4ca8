"""What checks look at: frames as numpy, and what several checks need, found once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ._images import nearest
from ._pairs import Pair, close_pairs, strained_pairs
from .frames import Labelled

REACH = 6.0
"""Å: an atom without a neighbour as near as this is alone, whatever the element."""


@dataclass(frozen=True)
class Case:
    """One frame as numpy. Labels that are not finite count as missing here, and are named in `broken`."""

    index: int
    group: str
    numbers: np.ndarray
    positions: np.ndarray
    cell: np.ndarray
    pbc: tuple[bool, bool, bool]
    energy: float | None
    forces: np.ndarray | None
    stress: np.ndarray | None
    broken: tuple[str, ...]

    @property
    def atoms(self) -> int:
        """How many."""
        return len(self.numbers)

    @property
    def volume(self) -> float:
        """Å³."""
        return abs(float(np.linalg.det(self.cell)))

    @cached_property
    def symbols(self) -> list[str]:
        """Chemical symbols, each once, sorted."""
        from ase.data import chemical_symbols

        return sorted({chemical_symbols[number] for number in self.numbers})

    @cached_property
    def is_sound(self) -> bool:
        """Whether its geometry can be worked with at all."""
        finite = np.isfinite(self.positions).all() and np.isfinite(self.cell).all()
        periodic = self.cell[list(self.pbc)]
        return bool(self.atoms and finite and (not len(periodic) or np.linalg.matrix_rank(periodic) == len(periodic)))

    @cached_property
    def neighbours(self) -> tuple[np.ndarray, np.ndarray]:
        """Distance to the nearest neighbour of each atom, Å, and which atom that is; infinite and -1 beyond reach."""
        return nearest(self.positions, self.cell, self.pbc, REACH)

    @property
    def kind(self) -> tuple:
        """Frames of one kind have the same atoms in the same order, and the same periodic directions."""
        return self.numbers.tobytes(), self.pbc


class Evidence:
    """All frames of a set, and which of them are close to each other."""

    def __init__(self, frames: Sequence[Labelled]):
        self.cases = [_case(frame) for frame in frames]

    @cached_property
    def sound(self) -> list[Case]:
        """Frames whose geometry can be worked with."""
        return [case for case in self.cases if case.is_sound]

    @cached_property
    def kinds(self) -> list[list[Case]]:
        """Sound frames, sorted by kind."""
        kinds = defaultdict(list)
        for case in self.sound:
            kinds[case.kind].append(case)
        return list(kinds.values())

    @cached_property
    def close(self) -> list[Pair]:
        """Pairs of frames in one cell whose atoms are a little displaced."""
        return [pair for cases in self.kinds for pair in close_pairs(cases)]

    @cached_property
    def strained(self) -> list[Pair]:
        """Pairs of frames of one group whose cells differ by a small strain, and atoms hardly beyond that."""
        groups = defaultdict(list)
        for case in self.sound:
            if all(case.pbc) and case.stress is not None and case.energy is not None:
                groups[(case.group, case.kind)].append(case)
        return [pair for cases in groups.values() for pair in strained_pairs(cases)]

    @cached_property
    def elements(self) -> list[str]:
        """Chemical symbols in all frames, sorted."""
        return sorted({symbol for case in self.cases for symbol in case.symbols})


def _case(frame: Labelled) -> Case:
    system = frame.system
    labels = {name: getattr(frame, name) for name in ("energy", "forces", "stress")}
    broken = [name for name, value in labels.items() if value is not None and not np.isfinite(value).all()]
    return Case(
        index=frame.index,
        group=frame.group,
        numbers=np.asarray(system.numbers),
        positions=np.asarray(system.positions, float),
        cell=np.asarray(system.cell, float),
        pbc=system.pbc,
        **{name: None if name in broken else value for name, value in labels.items()},
        broken=tuple(broken),
    )
