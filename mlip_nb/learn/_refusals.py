"""Labels that nothing should learn from: found by the doctor, or by asking the labeller about a frame that has one."""

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from ._findings import named
from .doctor import examine
from .frames import Labelled
from .labellers import Answer

_FATAL = ("units", "labels", "duplicates", "cells")
"""Checks whose errors no training survives."""
_DIFFERENT = 0.3
"""Difference of forces over the forces themselves, from which on they are of another calculation."""
_ALIKE = 0.98
"""Cosine of forces that are the same but for their unit."""
_ENERGY = 0.05
"""eV/atom: what two settings of one theory differ by at most."""
_SMALL = 0.01
"""eV/Å: forces that tell nothing of what they should be."""


def check_labels(frames: Sequence[Labelled], what: str) -> None:
    """**Raises:** `InputError` that names the frames with wrong units, orders of atoms or fillers, and copies of each
    other."""
    for finding in examine(frames).findings if frames else ():
        copies = finding.check == "duplicates"
        if copies or (finding.severity == "error" and finding.check in _FATAL):
            where = f" ({named(finding.frames)})" if finding.frames else ""
            raise InputError(f"{what}: {finding.message}{where}; {finding.cure}")


def check_same_theory(frame: Labelled, answer: Answer, about: str) -> None:
    """Whether a labeller says of a labelled frame what its label says.

    **Raises:** `InputError` that tells what is different: unit, order of atoms, zero of energies, or the theory.
    """
    where = f"frame {frame.index} is labelled otherwise by {about}"
    if answer.problem:
        raise InputError(f"frame {frame.index} cannot be labelled by {about}: {answer.problem}")
    if told := _of_forces(np.asarray(frame.forces, float), answer.forces):
        raise InputError(f"{where}: {told}")
    apart = (answer.energy - frame.energy) / len(frame.system.numbers)
    if abs(apart) > _ENERGY:
        raise InputError(
            f"{where}: its energy differs by {apart:+.3g} eV/atom, as another unit, zero or theory makes it; label all "
            "frames by one labeller"
        )


def _of_forces(label: np.ndarray, found: np.ndarray) -> str:
    """What is wrong, in words; nothing where they agree."""
    size = float(np.sqrt(np.mean(label**2)))
    if size < _SMALL or np.sqrt(np.mean((found - label) ** 2)) <= _DIFFERENT * size:
        return ""
    cosine = np.sum(found * label) / (np.linalg.norm(found) * np.linalg.norm(label) + 1e-300)
    if abs(cosine) > _ALIKE:
        factor = np.sum(found * label) / np.sum(label**2)
        return f"its forces are {factor:.3g} times the labels (eV/Å are needed; Ha/bohr are 51.4, kcal/mol/Å 0.0434)"
    if np.allclose(*(np.sort(np.linalg.norm(one, axis=1)) for one in (found, label)), rtol=0.02, atol=_SMALL):
        return "its forces are the labels in another order of atoms; keep the order of the structure"
    return "its forces are others; label all frames by one labeller"
