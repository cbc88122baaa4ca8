"""The handle of a sweep: like that of a run, for many runs in other processes."""

import dataclasses
import itertools
import queue
import time
import uuid
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import RunWarning
from ..results import open_store
from ._about import about
from ._clock import Every
from ._handle import Handle
from ._job import Report, perform
from ._status import RunStatus
from ._workers import load_distributed, workers

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ._sweep import Sweep

_numbers = itertools.count(1)

_PERIOD = 0.1
"""Seconds between two looks at what the workers say."""


class SweepRun(Handle):
    """A sweep going on. Its steps are those of all its runs; it has no live parameters and no series."""

    def __init__(
        self, sweep: "Sweep", folder: Path, *, client: Any, checkpoint_every: float | str, name: str | None = None
    ):
        load_distributed()
        super().__init__(name or f"sweep-{next(_numbers)}", sum(job.workflow.total for job in sweep.jobs))
        self.store, self.workflow = folder, sweep.workflow
        self.system, self.potential = sweep.jobs[0].system, sweep.jobs[0].potential
        self.about = about(sweep.workflow, self.potential.spec.registered_name, self.system)
        self.live: dict[str, float] = {}
        self.series: dict[str, np.ndarray] = {}
        self._jobs = {job.name: job for job in sweep.jobs}
        self._reports = dict.fromkeys(self._jobs, Report())
        self._client, self._checkpoint_every = client, checkpoint_every
        self._topic = f"mlip-{uuid.uuid4().hex}"
        self._news: queue.SimpleQueue = queue.SimpleQueue()
        self._resting = self._stopping = False
        self._error: Exception | None = None

    def pause(self) -> None:
        """Let every run rest after its present chunk."""
        self._resting = True

    def resume(self) -> None:
        """Go on after a pause."""
        self._resting = False

    def stop(self) -> None:
        """End every run after its present chunk, begin no other, and keep the data."""
        self._stopping = True

    def result(self) -> "dict[str, xr.Dataset]":
        """The Dataset of each run that has frames, by name; warns when a run failed.

        **Raises:** what kept the sweep from doing any run.
        """
        self.wait()
        if self._error is not None:
            raise self._error
        if self.status is RunStatus.FAILED:
            warnings.warn(self.message, RunWarning, stacklevel=2)
        return self.data()

    def data(self) -> "dict[str, xr.Dataset]":
        """The Datasets so far, by name of their run."""
        stores = {name: job.store_in(self.store) for name, job in self._jobs.items()}
        return {name: open_store(path) for name, path in stores.items() if path.exists()}

    @property
    def table(self) -> "pd.DataFrame":
        """One row for each run: what tells it from the others, where it stands, and why it failed."""
        import pandas

        rows = [
            {**job.values, **dataclasses.asdict(self._reports[name]), "total": job.workflow.total}
            for name, job in self._jobs.items()
        ]
        return pandas.DataFrame(rows, index=pandas.Index(self._jobs, name="name"))

    def _drive(self) -> RunStatus:
        began = time.perf_counter()
        try:
            with workers(self._client, len(self._jobs)) as client:
                self._follow(client, began)
        except Exception as error:
            self._error, self.message = error, str(error)
            return RunStatus.FAILED
        return self._ending()

    def _follow(self, client: Any, began: float) -> None:
        """Hand out all jobs, and listen until the last has ended."""
        events = self._events(client)
        client.subscribe_topic(self._topic, lambda event: self._news.put(event[1]))
        futures = {self._submitted(client, name): name for name in self._jobs}
        notices = Every(_PERIOD)
        while futures:
            self._relay(events)
            self._hear(futures)
            self.wall_time = time.perf_counter() - began
            if notices.due:
                self._notify()
                notices.done()
        client.unsubscribe_topic(self._topic)

    def _events(self, client: Any) -> tuple:
        event = load_distributed().Event
        return event(f"{self._topic}-stop", client=client), event(f"{self._topic}-rest", client=client)

    def _submitted(self, client: Any, name: str) -> Any:
        future = client.submit(
            perform,
            self._jobs[name].packed(),
            str(self.store),
            self._topic,
            self._checkpoint_every,
            key=f"{self._topic}-{name}",
            pure=False,
        )
        future.add_done_callback(self._news.put)
        return future

    def _relay(self, events: tuple) -> None:
        """Tell the workers what was asked for; a word is sent once."""
        stopping, resting = events
        if self._stopping and not stopping.is_set():
            stopping.set()
        if self._resting is not (self.status is RunStatus.PAUSED):
            (resting.set if self._resting else resting.clear)()
            self.status = RunStatus.PAUSED if self._resting else RunStatus.RUNNING

    def _hear(self, futures: dict) -> None:
        """Take one word of a worker, if there is any."""
        try:
            word = self._news.get(timeout=_PERIOD)
        except queue.Empty:
            return
        if isinstance(word, dict):
            self._note(word, futures.values())
        else:
            name = futures.pop(word)
            self._reports[name] = self._outcome(word, name)
        self.done = sum(report.done for report in self._reports.values())
        self._rate.mark(self.done)

    def _note(self, word: dict, waiting: Collection[str]) -> None:
        # A late word about a run that has ended says nothing new.
        if word["job"] in waiting:
            report = Report(RunStatus(word["status"]), word["done"], wall_time=word["wall_time"])
            self._reports[word["job"]] = report

    def _outcome(self, future: Any, name: str) -> Report:
        try:
            return future.result()
        except Exception as error:
            # Errors of dask fill paragraphs.
            message = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}"
            return dataclasses.replace(self._reports[name], status=RunStatus.FAILED, message=message)

    def _ending(self) -> RunStatus:
        statuses = [report.status for report in self._reports.values()]
        failed = [name for name, report in self._reports.items() if report.status is RunStatus.FAILED]
        if failed:
            first = f"{failed[0]}: {self._reports[failed[0]].message}"
            self.message = f"{len(failed)} of {len(statuses)} runs failed; {first}"
            return RunStatus.FAILED
        if RunStatus.STOPPED in statuses:
            self.message = f"stopped by the user; {statuses.count(RunStatus.FINISHED)} of {len(statuses)} runs finished"
            return RunStatus.STOPPED
        return RunStatus.FINISHED
