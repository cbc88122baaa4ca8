"""How much data a potential needs: trained on more and more of them, from different starts."""

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, MlipError, RunWarning
from ..learn import Labelled, Labels, errors, extended_to, fingerprint, is_isolated, predictions, trainable
from ..potentials import AbstractPotential, PotentialSpec
from ..potentials.gaunt import GauntSpec
from ..results.schema import build_dataset
from ..telling import Tell, nothing_told
from ._provenance import stamp
from .train import Train, elements_of

if TYPE_CHECKING:
    import xarray as xr

_KINDS = ("energy_rmse", "force_rmse")


def learning_curve(
    starts: Mapping[str, AbstractPotential | PotentialSpec],
    frames: Sequence[Labelled],
    sizes: Sequence[int],
    train: Train,
    *,
    tell: Tell = nothing_told,
) -> "xr.Dataset":
    """Errors on frames kept aside, `[potential, size]`, of every start trained on so many of the others.

    The frames of a smaller size are among those of a larger one, and are the same for every start. `train` says how,
    and which part of the frames is kept aside; each training is as many epochs long as it says and its last epoch is
    taken. A `GauntSpec` without elements is for those of the data. Ctrl-C keeps what there is.

    **Raises:** `InputError` for sizes beyond the data, no frames to keep aside, or starts that cannot be trained.

    ??? cite "Reference"
        C. Cortes et al., *Learning curves*, NIPS 1993
    """
    learned, aside = train.parts(frames)
    _check(sizes, learned, aside)
    begun = {name: _start(start, elements_of(frames)) for name, start in starts.items()}
    labels, order = Labels.of(aside), np.random.default_rng(train.seed).permutation(len(learned))
    alone = [frame for frame in frames if is_isolated(frame)]
    found = np.full((len(_KINDS), len(begun), len(sizes)), np.nan)
    try:
        for column, size in enumerate(sizes):
            subset = [*alone, *(learned[place] for place in order[:size])]
            for row, (name, start) in enumerate(begun.items()):
                try:
                    made = _trained(train.replace(validation=0.0), subset, start(subset))
                except MlipError as error:
                    tell(f"{size} frames, {name}: {error}")
                    continue
                told = errors(predictions(made, aside), labels)
                found[:, row, column] = energy, force = [float(told[kind]) for kind in _KINDS]
                tell(f"{size} frames, {name}: {1e3 * energy:.3g} meV/atom, {force:.3g} eV/Å")
    except KeyboardInterrupt:
        warnings.warn("interrupted: trainings that did not end are not a number", RunWarning, stacklevel=2)
    values = {f"learned_{kind}": table for kind, table in zip(_KINDS, found, strict=True)}
    names = {"potential": np.array(list(begun)), "training_frames": np.array(sizes)}
    return build_dataset(names | values, attrs=_origin(train, frames))


def _trained(train: Train, frames: Sequence[Labelled], start: AbstractPotential) -> AbstractPotential:
    run = train.start(frames, start)
    try:
        run.result()
    except KeyboardInterrupt:
        run.stop()
        run.wait()
        raise
    return run.product()


def _start(
    start: AbstractPotential | PotentialSpec, symbols: Sequence[str]
) -> Callable[[Sequence[Labelled]], AbstractPotential]:
    """What training begins from, once it is known what is learned: nothing may come from frames kept aside."""
    if isinstance(start, GauntSpec):
        random = start.replace(symbols=start.symbols or symbols).build()
        return lambda subset: random
    trained = trainable(start.build() if isinstance(start, PotentialSpec) else start)
    return lambda subset: extended_to(trained, subset, symbols)


def _check(sizes: Sequence[int], learned: Sequence[Labelled], aside: Sequence[Labelled]) -> None:
    if not aside:
        raise InputError("validation: keep some frames aside to judge by, for example 0.2")
    for size in sizes:
        if not 2 <= size <= len(learned):
            raise InputError(f"sizes: {size} frames to learn from; there are {len(learned)}, and 2 is the least")


def _origin(train: Train, frames: Sequence[Labelled]) -> dict[str, object]:
    return {
        "made_by": "learning-curve",
        "params": train.describe(),
        "data": json.dumps({"frames": len(frames), "sha256": fingerprint(frames)}),
        **stamp(),
    }
