"""Where a run stands."""

import enum


class RunStatus(enum.StrEnum):
    """Where a run stands."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """True when nothing more will happen."""
        return self in (RunStatus.STOPPED, RunStatus.FINISHED, RunStatus.FAILED)
