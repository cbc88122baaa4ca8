"""Polar crystals: Born charges and the dielectric tensor, by which long waves of light split optical vibrations."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..system import System

_NEUTRAL = 0.05
"""Units of e per atom that computed charges may be off; symmetry then takes them away."""


def tensor(numbers: Sequence[float], name: str) -> Float[np.ndarray, "3 3"]:
    """Of one number (alike in all directions), three (the diagonal), or nine, row by row.

    **Raises:** `InputError` for any other number of numbers.
    """
    if len(numbers) not in (1, 3, 9):
        raise InputError(f"{name}: a tensor of {len(numbers)} numbers; give one, three (its diagonal), or nine")
    values = np.array(numbers, float)
    return values.reshape(3, 3) if len(values) == 9 else np.diag(np.broadcast_to(values, 3))


def born_charges(given: Sequence[str], system: System) -> Float[np.ndarray, "atoms 3 3"]:
    """Tensors of all atoms in units of e, from words such as `Na:1.09`, `3:1.09` or `Ti:7.1/7.1/5.8`.

    **Raises:** `InputError` for what is no such word, atoms that are named by none, and charges that do not cancel.
    """
    charges = np.full((len(system.numbers), 3, 3), np.nan)
    symbols = np.array(system.symbols)
    # Atoms by number come last, for they are more special than their element.
    for word in sorted(given, key=lambda word: word[:1].isdigit()):
        name, colon, value = word.partition(":")
        atoms = _named(name.strip(), symbols)
        if not colon or not atoms.any():
            raise InputError(
                f"born_charges: {word!r} is no atom of {system.formula} with its charge; write such as Na:1.09, "
                "3:1.09 or Ti:7.1/7.1/5.8"
            )
        charges[atoms] = tensor(_numbers(value, word), f"born_charges {word}")
    _check(charges, system)
    return charges


def _named(name: str, symbols: np.ndarray) -> np.ndarray:
    return np.arange(len(symbols)) == int(name) if name.isdigit() else symbols == name


def _numbers(text: str, word: str) -> list[float]:
    try:
        return [float(part) for part in text.split("/")]
    except ValueError:
        raise InputError(f"born_charges: {word!r} has no number after its colon") from None


def _check(charges: np.ndarray, system: System) -> None:
    missing = np.isnan(charges).any(axis=(1, 2))
    if missing.any():
        atom = int(np.argmax(missing))
        raise InputError(f"born_charges: atom {atom} ({system.symbols[atom]}) has none; give one to every element")
    excess = float(np.abs(charges.mean(axis=0)).max())
    if excess > _NEUTRAL:
        raise InputError(f"born_charges: a charge of {excess:.3g} e is left per atom; those of a crystal cancel")
