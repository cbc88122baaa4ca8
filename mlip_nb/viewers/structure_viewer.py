"""Our own viewer of structures, drawn with WebGL2. Its front end is `widgets/src/viewer.ts`."""

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import traitlets

from ..errors import InputError
from ._elements import colour, radius
from ._frames import AbstractReader, Frame
from ._geometry import orientation
from ._latest import Latest
from .comm import Teller, answer_while_busy
from .fallback import with_fallback

log = logging.getLogger(__name__)

_PATIENCE = 1.0
"""Seconds after which a front end that has not painted a frame is sent another one."""
_MOST_ASKED = 16
"""Frames a front end may ask for at once."""


class StructureViewer(Teller):
    """Atoms, bonds and cell, which the mouse and the keyboard turn. Arrays cross as bytes, one frame at a time.

    `reader` gives the `count` frames that can be looked at; other traits (`height`, `repeat`, ...) may be given, too.
    """

    _esm: ClassVar[Path] = Path(__file__).parent / "static" / "viewer.js"

    title = traitlets.Unicode().tag(sync=True)
    species = traitlets.Bytes().tag(sync=True)
    elements = traitlets.List().tag(sync=True)
    periodic = traitlets.List().tag(sync=True)
    orientation = traitlets.Bytes().tag(sync=True)
    height = traitlets.Int(400).tag(sync=True)
    repeat = traitlets.List(traitlets.Int(min=1), [1, 1, 1], minlen=3, maxlen=3).tag(sync=True)
    """Copies of the cell along its lattice vectors; may be set at any time."""
    bonds = traitlets.Bool(True).tag(sync=True)
    colourings = traitlets.List().tag(sync=True)
    count = traitlets.Int(0).tag(sync=True)
    live = traitlets.Bool(False).tag(sync=True)
    """True while something computes more frames: the newest is shown unless another one was chosen."""
    number = traitlets.Int(0).tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)
    positions = traitlets.Bytes().tag(sync=True)
    cell = traitlets.Bytes().tag(sync=True)
    values = traitlets.Bytes().tag(sync=True)
    beads = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        numbers: np.ndarray,
        pbc: np.ndarray,
        frame: Frame,
        *,
        reader: AbstractReader | None = None,
        **traits: Any,
    ):
        self._numbers, self._pbc = np.asarray(numbers), np.asarray(pbc, bool)
        self._reader = reader
        self._shown = frame
        self.by = frame.by
        """What the newest frame is to be coloured by."""
        self._latest = Latest(self._put, _PATIENCE)
        super().__init__(
            title=_formula(self._numbers),
            **_atoms(self._numbers),
            periodic=self._pbc.tolist(),
            orientation=_bytes(orientation(frame.positions, self._pbc)),
            colourings=[
                {"name": name, "label": label} for name, label in (reader.colourings if reader else {}).items()
            ],
            **_state(frame),
            **traits,
        )
        answer_while_busy(self)
        self.on_msg(self._heed)

    def show(self, frame: Frame, *, at_once: bool = False) -> None:
        """Show a frame as soon as the front end has painted the one before; the newest wins, and nobody waits."""
        self._latest.offer(frame, at_once=at_once)

    def _put(self, frame: Frame) -> None:
        self._shown = frame
        with self.hold_sync():
            for name, value in _state(frame).items():
                setattr(self, name, value)
            if self.live:
                self.count = frame.index + 1
            self.number += 1

    def _heed(self, _: object, request: Any, buffers: object) -> None:
        """A request of the front end; it may come on any thread, and contain anything."""
        match request:
            case {"ask": "painted", "number": int(number)}:
                if number == self.number:
                    self._latest.received()
            case {"ask": "frames", "numbers": [*numbers], "by": str(by)} if self._has(numbers):
                self._answer(numbers, by)
            case {"ask": "colour", "by": str(by)} if self._reader and by in self._reader.colourings:
                self.by = by
            case _:
                log.warning("the view of %s was sent a request it does not know: %.200r", self.title, request)

    def _has(self, numbers: list[Any]) -> bool:
        count = self.count if self._reader else 0
        known = all(type(number) is int and 0 <= number < count for number in numbers)
        return known and len(numbers) <= _MOST_ASKED

    def _answer(self, numbers: list[int], by: str) -> None:
        """Frames that were asked for, each in a message of its own."""
        if self._reader is None:
            return
        try:
            for frame in self._reader.frames(numbers, by):
                self.send({"told": _told(frame)}, [_bytes(frame.positions), _cell(frame), _bytes(frame.values)])
        except InputError as error:
            log.warning("the view of %s refused a request: %s", self.title, error)
        except Exception:
            # A store that went away, or anything else: the view stays as it is, and the kernel's shell is left alone.
            log.exception("frames of %s cannot be read", self.title)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, for front ends that draw it; a line and a picture for those that do not, and for saved files."""
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        from .picture import png

        data, metadata = shown
        return with_fallback(data, self.title, png(self._numbers, self._pbc, self._shown)), metadata


def _formula(numbers: np.ndarray) -> str:
    from ase.formula import Formula
    from ase.symbols import Symbols

    return Formula.from_list(list(Symbols(numbers))).format("hill")


def _atoms(numbers: np.ndarray) -> dict[str, Any]:
    """What does not change: the kinds of atoms, and which atom is of which kind."""
    from ase.data import atomic_numbers, chemical_symbols

    kinds, species = np.unique(numbers, return_inverse=True)
    elements = [
        {"symbol": chemical_symbols[kind], "colour": colour(int(kind)), "radius": radius(int(kind))} for kind in kinds
    ]
    plain = {atomic_numbers[symbol] for symbol in _NOT_METALS}
    return {
        "elements": elements,
        "species": species.astype(np.uint8).tobytes(),
        "bonds": bool(plain & set(kinds.tolist())),
    }


_NOT_METALS = ["H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Ge", "As", "Se", "Br", "Te", "I"]
"""Bonds are drawn where there is one of these; in a metal they are too many to tell anything."""


def _state(frame: Frame) -> dict[str, Any]:
    return {
        "frame": _told(frame),
        "positions": _bytes(frame.positions),
        "cell": _cell(frame),
        "values": _bytes(frame.values),
        "beads": _bytes(frame.beads),
    }


def _told(frame: Frame) -> dict[str, Any]:
    scale = asdict(frame.scale) if frame.scale else {"label": "", "unit": "", "low": 0.0, "high": 1.0}
    return {"index": frame.index, "caption": frame.caption, "by": frame.by, "scale": scale}


def _cell(frame: Frame) -> bytes:
    return _bytes(frame.cell if frame.cell.any() else None)


def _bytes(array: np.ndarray | None) -> bytes:
    return b"" if array is None else np.ascontiguousarray(array, np.float32).tobytes()
