"""The live panel of a run: progress, traces, buttons, sliders. Its front end is `widgets/src/run_panel.ts`."""

import logging
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets

from ...errors import InputError
from ...params import Dial
from ...viewers.comm import Teller, answer_while_busy
from ._traces import Traces

if TYPE_CHECKING:
    from ...workflows import Axis, Plot, Run, Trace

log = logging.getLogger(__name__)

_SLIDER_STEPS = 200
_AVERAGED_AGAIN = 1.05
"""By this factor the series have grown when their averages are told anew: they cost more, the longer a run is."""


class RunPanel(Teller):
    """What the front end shows of one run. Traits flow to the front end only; it answers with requests."""

    _esm: ClassVar[Path] = Path(__file__).parent / "static" / "run_panel.js"

    title = traitlets.Unicode().tag(sync=True)
    about = traitlets.Unicode().tag(sync=True)
    notice = traitlets.Unicode().tag(sync=True)
    heard = traitlets.Bool(False).tag(sync=True)
    progress = traitlets.Dict().tag(sync=True)
    sliders = traitlets.List().tag(sync=True)
    live = traitlets.Dict().tag(sync=True)
    plots = traitlets.List().tag(sync=True)
    time_unit = traitlets.Unicode("ps").tag(sync=True)
    past = traitlets.Bytes().tag(sync=True)
    recent = traitlets.Bytes().tag(sync=True)
    averages = traitlets.List().tag(sync=True)
    clouds = traitlets.List().tag(sync=True)
    points = traitlets.Bytes().tag(sync=True)

    def __init__(self, run: "Run", wake: Callable[[], None] = lambda: None):
        self._run: Run | None = run
        self._wake = wake
        self._traces: Traces | None = None
        self._plots: list[Plot] = []
        self._seen, self._averaged = 0, 0
        self._refused = False
        self.dark = False
        self.seen_by_front_end = threading.Event()
        super().__init__(
            title=run.name,
            about=run.about,
            progress=_progress(run),
            sliders=[_slider(dial, run.live[dial.name]) for dial in run.workflow.dials() if dial.name in run.live],
            live=dict(run.live),
            time_unit=run.workflow.axis.unit,
        )
        answer_while_busy(self)
        self.on_msg(self._heed)

    def refresh(self) -> None:
        """Send what is new. Always called by the same thread; the run's own thread is not kept waiting."""
        run = self._run
        if run is None:
            return
        # Before anything else: once a run is seen to have ended, all its news is there to be sent.
        ended = run.status.ended
        with self.hold_sync():
            self.progress, self.live = _progress(run), dict(run.live)
            self.heard = self.seen_by_front_end.is_set()
            self._take(run)
        if self._refused:
            # The trait is as it was, so nothing was sent, and the slider would stay where it was left.
            self._refused = False
            self.send_state("live")
        if ended:
            # The data of a run are freed with its last variable, not with the last panel on a page.
            self._run = None

    def _take(self, run: "Run") -> None:
        series = run.series
        length = min(map(len, series.values()), default=0)
        if length <= self._seen:
            return
        if self._traces is None:
            self._plots = run.plots()
            self.plots = [_described(plot) for plot in self._plots]
            self._traces = Traces(1 + sum(len(plot.traces) for plot in self._plots))
        self._traces.append(np.stack(list(self._rows(run.workflow.axis, series, length))))
        self._seen = length
        self.past, self.recent = self._traces.past, self._traces.recent
        if length >= _AVERAGED_AGAIN * self._averaged or run.status.ended:
            self.averages = [_average(trace, series) for plot in self._plots for trace in plot.traces]
            self._averaged = length
        clouds = run.clouds
        self.clouds = [{"label": one.label, "unit": one.unit, "count": len(one.across)} for one in clouds]
        both = [part for one in clouds for part in (one.across, one.up)]
        self.points = np.concatenate([np.empty(0), *both]).astype(np.float32).tobytes()

    def _rows(self, axis: "Axis", series: Mapping[str, np.ndarray], length: int) -> Iterator[np.ndarray]:
        """What is new, in the order of the plots, and what it is drawn against before them."""
        yield series[axis.key][self._seen : length] * axis.scale
        for plot in self._plots:
            for trace in plot.traces:
                yield trace.values(series, self._seen, length)

    def _heed(self, _: object, request: Any, buffers: object) -> None:
        """A request of the front end; it may come on any thread, and contain anything."""
        run = self._run
        match request:
            case {"ask": "hello", "dark": bool(dark)}:
                self.dark = dark
                self.seen_by_front_end.set()
            case {"ask": "pause" | "resume" | "stop" as action} if run is not None:
                getattr(run, action)()
            case {"ask": "accept"} if run is not None and _is_acceptable(run):
                run.accept()
            case {"ask": "checkpoint"} if run is not None and run.checkpointed is not None:
                run.checkpoint()
            case {"ask": "set", "name": str(name), "value": int() | float() as value} if run is not None:
                self._steer(run, name, value)
            case _:
                log.warning("the panel of %s was sent a request it does not know: %.200r", self.title, request)
        self._wake()

    def _steer(self, run: "Run", name: str, value: float) -> None:
        try:
            bounds = next((slider for slider in self.sliders if slider["name"] == name), None)
            if bounds is None or isinstance(value, bool) or not bounds["low"] <= value <= bounds["high"]:
                raise InputError(f"{name!r:.40} cannot be set to {value!r:.40}; run.set knows no such bounds")
            run.set(**{name: value})
        except InputError as error:
            log.warning("the panel of %s refused a value: %s", self.title, error)
            self._refused = True


def _progress(run: "Run") -> dict[str, Any]:
    return {
        "status": str(run.status),
        "message": run.message if run.status == "failed" or run.asks else "",
        "light": {"colour": run.verdict.light, "label": run.verdict.brief} if run.verdict else None,
        "done": run.done,
        "total": run.total,
        "counts": f"{run.workflow.counts}s",
        "rate": run.rate,
        "eta": run.eta,
        "elapsed": run.wall_time,
        "checkpointed": run.checkpointed,
        "acceptable": _is_acceptable(run),
    }


def _is_acceptable(run: "Run") -> bool:
    """An attack has nothing to accept, and is no workflow."""
    return getattr(run.workflow, "acceptable", False)


def _slider(dial: Dial, value: float) -> dict[str, Any]:
    """Its ends, except that a bound the value may not touch is a step away, and the value fits in."""
    low, high = dial.low, max(dial.high, value)
    step = _round_step((high - low) / _SLIDER_STEPS)
    if dial.open_below:
        low += step
    told = {"name": dial.name, "label": dial.label, "unit": dial.unit, "doc": dial.doc}
    return told | {"low": min(low, value), "high": high, "step": step}


def _round_step(step: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return max(digit * power for digit in (1, 2, 5) if digit * power <= step * (1 + 1e-9))


def _average(trace: "Trace", series: Mapping[str, np.ndarray]) -> list[float] | None:
    """Mean and standard error, as the front end knows them."""
    found = trace.average(series)
    return found and [float(found.mean), float(found.error)]


def _described(plot: "Plot") -> dict[str, Any]:
    """As the front end knows it."""
    return {
        "label": plot.label,
        "unit": plot.unit,
        "traces": [trace.label for trace in plot.traces],
        "target": plot.target,
        "logarithmic": plot.logarithmic,
    }
