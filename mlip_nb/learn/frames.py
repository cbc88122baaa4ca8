"""Labelled frames: structures with what a reference calculation says about them, from wherever they are."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..system import System
from ._datasets import frames_of_dataset
from ._files import read_file
from ._labels import Label, Labels, asked, labels_of


@dataclass(frozen=True)
class Labelled:
    """A structure with what a reference calculation says about it."""

    system: System
    energy: float | None
    """Total energy, eV."""
    forces: np.ndarray | None
    """[atoms, 3] eV/Å."""
    stress: np.ndarray | None
    """[3, 3] eV/Å³, configurational, tension positive."""
    group: str = ""
    """What the source calls this kind of frame, such as its config_type."""
    index: int = 0
    """Place in the source, counted from 0: what findings name."""


def read_frames(
    source: Any,
    *,
    energy: str | None = None,
    forces: str | None = None,
    stress: str | None = None,
    labelled: bool = True,
) -> list[Labelled]:
    """Every frame of a file ASE reads, of `ase.Atoms`, of the Dataset of a run, or of several of these in a row.

    Labels are looked for under the usual names; `energy`, `forces` and `stress` say under which key they stand
    instead. A virial (a key that says so) becomes a stress by σ = -virial/V. Masses are the standard ones and momenta
    are left out: labels know of neither, and files often have fillers there. Without `labelled`, structures will do.

    **Raises:** `InputError` when there is no file or frame, when a key asked for is nowhere, or when no frame has an
    energy, or none that could have forces has them.
    """
    names = Labels(energy, forces, stress)
    found = [frame for part in _parts(source) for frame in _frames_of(part, names)]
    if not found:
        raise InputError(f"{_short(source)} has no frames; give a file, ase.Atoms or a Dataset that has some")
    for kind, key in names.given():
        if not any(key in labels.keys for _, labels in found):
            raise asked(kind, key, [labels for _, labels in found])
    frames = [_labelled(system, labels, index) for index, (system, labels) in enumerate(found)]
    if labelled:
        _check(frames, [labels for _, labels in found], _short(source))
    return frames


def fingerprint(frames: Sequence[Labelled]) -> str:
    """SHA-256 of structures, labels and groups."""
    digest = hashlib.sha256()
    for frame in frames:
        system = frame.system
        digest.update(f"{frame.group} {system.pbc}".encode())
        for part in (system.numbers, system.positions, system.cell, frame.energy, frame.forces, frame.stress):
            digest.update(b"-" if part is None else np.asarray(part, float).tobytes())
    return digest.hexdigest()


def _parts(source: Any) -> list[Any]:
    """A list of sources, each of one kind."""
    import ase

    single = isinstance(source, (str, Path, ase.Atoms)) or hasattr(source, "data_vars")
    if single or not isinstance(source, Sequence):
        return [source]
    return list(source)


def _frames_of(part: Any, names: Labels) -> list[tuple[System, Label]]:
    import ase

    # A Dataset is known by its looks: importing xarray takes half a second.
    if hasattr(part, "data_vars"):
        return frames_of_dataset(part, names)
    if isinstance(part, ase.Atoms):
        return [labels_of(part, names)]
    if isinstance(part, (str, Path)):
        return [labels_of(atoms, names) for atoms in read_file(Path(part).expanduser())]
    raise InputError(f"cannot read frames of {_short(part)}; give a file, ase.Atoms or the Dataset of a run")


def _labelled(system: System, labels: Label, index: int) -> Labelled:
    atoms = len(system.numbers)
    if labels.forces is not None and labels.forces.shape != (atoms, 3):
        raise InputError(
            f"frame {index} has forces of shape {labels.forces.shape} for {atoms} atoms; name their key by forces="
        )
    return Labelled(system, labels.energy, labels.forces, labels.stress, labels.group, index)


def _check(frames: list[Labelled], labels: list[Label], source: str) -> None:
    """Refuse what nothing can be learnt from."""
    there = ", ".join(sorted({key for label in labels for key in label.keys})) or "nothing"
    if all(frame.energy is None for frame in frames):
        raise InputError(f"{source} has no frame with an energy (there is {there}); name its key by energy=")
    # A lone atom has no forces to speak of.
    movable = [frame for frame in frames if len(frame.system.numbers) > 1]
    if movable and all(frame.forces is None for frame in movable):
        raise InputError(
            f"{source} is data without forces (there is {there}); name their key by forces=, or write them out"
        )


def _short(source: Any) -> str:
    text = str(source) if isinstance(source, (str, Path)) else type(source).__name__
    return repr(text if len(text) < 60 else f"...{text[-57:]}")
