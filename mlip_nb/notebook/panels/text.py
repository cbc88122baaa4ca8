"""A run as a line of text: one that renews itself in a terminal, one every tenth of the way in a file."""

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from ...workflows import Run

_BAR = 24
_PATIENCE = 0.2
"""Seconds between two looks: a terminal is not worth more, and Ctrl-C is heard on every platform."""
_LINES = 10


def announce(run: "Run", stream: TextIO | None = None) -> None:
    """Say that a run has begun, or how it ended."""
    where = f"{run.done} of {run.total}" if run.status.ended else str(run.total)
    told = f"{run.name}: {run.status}, {where} {run.workflow.counts}s"
    print(told if run.status.ended else f"{told} in the background", file=stream or sys.stdout, flush=True)


def follow(run: "Run", stream: TextIO | None = None) -> None:
    """Write a run's progress until it ends. Ctrl-C stops the run and keeps its data."""
    stream = stream or sys.stdout
    wait(run, _renewed(stream) if stream.isatty() else _printed(stream))
    if stream.isatty():
        stream.write("\r\033[K")
    print(summary(run), file=stream, flush=True)


def wait(run: "Run", look: Callable[["Run"], None] = lambda run: None) -> None:
    """Wait for the end of a run, or for an alarm, looking at it now and then; Ctrl-C stops it, a second one gives up
    waiting."""
    try:
        _wait(run, look)
    except KeyboardInterrupt:
        run.stop()
        _wait(run, look)


def progress(run: "Run") -> str:
    """`md-1  62 %  [######    ]  1240/2000 steps  310/s  2 s left  298 K`."""
    share = run.done / run.total if run.total else 0.0
    bar = ("#" * int(_BAR * share)).ljust(_BAR)
    parts = [f"{run.name} {100 * share:3.0f} %", f"[{bar}]", f"{run.done}/{run.total} {run.workflow.counts}s"]
    if run.rate:
        parts.append(f"{run.rate:.4g}/s")
    if run.eta is not None:
        parts.append(f"{duration(run.eta)} left")
    return "  ".join(parts + _newest(run))


def summary(run: "Run") -> str:
    """One line about a run that has ended."""
    counts = run.workflow.counts
    line = f"{run.name}: {run.status}, {run.done} of {run.total} {counts}s in {duration(run.wall_time)}"
    rate = f", {(run.done / run.wall_time):.4g} {counts}s/s" if run.wall_time > 0 else ""
    return line + rate + (f": {run.message}" if run.message else "")


def duration(seconds: float) -> str:
    """`42 s`, `3 min 05 s`, `2 h 10 min`."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _wait(run: "Run", look: Callable[["Run"], None]) -> None:
    # Not run.wait() alone: the watcher ends the wait as soon as there is news, the timeout hears Ctrl-C.
    news = threading.Event()
    unsubscribe = run.on_update(lambda _: news.set())
    try:
        while not (run.status.ended or run.asks):
            look(run)
            news.wait(_PATIENCE)
            news.clear()
        if not run.asks:
            run.wait()
    finally:
        unsubscribe()


def _newest(run: "Run") -> list[str]:
    """The newest value of the first trace of each diagram, changes since the start left out."""
    first = [(plot.traces[0], plot.unit) for plot in run.plots() if not plot.detail]
    return [f"{trace.values(run.series, -1)[0]:.4g} {unit}" for trace, unit in first if not trace.from_start]


def _renewed(stream: TextIO) -> Callable[["Run"], None]:
    def look(run: "Run") -> None:
        stream.write(f"\r\033[K{progress(run)}")
        stream.flush()

    return look


def _printed(stream: TextIO) -> Callable[["Run"], None]:
    told = 0

    def look(run: "Run") -> None:
        nonlocal told
        tenth = _LINES * run.done // run.total if run.total else 0
        if told < tenth < _LINES:
            told = tenth
            print(progress(run), file=stream, flush=True)

    return look
