"""Workflows: what a user can run, and the handle of a run."""

from ._base import Workflow, workflows
from ._clock import CHECKPOINT_SECONDS
from ._helm import steered
from ._plots import Axis, Cloud, Plot, Trace
from ._provenance import standing
from ._run import Run
from ._status import RunStatus
from ._sweep import Sweep
from ._update import Update
from .md import MD
from .past_run import PastRun
from .pimd import PIMD
from .replica_exchange import ReplicaExchange

__all__ = [
    "CHECKPOINT_SECONDS",
    "MD",
    "PIMD",
    "Axis",
    "Cloud",
    "PastRun",
    "Plot",
    "ReplicaExchange",
    "Run",
    "RunStatus",
    "Sweep",
    "Trace",
    "Update",
    "Workflow",
    "standing",
    "steered",
    "workflows",
]
