"""The loop of learning, one stage after another; whatever is decided or paid for is on record before the next."""

import time
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import RunWarning
from ..learn import Labelled, Record, check_same_theory, trainable
from ..learn.labellers import KnownLabels
from ..potentials import AbstractPotential
from ..potentials.gaunt import Committee, Gaunt
from ..results.storage import AbstractStore
from ..uncertainty import AbstractUncertainty, Calibrated
from ._base import Controls
from ._campaign import Campaign
from ._candidates import Choice, chosen
from ._knowledge import Learned, first, trained, trusted, weights_of, with_weights
from ._labelling import Bench
from ._rounds import NOTHING, as_row, of_choice, of_frames
from ._update import Update
from .explorers import Scene

if TYPE_CHECKING:
    from .learn import Learn


class Loop:
    """Where a campaign stands, in this process."""

    def __init__(
        self, learn: "Learn", campaign: Campaign, potential: AbstractPotential, record: Record, controls: Controls
    ):
        self._learn, self._campaign, self._record, self._controls = learn, campaign, record, controls
        self._potential: Gaunt | Committee = trainable(potential)
        self._uncertainty: AbstractUncertainty | None = None
        self._finished: Callable[[], Gaunt | Committee] = lambda: self._potential
        self._bench = Bench(campaign.oracle, campaign.client, learn.processes, learn.timeout)
        self._began = time.perf_counter()

    def __enter__(self) -> "Loop":
        return self

    def __exit__(self, *error: object) -> None:
        self._bench.__exit__(*error)

    def updates(self, store: AbstractStore, known: int) -> Iterator[Update]:
        """Rounds on record first, then those to come; the Dataset has `known` of them already."""
        self._remember()
        for numbers in self._record.rounds[known:]:
            yield self._told(store, numbers)
        if not self._record.rounds:
            self._check_labeller()
        for number in range(len(self._record.rounds), self._learn.rounds + 1):
            if self._is_enough():
                break
            self._began = time.perf_counter()
            yield from self._round(store, number)
            if len(self._record.rounds) == number:
                break
        if self._done < self._learn.rounds:
            # It ends here, and is whole.
            yield self._word(total=self._done)

    def _round(self, store: AbstractStore, number: int) -> Iterator[Update]:
        """Plan, unless there is a plan; then labels, training, calibration and the numbers of it all."""
        if self._record.round is None and not self._planned(number):
            return
        news = self._record.news
        for (place, system), answer in self._bench.answers(self._record.planned()):
            self._record.add(place, system, answer)
            yield self._word()
        surprise = of_frames(self._potential, self._record.frames(number))[1] if number else np.nan
        yield from self._training(number)
        self._uncertainty = self._trusted()
        yield self._told(store, self._closed(number, news | {"explored_force_error": surprise}))

    def _training(self, number: int) -> Iterator[Update]:
        """A word after each epoch; the potential at the end."""
        known, learn, rate = self._known, self._learn, float(self._controls(self._done)[0]["rate"])
        start = self._potential if number else first(self._potential, known, learn.validation)
        for finished in trained(start, known, learn, rate, linear=learn.linear):
            self._finished = finished
            yield self._word()
        self._potential = self._finished()

    def _planned(self, number: int) -> bool:
        """Whether there is anything to learn in this round, with what is to be labelled on record."""
        if number == 0:
            self._record.plan(0, [frame.system for frame in self._campaign.unknown], NOTHING)
            return True
        choice = self._choice(number)
        if not choice.systems or self._is_sure(choice):
            return False
        self._record.plan(number, choice.systems, of_choice(choice))
        return True

    def _is_sure(self, choice: Choice) -> bool:
        """Whether all that was found is below the threshold, if there is one."""
        least = self._learn.threshold
        if least is None:
            return False
        if not isinstance(self._uncertainty, Calibrated):
            warnings.warn(
                "the uncertainty is not calibrated, so a threshold in eV/Å means nothing; keep more frames aside by "
                "--validation, or begin with more",
                RunWarning,
                stacklevel=2,
            )
        return choice.uncertainties.max() < least

    def _choice(self, number: int) -> Choice:
        learn, seed = self._learn, int(np.random.SeedSequence([self._learn.seed, number]).generate_state(1)[0])
        known = self._known
        starts = self._campaign.starts or [frame.system for frame in known]
        learn.explorer.check(self._uncertainty, self._campaign.pool)
        scene = Scene(self._potential, self._uncertainty, starts, self._campaign.pool)
        brought = learn.explorer.candidates(scene, seed)
        if not brought:
            warnings.warn(
                f"explorer {learn.explorer.registered_name} brought no structure at all in round {number}; give other "
                "starts, or explore more gently",
                RunWarning,
                stacklevel=2,
            )
        return chosen(
            brought,
            # What could not be labelled once cannot be labelled now.
            [*known, *self._record.failed()],
            self._uncertainty,
            learn.selector,
            count=self._left,
            closest=learn.closest,
            novelty=learn.novelty,
            most=learn.pool_most,
            seed=seed,
        )

    def _closed(self, number: int, news: dict[str, Any]) -> dict[str, Any]:
        """The numbers of a round, on record with its potential."""
        energy, force = of_frames(self._potential, self._campaign.test)
        numbers = {
            "round": number,
            "labels_used": len(self._known),
            "labels_failed": len(self._record.failures),
            **news,
            "test_energy_error": energy,
            "test_force_error": force,
            "round_seconds": time.perf_counter() - self._began,
        }
        plain = {
            name: None if isinstance(value, float) and np.isnan(value) else value for name, value in numbers.items()
        }
        self._record.finish(plain, weights_of(self._potential))
        return self._record.rounds[-1]

    def _remember(self) -> None:
        """The potential of the last complete round, and how far it can be trusted."""
        data = self._record.weights()
        if data is not None:
            self._potential = with_weights(self._potential, data)
            self._uncertainty = self._trusted()

    def _check_labeller(self) -> None:
        """By a frame that has a label, before anything is built on two kinds of them."""
        known = self._campaign.known
        if known and not isinstance(self._campaign.oracle, KnownLabels):
            told = max(known, key=lambda frame: float(np.mean(np.square(frame.forces))))
            check_same_theory(told, self._bench.ask(told.system), self._campaign.oracle.about)

    def _is_enough(self) -> bool:
        """Whether a rule to stop is met."""
        rounds = self._record.rounds
        if not rounds:
            return False
        error, goal = rounds[-1]["test_force_error"], self._learn.goal
        return self._left < 1 or (goal is not None and error is not None and error <= goal)

    @property
    def _left(self) -> int:
        """Labels that may still be asked for in this round."""
        budget = self._learn.budget
        spent = len(self._record.frames()) + len(self._record.failures) - len(self._campaign.unknown)
        return self._learn.labels if budget is None else min(self._learn.labels, budget - spent)

    @property
    def _known(self) -> list[Labelled]:
        """All frames with labels."""
        return [*self._campaign.known, *self._record.frames()]

    @property
    def _done(self) -> int:
        return max(0, len(self._record.rounds) - 1)

    def _trusted(self) -> AbstractUncertainty:
        learn = self._learn
        return trusted(self._potential, self._known, learn.validation, learn.uncertainty, learn.calibration)

    def _told(self, store: AbstractStore, numbers: dict[str, Any]) -> Update:
        row = as_row(numbers)
        store.append(row)
        return self._word(series=row)

    def _word(self, series: dict[str, np.ndarray] | None = None, total: int | None = None) -> Update:
        """Where it stands; a checkpoint holds everything on record."""
        potential, uncertainty, frames = self._potential, self._uncertainty, self._known
        failures = list(self._record.failures)
        return Update(
            done=self._done,
            total=self._learn.rounds if total is None else total,
            system=None,
            series=series or {},
            checkpoint=self._record.packed,
            product=None if uncertainty is None else lambda: Learned(potential, uncertainty, frames, failures),
        )
