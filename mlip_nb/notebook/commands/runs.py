"""`%mlip runs`: what goes on, and what is on disk."""

from pathlib import Path

from ..._table import Table
from ...errors import MlipError
from ...params import UserPath
from ...results import is_being_written, open_store
from ...workflows import standing
from ._base import Command, commands


@commands.register("runs")
class Runs(Command):
    """List the runs of this notebook, and the stores in a folder, with status and progress."""

    folder: UserPath = Path()
    """Where to look for stores."""

    def execute(self, session) -> Table:
        """The table; runs first, then the stores no run of this notebook writes."""
        live = [_of_run(run) for run in session.runs.values()]
        written = {run.store.resolve() for run in session.runs.values() if run.store is not None}
        stores = [path for path in sorted(self.folder.glob("*.zarr")) if path.resolve() not in written]
        on_disk = [row for row in map(_of_store, stores) if row is not None]
        empty = "no runs in this notebook and no stores in this folder"
        return Table(("name", "verb", "status", "progress", "steps/s", "store"), live + on_disk, empty)


def _of_run(run) -> tuple:
    progress = f"{run.done}/{run.total} ({100 * run.done // max(run.total, 1)} %)"
    rate = "" if run.status.ended else f"{run.rate:.0f}"
    return run.name, run.workflow.registered_name, run.status, progress, rate, run.store or "memory only"


def _of_store(path: Path) -> tuple | None:
    """A row for a store of ours; None for anything else with that ending."""
    try:
        workflow, done = standing(path)
        status = open_store(path).attrs["status"]
    except (MlipError, KeyError):
        return None
    if status == "running" and not is_being_written(path):
        status = "killed"
    share = f"{done}/{workflow.total} ({100 * done // max(workflow.total, 1)} %)"
    return path.name, workflow.registered_name, status, share, "", path
