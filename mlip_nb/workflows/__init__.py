"""Workflows: what a user can run, and the handle of a run."""

from ._base import Workflow, workflows
from ._clock import CHECKPOINT_SECONDS
from ._run import Run
from ._status import RunStatus
from ._sweep import Sweep
from ._update import Update
from .md import MD

__all__ = [
    "CHECKPOINT_SECONDS",
    "MD",
    "Run",
    "RunStatus",
    "Sweep",
    "Update",
    "Workflow",
    "workflows",
]
