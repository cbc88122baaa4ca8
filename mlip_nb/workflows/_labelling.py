"""Labels of one batch, side by side; failures are answers too."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import cloudpickle

from ..errors import InputError
from ..learn.labellers import AbstractOracle, Answer, asked
from ..system import System
from ._workers import load_distributed, workers

if TYPE_CHECKING:
    import distributed

Question = tuple[int, System]
"""Its place in the plan, and the structure."""


class Bench:
    """Where labels are computed; processes begin with the first batch that needs them and end with the campaign."""

    def __init__(self, oracle: AbstractOracle, client: Any, processes: int | None, timeout: float | None):
        self._oracle, self._client, self._processes, self._timeout = oracle, client, processes, timeout
        self._open, self._workers = ExitStack(), None

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Answer]]:
        """In the order in which they come."""
        if self._client is None and (self._oracle.quick or self._processes == 1):
            return ((one, self._here(one[1])) for one in questions)
        return self._elsewhere(questions)

    def ask(self, system: System) -> Answer:
        """One answer, in this process."""
        return self._here(system)

    def _here(self, system: System) -> Answer:
        return self._oracle.answer(system) if self._timeout is None else asked(self._packed(system), self._timeout)

    def _elsewhere(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Answer]]:
        if not questions:
            # Nobody would work, and a cluster without workers is one that the next batch waits for.
            return
        client = self._connected(len(questions))
        futures = {client.submit(asked, self._packed(one[1]), self._timeout, pure=False): one for one in questions}
        for future in load_distributed().as_completed(futures, loop=client.loop):
            yield futures[future], _outcome(future)

    def _connected(self, jobs: int) -> "distributed.Client":
        if self._workers is None:
            wanted = jobs if self._processes is None else min(jobs, self._processes)
            self._workers = self._open.enter_context(workers(self._client, wanted))
        return self._workers

    def _packed(self, system: System) -> bytes:
        try:
            return cloudpickle.dumps((self._oracle, system))
        except Exception as error:
            raise InputError(
                f"{self._oracle.about} cannot be sent to another process ({error}); label with --processes 1, or name "
                "a labeller instead of a calculator"
            ) from error


def _outcome(future: "distributed.Future") -> Answer:
    """A process that died has answered, too."""
    try:
        return future.result()
    except Exception as error:
        # Errors of dask fill paragraphs.
        return Answer(problem=f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}")
