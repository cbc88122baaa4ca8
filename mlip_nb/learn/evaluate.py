"""How far potentials are from the labels of frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float, Shaped

from ..errors import InputError
from ..potentials import AbstractGraphPotential, AbstractPotential
from ._loss import Predictions, predict
from ._packing import Batch, Packer
from .frames import Labelled

_ATOMS, _FRAMES = 512, 128
"""Of a batch, at most."""
SLOTS = 8
"""Slots of a batch are a multiple of this: to compile takes seconds, a few empty slots nothing."""


@dataclass(frozen=True)
class Predicted:
    """What a potential says of frames, as their labels say it."""

    energies: Float[np.ndarray, " frames"]
    """eV, of whole frames."""
    forces: Float[np.ndarray, "sites 3"]
    """eV/Å, of the atoms of all frames, one after another."""
    stresses: Float[np.ndarray, "frames 3 3"]
    """eV/Å³; NaN where there is no volume."""


@dataclass(frozen=True)
class Labels:
    """What frames say of themselves; NaN where they are silent."""

    energies: Float[np.ndarray, " frames"]
    forces: Float[np.ndarray, "sites 3"]
    stresses: Float[np.ndarray, "frames 3 3"]
    atoms: Shaped[np.ndarray, " frames"]
    """How many each frame has."""
    elements: Shaped[np.ndarray, " sites"]
    groups: Shaped[np.ndarray, " frames"]

    @classmethod
    def of(cls, frames: Sequence[Labelled]) -> "Labels":
        """Of frames that were read."""
        atoms = np.array([len(frame.system.numbers) for frame in frames])
        forces = [np.full((n, 3), np.nan) if f.forces is None else f.forces for n, f in zip(atoms, frames, strict=True)]
        return cls(
            energies=np.array([np.nan if frame.energy is None else frame.energy for frame in frames], float),
            forces=np.concatenate(forces),
            stresses=np.array([np.full((3, 3), np.nan) if frame.stress is None else frame.stress for frame in frames]),
            atoms=atoms,
            elements=np.array([symbol for frame in frames for symbol in frame.system.symbols]),
            groups=np.array([frame.group for frame in frames]),
        )

    @property
    def owners(self) -> Shaped[np.ndarray, " sites"]:
        """Frame of each atom."""
        return np.repeat(np.arange(len(self.atoms)), self.atoms)


def predictions(potential: AbstractPotential, frames: Sequence[Labelled]) -> Predicted:
    """What a potential says of every frame.

    **Raises:** `InputError` for a frame with elements that it does not cover.
    """
    for frame in frames:
        if missing := sorted(set(frame.system.symbols) - set(potential.spec.elements or frame.system.symbols)):
            raise InputError(
                f"frame {frame.index} has {', '.join(missing)}; {potential.spec.registered_name} covers "
                f"{potential.spec.coverage}"
            )
    by_batch = isinstance(potential, AbstractGraphPotential) and bool(potential.spec.elements)
    return _in_batches(potential, frames) if by_batch else _one_by_one(potential, frames)


def _in_batches(potential: AbstractGraphPotential, frames: Sequence[Labelled]) -> Predicted:
    """Frames side by side: one program for all of them."""
    batches = batches_for(potential, frames)
    return of_batches([_predicted(potential, batch) for batch in batches], batches)


def batches_for(potential: AbstractGraphPotential, frames: Sequence[Labelled]) -> list[Batch]:
    """Frames in their order, counted from zero, in the precision of the potential."""
    dtype = "float64" if potential.spec.precision == "float64" else "float32"
    counted = [replace(frame, index=place) for place, frame in enumerate(frames)]
    elements = potential.spec.elements or ()
    sizes = {"atoms": _ATOMS, "frames_most": _FRAMES, "slots_of": SLOTS}
    return Packer(counted, elements, potential.cutoff, dtype=dtype, **sizes).batches()


_predicted = eqx.filter_jit(predict)


def of_batches(predicted: Sequence[Predictions], batches: Sequence[Batch]) -> Predicted:
    """All frames of some batches, in the order of their index."""
    parts = [_unpacked(one, batch) for one, batch in zip(predicted, batches, strict=True)]
    place = np.argsort(np.concatenate([index for _, index in parts]), kind="stable")
    return _joined([one for frames_of, _ in parts for one in frames_of], place)


def _unpacked(predicted: Predictions, batch: Batch):
    """Each real frame's part, and its place in the source."""
    energy, forces, stress = (np.array(part, float) for part in jax.device_get(vars(predicted)).values())
    real = int(np.sum(batch.weight))
    ends = np.cumsum(batch.count[:real])
    stress[batch.volume == 1] = np.nan
    split = np.split(forces.T[: ends[-1]], ends[:-1])
    return [(energy[place], split[place], stress[place]) for place in range(real)], batch.index[:real]


def _one_by_one(potential: AbstractPotential, frames: Sequence[Labelled]) -> Predicted:
    found = [potential.evaluate(frame.system, stress=True) for frame in frames]
    stresses = [np.full((3, 3), np.nan) if one.stress is None else np.asarray(one.stress) for one in found]
    parts = [(float(one.energy), np.asarray(one.forces), stress) for one, stress in zip(found, stresses, strict=True)]
    return _joined(parts, np.arange(len(frames)))


def _joined(parts: list, order: np.ndarray) -> Predicted:
    energies, forces, stresses = zip(*[parts[place] for place in order], strict=True)
    return Predicted(np.array(energies), np.concatenate(forces), np.array(stresses))


def errors(predicted: Predicted, labels: Labels) -> Mapping[str, Float[np.ndarray, "..."]]:
    """Named as in the table of quantities: of the whole, by frame, by element and by group of frames.

    NaN where there are no labels; infinite where there are, and the potential gives no finite number.
    """
    energy = _off(predicted.energies / labels.atoms, labels.energies / labels.atoms)
    forces, stress = _off(predicted.forces, labels.forces), _off(predicted.stresses, labels.stresses)
    elements, groups = np.unique(labels.elements), np.unique(labels.groups)
    return {
        "energy_mae": _mean(np.abs(energy)),
        "energy_rmse": _rms(energy),
        "force_mae": _mean(np.abs(forces)),
        "force_rmse": _rms(forces),
        "force_cosine": _cosine(predicted.forces, labels.forces),
        "stress_mae": _mean(np.abs(stress)),
        "stress_rmse": _rms(stress),
        "frame_energy_error": energy,
        "frame_force_rmse": np.array([_rms(part) for part in np.split(forces, np.cumsum(labels.atoms)[:-1])]),
        "element_force_rmse": np.array([_rms(forces[labels.elements == symbol]) for symbol in elements]),
        "group_energy_rmse": np.array([_rms(energy[labels.groups == group]) for group in groups]),
        "group_force_rmse": np.array([_rms(forces[labels.groups[labels.owners] == group]) for group in groups]),
    }


def _off(predicted: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The difference: NaN without a label, infinite without a finite prediction."""
    return np.where(np.isfinite(labels), np.where(np.isfinite(predicted), predicted - labels, np.inf), np.nan)


def _mean(values: np.ndarray) -> np.ndarray:
    """Over what is labelled; NaN where nothing is."""
    known = values[~np.isnan(values)]
    return np.array(np.mean(known) if known.size else np.nan)


def _rms(values: np.ndarray) -> np.ndarray:
    return np.sqrt(_mean(values**2))


def _cosine(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Mean cosine of the angle between forces, where there is one."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _mean(np.sum(one * other, axis=1) / lengths)
