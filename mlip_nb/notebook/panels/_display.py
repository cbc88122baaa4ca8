"""A run in a notebook: panel and structure side by side, and a thread that keeps them up to date."""

import threading
import time
import uuid
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets
from IPython import get_ipython
from IPython.display import display, update_display

from ... import viewers
from ...errors import InputError
from ...results import open_store
from ...viewers.fallback import keeper, with_fallback
from ...viewers.moment import Moment
from ...workflows import RunStatus
from . import figure, text
from ._front_end import answers_while_busy
from .run_panel import RunPanel

if TYPE_CHECKING:
    import xarray as xr

    from ...viewers.live import AbstractLiveView
    from ...workflows import Run

_PERIOD = 0.1
"""Seconds between two updates of the panel."""
_SILENCE = 5.0
"""Seconds after which a front end that has not answered will not do so before the cell ends."""
_DEAF = (
    "Buttons and sliders answer when this cell has ended. To stop the run now, interrupt the kernel: its data are "
    "kept. With --background they answer at once."
)


class RunDisplay(ipywidgets.Box):
    """The output of a cell that runs something: widgets, a line of text and, at the end, a picture.

    It does not keep the run: a notebook full of old panels must not hold the data of their runs.
    """

    def __init__(self, run: "Run", viewer: str):
        self._viewer = viewer
        self._news, self._turn = threading.Event(), threading.Event()
        self._panel = RunPanel(run, self._news.set)
        self._panel.layout = ipywidgets.Layout(flex="1 1 420px", min_width="0")
        self._structure: AbstractLiveView | None = None
        self._structure_due, self._figure_ready = True, False
        self._line = f"{run.name}: {run.total} {run.workflow.counts}s of {run.workflow.registered_name}"
        self._picture: bytes | None = None
        self._display_id = uuid.uuid4().hex
        self._keep = keeper()
        self._deaf_from = float("inf")
        super().__init__([self._panel], layout=ipywidgets.Layout(flex_flow="row wrap", align_items="flex-start"))

    def show(self, run: "Run") -> None:
        """Display, and keep up to date from a thread of its own.

        What runs on when the notebook is saved has a picture, too: of its start.
        """
        self._picture = self._draw(run)
        self._add_structure(run)
        self._begin(run)
        self._settle_in_cell_that_waits(run)

    def follow(self, run: "Run") -> None:
        """Show, and wait for the end or an alarm; an interrupt of the kernel stops the run and keeps its data."""
        self._deaf_from = time.monotonic() + (_SILENCE if answers_while_busy() else 0.0)
        try:
            self._begin(run)
        except KeyboardInterrupt:
            run.stop()
        text.wait(run, self._prepare)
        if run.asks:
            self._leave_cell(run)
        else:
            self._publisher.join()

    def _leave_cell(self, run: "Run") -> None:
        """The cell ends while the run rests, so that somebody can answer."""
        self._deaf_from = float("inf")
        if self._structure_due:
            self._add_structure(run)
        self._leave_picture(run)
        self._settle_in_cell_that_waits(run)

    def _begin(self, run: "Run") -> None:
        self._publisher = threading.Thread(
            target=self._publish, args=(run,), name=f"mlip-panel-{run.name}", daemon=True
        )
        self._publisher.start()
        display(self, display_id=self._display_id)

    def _prepare(self, run: "Run") -> None:
        """What is best done on the main thread while the run goes on.

        The structure waits for a front end that is there: made earlier, its first messages would wait for the end of
        the cell; and nobody looks at a notebook that a program executes.
        """
        heard = self._panel.seen_by_front_end.is_set() or not answers_while_busy()
        if heard and self._structure_due:
            self._add_structure(run)
        if run.done and not self._figure_ready:
            self._figure_ready = True
            figure.prepare()

    def _add_structure(self, run: "Run") -> None:
        self._structure_due = False
        if run.system is None or self._viewer == "none":
            return
        structure = viewers.follow(
            _moment(run), self._viewer, data=_frames_of(run), colours=run.workflow.colours, dark=self._panel.dark
        )
        if structure is not None:
            self.children = (self._panel, structure.widget)
            self._structure = structure
            if run.status.ended:
                structure.keep(_moment(run))

    def _publish(self, run: "Run") -> None:
        """Send news, ten times a second at most, until the end; then leave a picture for those who open the file.

        That a run has paused or ended, which somebody waits for, is said at once.
        """
        unsubscribe = run.on_update(self._hear)
        ended = False
        while not ended:
            ended = run.status.ended
            self._refresh(run, ended)
            self._turn.wait(0.0 if ended else _PERIOD)
            self._turn.clear()
            self._news.wait(0.0 if ended else _SILENCE / 5)
            self._news.clear()
        unsubscribe()
        self._leave_picture(run)

    def _hear(self, run: "Run") -> None:
        if run.status is not RunStatus.RUNNING:
            self._turn.set()
        self._news.set()

    def _refresh(self, run: "Run", ended: bool) -> None:
        seen = self._panel.seen_by_front_end.is_set()
        deaf = not (seen or ended) and time.monotonic() > self._deaf_from
        self._panel.notice = _DEAF if deaf else ""
        self._panel.refresh()
        if self._structure is not None and seen:
            self._structure.show(_moment(run), at_once=ended)

    def _leave_picture(self, run: "Run") -> None:
        self._line = f"{run.name}: {run.status}, {run.done} of {run.total} {run.workflow.counts}s"
        self._picture = self._draw(run)
        if self._structure is not None:
            self._structure.keep(_moment(run))
        update_display(self, display_id=self._display_id)
        if self._keep is not None:
            self._keep(self._line, self._picture)

    def _settle_in_cell_that_waits(self, run: "Run") -> None:
        """A cell that has waited for the run ends with its picture in place.

        Programs that execute notebooks do not hear what is said between two cells.
        """
        events, known, publisher = get_ipython().events, weakref.ref(run), self._publisher

        def settle(_: object) -> None:
            if (run := known()) is None or run.status.ended:
                publisher.join()
                events.unregister("post_run_cell", settle)

        events.register("post_run_cell", settle)

    def _draw(self, run: "Run") -> bytes | None:
        drawn = self._viewer != "none" and viewers.can_be_drawn(run.system)
        return figure.png(run, run.system if drawn else None)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, for front ends that draw it; a line and a picture for those that do not, and for saved files."""
        return with_fallback(super()._repr_mimebundle_(**kwargs), self._line, self._picture)


def _moment(run: "Run") -> Moment:
    """What the newest frame is."""
    assert run.system is not None
    times = run.series.get("time")
    time = None if times is None else float(times[-1])
    return Moment(run.system, run.frames, time, run.of_atoms, run.spread, run.workflow.colouring)


def _frames_of(run: "Run") -> "Callable[[], xr.Dataset]":
    """The data so far, for as long as somebody has the run; of one that is saved, for ever."""
    known, store = weakref.ref(run), run.store

    def data() -> "xr.Dataset":
        run = known()
        if run is None and store is None:
            raise InputError("the frames went with the run, which was in memory only; keep its Dataset, or save it")
        return run.data() if run is not None else open_store(store)

    return data
