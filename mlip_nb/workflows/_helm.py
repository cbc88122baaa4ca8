"""How a run is steered: live values, wishes of the user, and changes that are known beforehand."""

import json
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from ..schedule import now, plain
from ._base import Steering, Workflow

_NEVER = np.iinfo(np.int32).max
ACCEPT = "accept"
"""Among controls when somebody wants no more than there is."""


class Helm:
    """The live parameters of a run, and every change of them with the step from which it holds."""

    def __init__(self, workflow: Workflow, changes: Steering, done: int):
        self._past = [change for change in changes if change[0] < done]
        self._coming = [change for change in changes if change[0] >= done]
        self._steered = workflow
        for _, values in self._past:
            self._steered = changed(self._steered, values)
        self._wishes: dict[str, Any] = {}
        self._step = done
        self._accepted = False
        self._lock = threading.RLock()

    def live(self, step: int) -> dict[str, float]:
        """Live parameters and their values at a step, user units; of a ladder the mean."""
        time = self._steered.time_at(step)
        return {name: now(value, time) for name, value in self._steered.live().items()}

    @property
    def record(self) -> str:
        """All changes, those to come included, as JSON."""
        with self._lock:
            return json.dumps(self._past + self._coming)

    def wish(self, **live: Any) -> None:
        """Change live parameters at the next occasion. A schedule without times runs from here to the end.

        **Raises:** `InputError` for a name that is not live, or a value out of range; nothing changes then.
        """
        with self._lock:
            known = self._steered.live()
            for name in live:
                if name not in known:
                    raise InputError(f"{name!r} cannot be changed while running; live: {', '.join(known) or 'nothing'}")
            self._steered = self._steered.replace(**live).resolved(self._step)
            settled = self._steered.live()
            self._wishes |= {name: plain(settled[name]) for name in live}

    def accept(self) -> None:
        """Have the workflow end with what there is, at the next occasion; recorded as changes are."""
        with self._lock:
            self._wishes[ACCEPT] = 1.0

    def at(self, step: int) -> bool:
        """Let wishes, and changes known for this step, hold from it on. **Returns:** True when there were wishes."""
        with self._lock:
            self._step = step
            known: dict[str, Any] = {}
            while self._coming and self._coming[0][0] <= step:
                known |= self._coming.pop(0)[1]
            changes, wished = known | self._wishes, bool(self._wishes)
            self._accepted = ACCEPT in changes
            if changes:
                self._past.append((step, changes))
                self._steered = changed(self._steered, changes)
                self._wishes = {}
            return wished

    def controls(self) -> tuple[Mapping[str, Any], int]:
        """Present values in internal units, and the step at which to ask again."""
        with self._lock:
            accepted = {ACCEPT: 1.0} if self._accepted else {}
            return {**self._steered.controls(), **accepted}, self._coming[0][0] if self._coming else _NEVER


def steered(workflow: Workflow, steering: str) -> Workflow:
    """A workflow after all changes that a Dataset tells of."""
    for _, values in steering_of(steering):
        workflow = changed(workflow, values)
    return workflow


def steering_of(text: str) -> Steering:
    """Changes from JSON."""
    return [(int(step), values) for step, values in json.loads(text)]


def unaccepted(steering: Steering) -> Steering:
    """The same without acceptances: who goes on has thought better of it."""
    kept = [(step, {name: value for name, value in values.items() if name != ACCEPT}) for step, values in steering]
    return [(step, values) for step, values in kept if values]


def changed(workflow: Workflow, values: Mapping[str, Any]) -> Workflow:
    """After one change of the record; that somebody accepted what there was changes no parameter."""
    return workflow.replace(**{name: value for name, value in values.items() if name != ACCEPT})
