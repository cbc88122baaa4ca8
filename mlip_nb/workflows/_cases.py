"""Cases of a set done: here, one after another, or by the workers of a cluster; what fails takes nothing with it."""

import logging
import threading
import uuid
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cloudpickle

from ..errors import MlipError, RunWarning
from ..potentials import AbstractPotential
from ..telling import Tell
from ._workers import load_distributed, workers

if TYPE_CHECKING:
    import xarray as xr

log = logging.getLogger(__name__)
_turn = threading.RLock()
"""Warnings are caught for a whole process: threads of one take turns. One that is inside may go in again."""


@dataclass(frozen=True)
class Case:
    """One thing to compute."""

    name: str
    of: Callable[[Any, AbstractPotential], "xr.Dataset"]
    subject: Any
    potential: AbstractPotential


@dataclass(frozen=True)
class Outcome:
    """What became of it: a Dataset, or an error."""

    data: "xr.Dataset | None" = None
    remarks: tuple[tuple[type[Warning], str], ...] = ()
    """Warnings on the way."""
    error: BaseException | None = None

    @property
    def message(self) -> str:
        """What went wrong, in a line."""
        if isinstance(self.error, MlipError):
            return str(self.error)
        said = str(self.error).splitlines()
        return "interrupted" if isinstance(self.error, KeyboardInterrupt) else ": ".join([_kind(self.error), *said[:1]])


def done_here(cases: Sequence[Case], tell: Tell) -> list[Outcome]:
    """One after another; after Ctrl-C no other begins."""
    found: list[Outcome] = []
    for number, case in enumerate(cases, 1):
        found.append(_attempted(lambda case=case: performed(case)))
        if _was_interrupted(found[-1]):
            break
        _say(tell, case, number, len(cases))
    return found + [Outcome(error=KeyboardInterrupt())] * (len(cases) - len(found))


def done_there(cases: Sequence[Case], client: Any, tell: Tell) -> list[Outcome]:
    """Side by side by dask; after Ctrl-C those that are done are kept.

    **Raises:** `InputError` when there is no such cluster.
    """
    topic = f"mlip-{uuid.uuid4().hex}"
    with workers(client, len(cases)) as there:
        # As bytes that need nothing but `mlip_nb`, which has to set JAX's precision before arrays are made.
        futures = [
            there.submit(_unpacked, cloudpickle.dumps(case), key=f"{topic}-{number}", pure=False)
            for number, case in enumerate(cases)
        ]
        names = dict(zip(futures, cases, strict=True))
        try:
            for number, future in enumerate(load_distributed().as_completed(futures, loop=there.loop), 1):
                _say(tell, names[future], number, len(cases))
        except KeyboardInterrupt:
            there.cancel([future for future in futures if not future.done()])
        return [
            Outcome(error=KeyboardInterrupt()) if future.cancelled() else _attempted(future.result)
            for future in futures
        ]


def performed(case: Case) -> Outcome:
    """Its Dataset, and the warnings on the way."""
    with _turn, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RunWarning)
        data = case.of(case.subject, case.potential)
    return Outcome(data, tuple((one.category, str(one.message)) for one in caught))


def _unpacked(packed: bytes) -> Outcome:
    return performed(cloudpickle.loads(packed))


def _attempted(perform: Callable[[], Outcome]) -> Outcome:
    try:
        return perform()
    except (MlipError, KeyboardInterrupt) as error:
        return Outcome(error=error)
    except Exception as error:
        # Whatever it is: what others have found must not be lost.
        log.debug("a case of a set failed", exc_info=error)
        return Outcome(error=error)


def _was_interrupted(one: Outcome) -> bool:
    """By an error, or as relaxations tell it, which keep what they have."""
    return isinstance(one.error, KeyboardInterrupt) or (one.data is not None and "interrupted" in one.data.attrs)


def _say(tell: Tell, case: Case, number: int, count: int) -> None:
    if count > 1:
        tell(f"{number} of {count}: {case.name}")


def _kind(error: BaseException | None) -> str:
    return type(error).__name__
