"""Under which names labels stand, and how they are read off `ase.Atoms`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from ..errors import InputError
from ..system import System

if TYPE_CHECKING:
    import ase

USUAL = {
    "energy": ("energy", "Energy", "free_energy", "REF_energy", "ref_energy", "dft_energy", "DFT_energy")
    + ("total_energy",),
    "forces": ("forces", "force", "REF_forces", "ref_forces", "dft_forces", "DFT_forces"),
    "stress": ("stress", "REF_stress", "ref_stress", "dft_stress", "DFT_stress", "virials", "virial", "REF_virial")
    + ("REF_virials", "ref_virial", "dft_virial", "DFT_virial"),
    "group": ("config_type", "group", "label"),
}
"""Label -> keys it goes by, the likeliest first."""

_VOIGT = ((0, 5, 4), (5, 1, 3), (4, 3, 2))
"""Places in xx, yy, zz, yz, xz, xy: the order of ASE."""


@dataclass(frozen=True)
class Labels:
    """The keys that were asked for; None: the usual ones."""

    energy: str | None = None
    forces: str | None = None
    stress: str | None = None

    def given(self) -> Iterator[tuple[str, str]]:
        """Pairs of label and key that was asked for."""
        return ((kind, key) for kind, key in vars(self).items() if key is not None)

    def keys_of(self, kind: str) -> tuple[str, ...]:
        """Keys a label may stand under."""
        key = getattr(self, kind, None)
        return USUAL[kind] if key is None else (key,)


@dataclass(frozen=True)
class Label:
    """What was found for one frame, in eV and Å, and every key there was."""

    energy: float | None
    forces: np.ndarray | None
    stress: np.ndarray | None
    group: str
    keys: frozenset[str]


def asked(kind: str, key: str, labels: list[Label]) -> InputError:
    """The error for a key that was asked for and is in no frame."""
    there = sorted({found for label in labels for found in label.keys})
    return InputError(f"no frame has {kind} under {key!r}; there is {', '.join(there) or 'nothing'}")


def labels_of(atoms: "ase.Atoms", names: Labels) -> tuple[System, Label]:
    """System and labels of an `ase.Atoms`; what its calculator holds comes before `info` and `arrays`."""
    results = getattr(atoms.calc, "results", {})
    values = {**atoms.arrays, **atoms.info, **{key: value for key, value in results.items() if value is not None}}
    energy, forces = (_first(values, names.keys_of(kind)) for kind in ("energy", "forces"))
    found = Label(
        energy=None if energy is None else _number(energy[1], energy[0]),
        forces=None if forces is None else np.array(forces[1], float),
        stress=_stress(_first(values, names.keys_of("stress")), atoms),
        group=str((_first(values, names.keys_of("group")) or ("", ""))[1]),
        keys=frozenset(values) - {"numbers", "positions"},
    )
    return _system(atoms), found


def _first(values: dict[str, Any], keys: tuple[str, ...]) -> tuple[str, Any] | None:
    """The first of some keys that is there, and its value."""
    return next(((key, values[key]) for key in keys if key in values), None)


def _number(value: Any, key: str) -> float:
    try:
        return float(np.asarray(value, float).item())
    except (TypeError, ValueError):
        raise InputError(f"{key}={value!r} is not a number of eV; name the key of the energy by energy=") from None


def _stress(found: tuple[str, Any] | None, atoms: "ase.Atoms") -> np.ndarray | None:
    """eV/Å³, tension positive; None where there is no volume all of whose faces are periodic."""
    if found is None or not (atoms.pbc.all() and atoms.cell.rank == 3):
        return None
    key, value = found
    tensor = _tensor(np.asarray(value, float), key)
    is_virial = "virial" in key.lower() and "stress" not in key.lower()
    return -tensor / atoms.cell.volume if is_virial else tensor


def _tensor(values: np.ndarray, key: str) -> np.ndarray:
    if values.size == 9:
        return values.reshape(3, 3).copy()
    if values.shape == (6,):
        return values[np.array(_VOIGT)]
    raise InputError(f"{key} has shape {values.shape}; a stress has 9 numbers, or 6 in the order xx,yy,zz,yz,xz,xy")


def _system(atoms: "ase.Atoms") -> System:
    """The system as it stands, unchecked: what is wrong with it is for the doctor to say."""
    from ase.data import atomic_masses

    return System(
        positions=jnp.asarray(atoms.positions, float),
        numbers=jnp.asarray(atoms.numbers, np.int32),
        masses=jnp.asarray(atomic_masses[atoms.numbers], float),
        cell=jnp.asarray(atoms.cell.array, float),
        pbc=tuple(bool(periodic) for periodic in atoms.pbc),
    )
