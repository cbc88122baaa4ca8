"""Training of a potential on labelled frames."""

import json
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .. import units
from ..errors import InputError
from ..learn import (
    Epoch,
    Labelled,
    Recipe,
    Trainer,
    TrainState,
    at_zero_of,
    fingerprint,
    fresh,
    is_isolated,
    read_checkpoint,
    split,
    write_checkpoint,
)
from ..potentials import AbstractPotential
from ..potentials.gaunt import Committee, Gaunt
from ..potentials.trained import Trained
from ..results.storage import AbstractStore
from ._base import Controls, Workflow, workflows
from ._plots import Axis, Plot, Trace
from ._update import Update

if TYPE_CHECKING:
    import xarray as xr

_LABELS = ("energy", "force", "stress")
_MILLI = 1e3


@workflows.register("train")
class Train(Recipe, Workflow):
    """Training of a potential: energies, forces and stresses of labelled frames are learned.

    A potential with random weights is begun afresh, with scales from the data; any other one is trained further.
    """

    counts: ClassVar[str] = "epoch"
    axis: ClassVar[Axis] = Axis("epoch", "epochs")

    @property
    def total(self) -> int:
        """Epochs."""
        return self.epochs

    def prepare(self, frames: Sequence[Labelled], potential: AbstractPotential, /) -> None:
        """Refuse frames that nothing can be learned from, and potentials that cannot be trained."""
        _trainable(potential)
        bound, _ = _apart(frames)
        if len(bound) < 2:
            raise InputError(f"{len(bound)} frames with neighbours are too few to learn from; give at least two")
        for frame in frames:
            if wrong := _not_finite(frame):
                raise InputError(f"frame {frame.index} has {wrong} that is not finite; leave it out, or mend it")
            if missing := set(frame.system.symbols) - set(potential.spec.elements or ()):
                raise InputError(
                    f"frame {frame.index} has {', '.join(sorted(missing))}, which this potential does not cover; "
                    "name all elements by symbols"
                )

    def parts(self, frames: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
        """Frames to learn from, and frames kept aside; isolated atoms are of neither."""
        bound, _ = _apart(frames)
        return split(bound, validation=self.validation, seed=self.seed) if self.validation else (bound, [])

    def extended(self, steps: int) -> "Train":
        """The same training, so many epochs long."""
        return self.replace(epochs=steps)

    def constants(self, frames: Sequence[Labelled], /) -> Mapping[str, object]:
        """Nothing but epochs."""
        return {}

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
                f"{now['frames']} of {now['atoms']}); read the same file, or train anew"
            )

    def about(self, frames: Sequence[Labelled], /) -> str:
        """How many frames of what."""
        return f"{len(frames)} frames of {', '.join(elements_of(frames))}"

    def plots(self, frames: Sequence[Labelled], /) -> tuple[Plot, ...]:
        """Errors, on the frames that are learned and on those kept aside."""
        units = {"energy": ("meV/atom", _MILLI), "force": ("eV/Å", 1.0), "stress": ("GPa", 1.0)}
        return tuple(
            Plot(
                f"Error of {label}",
                unit,
                (Trace("kept aside", f"{label}_error", scale), Trace("training", f"training_{label}_error", scale)),
                logarithmic=True,
            )
            for label, (unit, scale) in units.items()
        )

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
        training, validation = self.parts(frames)
        _, alone = _apart(frames)
        trainer = Trainer(begun(potential, [*alone, *training]), training, validation, self)
        state = trainer.begin()
        if checkpoint is not None:
            state = read_checkpoint(checkpoint, state)
            yield self._standing(trainer, state, self.epochs)
            trainer.check_patience(state)
        rates: dict[int, float] = {}

        def rate(number: int) -> float:
            rates[number] = float(controls(number - 1)[0]["rate"])
            return rates[number]

        for epoch in trainer.epochs(state, rate):
            state, row = epoch.state, _row(epoch, rates.pop(epoch.number))
            store.append(row)
            yield self._update(trainer, epoch, row)
        if int(state.epoch) < self.epochs:
            # No epoch will be better: this one was the last.
            yield self._standing(trainer, state, int(state.epoch))

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

    def _update(self, trainer: Trainer, epoch: Epoch, row: dict[str, np.ndarray]) -> Update:
        return Update(
            done=epoch.number,
            total=self.epochs,
            system=None,
            series={name: values for name, values in row.items() if values.ndim == 1},
            checkpoint=lambda: write_checkpoint(epoch.state),
            product=lambda: trainer.finished(epoch.state),
        )


def _apart(frames: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """Frames with something to learn, and isolated atoms, which are known once they are there."""
    bound = [frame for frame in frames if not is_isolated(frame)]
    return bound, [frame for frame in frames if is_isolated(frame)]


def _not_finite(frame: Labelled) -> str:
    """Which label, if there is one."""
    labels = {"an energy": frame.energy, "a force": frame.forces, "a stress": frame.stress}
    return next((name for name, value in labels.items() if value is not None and not np.isfinite(value).all()), "")


def begun(potential: AbstractPotential, training: Sequence[Labelled]) -> Gaunt | Committee:
    """The potential to train: with scales from the data where its weights are still random, else with their zero."""
    inner = _trainable(potential)
    untrained = inner.fingerprint == inner.spec.build().fingerprint
    return fresh(inner.spec, training) if untrained else at_zero_of(inner, training)


def elements_of(frames: Sequence[Labelled]) -> tuple[str, ...]:
    """Chemical symbols, each once, in order."""
    return tuple(sorted({symbol for frame in frames for symbol in frame.system.symbols}))


def _trainable(potential: Any) -> Gaunt | Committee:
    """**Raises:** `InputError` for a potential without weights that training could change."""
    inner = potential.inner if isinstance(potential, Trained) else potential
    if not isinstance(inner, (Gaunt, Committee)):
        raise InputError(f"{potential.spec.registered_name} has no weights to train; train gaunt, or a file of weights")
    return inner


def _row(epoch: Epoch, rate: float) -> dict[str, np.ndarray]:
    """What an epoch adds to the Dataset; NaN where there are no labels."""
    training = np.sqrt(np.mean(epoch.training**2, axis=0))
    scale = np.array([1.0, 1.0, 1 / units.GIGAPASCAL])
    errors = {
        f"{kind}{label}_error": value
        for kind, values in (("", epoch.validation), ("training_", training))
        for label, value in zip(_LABELS, np.where(values > 0, values * scale, np.nan), strict=True)
    }
    numbers = {"epoch": epoch.number, "learning_rate": rate, **errors}
    rows = {name: np.array([value]) for name, value in numbers.items()}
    return rows | {"best_epoch": np.asarray(epoch.state.best_epoch)[None]}
