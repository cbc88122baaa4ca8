"""Training of a potential on labelled frames."""

import json
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..errors import InputError
from ..learn import (
    Epoch,
    Labelled,
    LinearFit,
    Recipe,
    Trainer,
    TrainState,
    begun,
    fingerprint,
    fit_linear,
    is_isolated,
    read_checkpoint,
    split,
    trainable,
    trained_part,
    write_checkpoint,
)
from ..potentials import AbstractPotential
from ..potentials.gaunt import Committee
from ..results.storage import AbstractStore
from ._base import Controls, Workflow, workflows
from ._learning_rows import clouds_of, fit_row, group_row, plots_of, row_of, series_of
from ._plots import Axis, Plot
from ._update import Update

if TYPE_CHECKING:
    import xarray as xr

_GROUPS = 6
"""Kinds of frames that are drawn, the most frequent ones."""


@workflows.register("train")
class Train(Recipe, Workflow):
    """Training of a potential: energies, forces and stresses of labelled frames are learned.

    A potential with random weights is begun afresh, with scales from the data; any other one is trained further.
    `freeze` keeps some of its weights as they are.
    """

    linear: bool = False
    """Fit the last layer only, on features as they are, by ridge regression, in place of all epochs."""
    linear_first: bool = False
    """Begin with the best last layer on features as they are."""

    counts: ClassVar[str] = "epoch"
    axis: ClassVar[Axis] = Axis("epoch", "epochs")

    @property
    def total(self) -> int:
        """Epochs; one for a fit."""
        return 1 if self.linear else self.epochs

    def prepare(self, frames: Sequence[Labelled], potential: AbstractPotential, /) -> None:
        """Refuse frames that nothing can be learned from, and potentials that cannot be trained."""
        inner = trainable(potential)
        changed = trained_part(inner.members if isinstance(inner, Committee) else inner, self.freeze)
        if (self.linear or self.linear_first) and not changed.readout:
            raise InputError("freeze: a linear fit changes nothing but the readout, which is frozen; freeze less")
        bound, _ = _apart(frames)
        if len(bound) < 2:
            raise InputError(f"{len(bound)} frames with neighbours are too few to learn from; give at least two")
        for frame in frames:
            if wrong := _not_finite(frame):
                raise InputError(f"frame {frame.index} has {wrong} that is not finite; leave it out, or mend it")
            if missing := set(frame.system.symbols) - set(potential.spec.elements or ()):
                raise InputError(
                    f"frame {frame.index} has {', '.join(sorted(missing))}, which this potential does not cover; "
                    "name all elements by symbols, or extend it by learn.extended_to"
                )

    def parts(self, frames: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
        """Frames to learn from, and frames kept aside; isolated atoms are of neither."""
        bound, _ = _apart(frames)
        return split(bound, validation=self.validation, seed=self.seed) if self.validation else (bound, [])

    def extended(self, steps: int) -> "Train":
        """The same training, so many epochs long."""
        return self.replace(epochs=steps)

    def constants(self, frames: Sequence[Labelled], /) -> Mapping[str, object]:
        """Kinds of the frames kept aside."""
        return {"group": np.array(groups)} if (groups := _groups(self.parts(frames)[1])) else {}

    def identity(self, frames: Sequence[Labelled], /) -> Mapping[str, object]:
        """How many frames, and their fingerprint."""
        atoms = sum(len(frame.system.numbers) for frame in frames)
        return {"data": json.dumps({"frames": len(frames), "atoms": atoms, "sha256": fingerprint(frames)})}

    def check_same(self, path: Path, past: "xr.Dataset", frames: Sequence[Labelled], /) -> None:
        """**Raises:** `InputError` for other data."""
        before, now = json.loads(past.attrs["data"]), json.loads(str(self.identity(frames)["data"]))
        if before != now:
            raise InputError(
                f"{path} was trained on other data ({before['frames']} frames of {before['atoms']} atoms, now "
                f"{now['frames']} of {now['atoms']}); read the same file, with the same replay if there was one, or "
                "train anew"
            )

    def about(self, frames: Sequence[Labelled], /) -> str:
        """How many frames of what."""
        return f"{len(frames)} frames of {', '.join(elements_of(frames))}"

    def plots(self, frames: Sequence[Labelled], /) -> tuple[Plot, ...]:
        """Errors, on the frames that are learned and on those kept aside."""
        groups = Counter(frame.group for frame in self.parts(frames)[1]) if frames else ()
        return plots_of(sorted(group for group, _ in groups.most_common(_GROUPS)) if len(groups) > 1 else [])

    def updates(
        self,
        frames: Sequence[Labelled],
        potential: AbstractPotential,
        store: AbstractStore,
        controls: Controls,
        checkpoint: bytes | None = None,
        /,
    ) -> Generator[Update, None, None]:
        """An epoch at a time."""
        trainer, fits = self._trainer(frames, potential)
        groups = _groups(self.parts(frames)[1])
        state = trainer.begin()
        if checkpoint is not None:
            state = read_checkpoint(checkpoint, state)
            yield self._standing(trainer, state, self.total)
            trainer.check_patience(state)
        for epoch, rate in self._epochs(trainer, state, controls):
            state, row = epoch.state, row_of(epoch, rate) | group_row(epoch, trainer.labels) | fit_row(fits)
            store.append(row)
            yield self._update(trainer, epoch, series_of(row, groups))
        if int(state.epoch) < self.total:
            # No epoch will be better: this one was the last.
            yield self._standing(trainer, state, int(state.epoch))

    def _trainer(self, frames: Sequence[Labelled], potential: AbstractPotential) -> tuple[Trainer, list[LinearFit]]:
        training, validation = self.parts(frames)
        _, alone = _apart(frames)
        start, fits = begun(potential, [*alone, *training]), []
        if self.linear or self.linear_first:
            start, fits = fit_linear(start, training, self)
        return Trainer(start, training, validation, self), fits

    def _epochs(self, trainer: Trainer, state: TrainState, controls: Controls) -> Iterator[tuple[Epoch, float]]:
        """Each with its learning rate."""
        if self.linear:
            if int(state.epoch) == 0:
                yield trainer.as_it_is(state), np.nan
            return
        rates: dict[int, float] = {}

        def rate(number: int) -> float:
            rates[number] = float(controls(number - 1)[0]["rate"])
            return rates[number]

        for epoch in trainer.epochs(state, rate):
            yield epoch, rates.pop(epoch.number)

    def _standing(self, trainer: Trainer, state: TrainState, total: int) -> Update:
        """What there is, without news."""
        return Update(
            done=int(state.epoch),
            total=total,
            system=None,
            series={},
            checkpoint=lambda: write_checkpoint(state),
            product=lambda: trainer.finished(state),
        )

    def _update(self, trainer: Trainer, epoch: Epoch, series: dict[str, np.ndarray]) -> Update:
        return Update(
            done=epoch.number,
            total=self.total,
            system=None,
            series=series,
            clouds=clouds_of(epoch, trainer.labels),
            checkpoint=lambda: write_checkpoint(epoch.state),
            product=lambda: trainer.finished(epoch.state),
        )


def _apart(frames: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """Frames with something to learn, and isolated atoms, which are known once they are there."""
    bound = [frame for frame in frames if not is_isolated(frame)]
    return bound, [frame for frame in frames if is_isolated(frame)]


def _groups(frames: Sequence[Labelled]) -> list[str]:
    return sorted({frame.group for frame in frames})


def _not_finite(frame: Labelled) -> str:
    """Which label, if there is one."""
    labels = {"an energy": frame.energy, "a force": frame.forces, "a stress": frame.stress}
    return next((name for name, value in labels.items() if value is not None and not np.isfinite(value).all()), "")


def elements_of(frames: Sequence[Labelled]) -> tuple[str, ...]:
    """Chemical symbols, each once, in order."""
    return tuple(sorted({symbol for frame in frames for symbol in frame.system.symbols}))
