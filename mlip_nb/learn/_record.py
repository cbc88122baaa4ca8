"""Everything labelled so far, as files that survive a kill at any moment: a row of structures, and one manifest."""

import dataclasses
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from ..errors import StorageError
from ..system import System, to_ase
from ._shelf import AbstractShelf, Memory
from .frames import Labelled, read_frames
from .labellers import Answer

LABELS, PLAN, MANIFEST, WEIGHTS = "labels.xyz", "plan.xyz", "manifest.json", "potential-{}.eqx"
_KIND, _VERSION = "mlip_nb learn", 1


class Record:
    """Labels, what failed, what is planned, and the rounds that are complete.

    The manifest is written last and says how much of the labels counts, so whoever continues finds neither a frame
    too many nor one that was paid for and lost.
    """

    def __init__(self, shelf: AbstractShelf, campaign: dict[str, Any]):
        """**Raises:** `StorageError` for files of another campaign, or none of ours."""
        self.shelf = shelf
        empty = {"kind": _KIND, "version": _VERSION, "campaign": campaign, "bytes": 0}
        self._manifest = _manifest(shelf) or {**empty, "labels": [], "failures": [], "plan": None, "rounds": []}
        if wrong := [name for name in campaign if self._manifest["campaign"].get(name) != campaign[name]]:
            raise StorageError(
                f"the folder holds labels of another {wrong[0]}; choose another folder, or ask as before"
            )
        text = (shelf.read(LABELS) or b"")[: self._manifest["bytes"]]
        self._frames = _frames(text)

    @property
    def rounds(self) -> list[dict[str, Any]]:
        """Numbers of every complete round, in order."""
        return self._manifest["rounds"]

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Round, place in its plan, reason, and extended XYZ of every structure without labels."""
        return self._manifest["failures"]

    def failed(self) -> list[Labelled]:
        """The structures without labels."""
        text = "".join(one.get("structure", "") for one in self.failures)
        return _frames(text.encode(), labelled=False)

    @property
    def round(self) -> int | None:
        """Which has a plan that is not labelled to the end, or not learned; None where none has."""
        return None if self._manifest["plan"] is None else self._manifest["plan"]["round"]

    @property
    def news(self) -> dict[str, Any]:
        """What the plan came with."""
        return self._manifest["plan"]["news"]

    def plan(self, round: int, systems: Sequence[System], news: dict[str, Any]) -> None:
        """Decide what is labelled next; from here on a kill loses nothing but the answers under way."""
        self.shelf.replace(PLAN, b"".join(_text(system) for system in systems))
        self._commit(plan={"round": round, "news": news, "count": len(systems)})

    def planned(self) -> list[tuple[int, System]]:
        """What is still to be labelled, by its place in the plan."""
        systems = [frame.system for frame in _frames(self.shelf.read(PLAN) or b"", labelled=False)]
        settled = {one["place"] for one in [*self._labels, *self.failures] if one["round"] == self.round}
        return [(place, system) for place, system in enumerate(systems) if place not in settled]

    def add(self, place: int, system: System, answer: Answer) -> None:
        """The answer for a planned structure, on disk when this returns."""
        told = {"round": self.round, "place": place, "seconds": round(answer.seconds, 6)}
        if answer.problem:
            told |= {"problem": answer.problem, "structure": _text(system).decode()}
            self._commit(failures=[*self.failures, told])
            return
        text, at = _text(system, answer, f"round {self.round}"), self._manifest["bytes"]
        self.shelf.append(LABELS, at, text)
        # What counts is what was written: a campaign that goes on learns from the same numbers.
        self._frames += _frames(text)
        self._commit(labels=[*self._labels, told], bytes=at + len(text))

    def frames(self, number: int | None = None) -> list[Labelled]:
        """All with labels, or those of one round; in the order of the plans, whoever answered first."""
        pairs = zip(self._labels, self._frames, strict=True)
        chosen = [(one["round"], one["place"], frame) for one, frame in pairs if number in (None, one["round"])]
        ordered = sorted(chosen, key=lambda one: one[:2])
        return [dataclasses.replace(frame, index=index) for index, (*_, frame) in enumerate(ordered)]

    def finish(self, numbers: dict[str, Any], weights: bytes) -> None:
        """Close a round: its numbers and its potential."""
        count = len(self.rounds)
        self.shelf.replace(WEIGHTS.format(count), weights)
        self._commit(plan=None, rounds=[*self.rounds, numbers])
        self.shelf.remove(WEIGHTS.format(count - 1))

    def weights(self) -> bytes | None:
        """Of the last complete round."""
        return self.shelf.read(WEIGHTS.format(len(self.rounds) - 1)) if self.rounds else None

    def packed(self) -> bytes:
        """Everything, in one piece."""
        names, buffer = (LABELS, PLAN, MANIFEST, WEIGHTS.format(len(self.rounds) - 1)), io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name in names:
                if (data := self.shelf.read(name)) is not None:
                    archive.writestr(name, data)
        return buffer.getvalue()

    @property
    def _labels(self) -> list[dict[str, Any]]:
        return self._manifest["labels"]

    def _commit(self, **changes: Any) -> None:
        self._manifest = self._manifest | changes
        self.shelf.replace(MANIFEST, json.dumps(self._manifest, indent=1).encode())


def unpacked(data: bytes) -> Memory:
    """What `Record.packed` has packed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return Memory({name: archive.read(name) for name in archive.namelist()})


def _manifest(shelf: AbstractShelf) -> dict[str, Any] | None:
    data = shelf.read(MANIFEST)
    if data is None:
        return None
    try:
        found = json.loads(data)
    except ValueError:
        found = {}
    if (found.get("kind"), found.get("version")) != (_KIND, _VERSION):
        raise StorageError(f"{MANIFEST} is none that this mlip_nb can continue; choose another folder")
    return found


def _text(system: System, answer: Answer | None = None, group: str = "") -> bytes:
    """As extended XYZ."""
    import ase.io
    from ase.calculators.singlepoint import SinglePointCalculator

    atoms = to_ase(dataclasses.replace(system, momenta=None, mobile=None))
    if group:
        atoms.info["config_type"] = group
    if answer is not None:
        labels = {"energy": answer.energy, "forces": answer.forces, "stress": answer.stress}
        atoms.calc = SinglePointCalculator(atoms, **{name: one for name, one in labels.items() if one is not None})
    buffer = io.StringIO()
    ase.io.write(buffer, atoms, format="extxyz")
    return buffer.getvalue().encode()


def _frames(text: bytes, *, labelled: bool = True) -> list[Labelled]:
    import ase.io

    if not text:
        return []
    atoms = ase.io.read(io.StringIO(text.decode()), ":", format="extxyz")
    return read_frames(atoms, labelled=labelled)
