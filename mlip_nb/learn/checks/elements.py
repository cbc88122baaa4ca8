"""Which elements there are, in how many frames, and whether their atoms were computed alone."""

from collections import Counter
from collections.abc import Iterator

from .._evidence import Evidence
from .._findings import Finding, numbers

_FEW = 5
"""Frames below which an element is hardly learnt."""

_RARE = 0.02
"""Share of the frames below which an element counts as rare in a set that has others."""


def look(evidence: Evidence) -> Iterator[Finding]:
    """Elements in few frames are learnt badly; energies of isolated atoms fix what bonds are worth."""
    together = [case for case in evidence.cases if case.atoms > 1]
    counts = Counter(symbol for case in together for symbol in case.symbols)
    for symbol, count in sorted(counts.items()):
        if len(counts) > 1 and count < max(_FEW, _RARE * len(together)) and count < len(together):
            frames = numbers(case.index for case in together if symbol in case.symbols)
            message = f"{symbol} is in {count} of {len(together)} frames only"
            yield Finding("elements", "warning", frames, message, f"add frames with {symbol}, or leave these out")
    yield from _isolated(evidence)


def _isolated(evidence: Evidence) -> Iterator[Finding]:
    alone = [case for case in evidence.cases if case.atoms == 1 and _is_alone(case)]
    found = sorted({symbol for case in alone for symbol in case.symbols})
    missing = [symbol for symbol in evidence.elements if symbol not in found]
    if missing:
        message = f"no frame has an isolated atom of {', '.join(missing)}"
        yield Finding("elements", "note", (), message, "energies far from the data are then the fit's choice; add them")
    if found:
        frames, message = numbers(case.index for case in alone), f"isolated atoms of {', '.join(found)} are there"
        yield Finding("elements", "note", frames, message, "take their energies as offsets")


def _is_alone(case) -> bool:
    return case.is_sound and case.neighbours[1][0] < 0
