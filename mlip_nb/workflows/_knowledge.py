"""What a loop of learning knows by now: a potential, how far it can be trusted, and how it is made from labels."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import equinox as eqx
import numpy as np

from ..errors import InputError, StorageError
from ..learn import Labelled, Recipe, Trainer, begun, fit_linear, is_isolated
from ..potentials import AbstractPotential
from ..potentials.gaunt import Committee, Gaunt
from ..potentials.trained import Trained
from ..system import System
from ..uncertainty import AbstractUncertainty, UncertaintySpec, calibrate
from ..uncertainty.calibration import FEWEST
from ._calibrate import default_uncertainty


@dataclass(frozen=True)
class Learned:
    """What a campaign has made."""

    potential: AbstractPotential
    uncertainty: AbstractUncertainty
    """Calibrated, where frames were kept aside."""
    frames: Sequence[Labelled]
    """All that it has learned from, those kept aside included."""
    failures: Sequence[dict]
    """Structures that could not be labelled: round, place in its plan, problem, and the structure as extended XYZ."""


def apart(frames: Sequence[Labelled], share: float) -> tuple[list[Labelled], list[Labelled]]:
    """Frames to learn from, and frames kept aside to calibrate; each keeps its part for ever, however many follow."""
    counted = [replace(frame, index=index) for index, frame in enumerate(frames)]
    marks = np.floor(share * np.arange(len(counted) + 1) + 0.5)
    aside = np.diff(marks) > 0
    return [frame for frame, out in zip(counted, aside, strict=True) if not out], [
        frame for frame, out in zip(counted, aside, strict=True) if out
    ]


def first(start: AbstractPotential, frames: Sequence[Labelled], share: float) -> Gaunt | Committee:
    """Where training begins: with scales of the data, and their zero of energies.

    **Raises:** `InputError` for no frames.
    """
    if not frames:
        raise InputError("no frame has labels, so there is nothing to begin with; look at what the labeller says")
    return begun(start, apart(frames, share)[0])


def trained(
    start: Gaunt | Committee, frames: Sequence[Labelled], recipe: Recipe, rate: float, *, linear: bool
) -> Iterator[Callable[[], Gaunt | Committee]]:
    """A potential that goes on from `start` with these frames, epoch by epoch: what it is if it ends there."""
    training, aside = apart(frames, recipe.validation)
    if linear:
        made, _ = fit_linear(start, training, recipe)
        yield lambda: made
        return
    trainer = Trainer(start, training, [frame for frame in aside if not is_isolated(frame)], recipe)
    for epoch in trainer.epochs(rate=lambda number: rate):
        yield lambda state=epoch.state: trainer.finished(state)


def trusted(
    potential: AbstractPotential, frames: Sequence[Labelled], share: float, spec: UncertaintySpec | None, kind: str
) -> AbstractUncertainty:
    """The uncertainty of a potential that has learned these frames, calibrated by those kept aside where they are
    enough."""
    inner = potential.inner if isinstance(potential, Trained) else potential
    training, aside = apart(frames, share)
    source = (spec or default_uncertainty(inner)).fitted(inner, training)
    enough = sum(len(frame.system.numbers) for frame in aside) >= FEWEST
    return calibrate(source, aside, kind) if enough else source


def check_trainable(potential: AbstractPotential, frames: Sequence[Labelled]) -> None:
    """**Raises:** `InputError` for elements that it does not cover."""
    for frame in frames:
        check_covered(potential, [frame.system], "frame", frame.index)


def check_covered(potential: AbstractPotential, systems: Sequence[System], what: str, first: int = 0) -> None:
    """**Raises:** `InputError` for elements that it does not cover, by what has them and its number."""
    for number, system in enumerate(systems, first):
        if missing := set(system.symbols) - set(potential.spec.elements or ()):
            raise InputError(
                f"{what} {number} has {', '.join(sorted(missing))}, which this potential does not cover; name all "
                "elements by symbols"
            )


def weights_of(potential: Gaunt | Committee) -> bytes:
    """All of its arrays."""
    buffer = io.BytesIO()
    eqx.tree_serialise_leaves(buffer, potential)
    return buffer.getvalue()


def with_weights(potential: Gaunt | Committee, data: bytes) -> Gaunt | Committee:
    """The potential with arrays of another of its form.

    **Raises:** `StorageError` for those of another form.
    """
    try:
        return eqx.tree_deserialise_leaves(io.BytesIO(data), potential)
    except (RuntimeError, ValueError, EOFError) as error:
        raise StorageError(f"the potential in the folder has another form ({error}); choose another folder") from error
