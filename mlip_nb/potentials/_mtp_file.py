"""Reading `.mtp` files, in which the MLIP package keeps moment tensor potentials: text, a line for each entry."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..errors import InputError

_SPELLINGS = (
    ("min_dist", "min_val", "min"),
    ("max_dist", "max_val", "max"),
    ("radial_basis_size", "basis_size", "size"),
)
"""MLIP-2, MLIP-3 and motep name the same numbers differently."""


@dataclass(frozen=True)
class Tables:
    """A moment tensor potential as its file tells it."""

    closest: float
    """Å: where the range of the Chebyshev polynomials begins."""
    cutoff: float
    """Å."""
    radial: np.ndarray
    """[own, other, functions, polynomials], scaled."""
    basic: np.ndarray
    """Radial function and powers of x, y, z of each basic moment, [basic, 4]."""
    products: np.ndarray
    """Two moments, a whole number and the moment to which their product times that number is added, [products, 4]."""
    moments: int
    """How many moments there are in all."""
    scalars: np.ndarray
    """The moments that enter the energy."""
    weights: np.ndarray
    """Their weights, eV."""
    isolated: np.ndarray
    """Energy of an atom of each species without neighbours, eV."""


def read(path: Path) -> Tables:
    """What is in an `.mtp` file.

    **Raises:** `InputError` when there is no such file, and for one that is damaged, untrained or of another basis.
    """
    if not path.is_file():
        raise InputError(f"{path} is {'a directory' if path.is_dir() else 'not there'}; give an .mtp file")
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _modified: int) -> Tables:
    # What active learning appends is binary.
    lines = path.read_bytes().partition(b"\n#")[0].decode(errors="replace").splitlines()
    text = "\n".join(line.strip() for line in lines)
    _, _, rest = text.partition("radial_coeffs\n")
    entries = dict(re.findall(r"^(\w+) *= *(.*)$", text, re.MULTILINE))
    if not text.startswith("MTP"):
        raise InputError(f"{path} does not begin with MTP, so it is no .mtp file; give the one that was trained")
    if (basis := entries.get("radial_basis_type")) != "RBChebyshev":
        raise InputError(f"{path} has the radial basis {basis}; only RBChebyshev is known: train with that")
    if "magnetic_basis_type" in entries:
        raise InputError(f"{path} depends on magnetic moments, which no atom here has; use --potential ase with motep")
    if "moment_coeffs" not in entries or not rest:
        raise InputError(f"{path} has no coefficients, it is untrained; give the file that training wrote")
    try:
        return _checked(_tables(entries, rest))
    except (KeyError, ValueError) as error:
        raise InputError(f"{path} is damaged ({type(error).__name__}: {error}); copy or train it again") from error


def _tables(entries: dict[str, str], rest: str) -> Tables:
    species, functions = int(entries["species_count"]), int(entries["radial_funcs_count"])
    closest, cutoff, size = (entries[_spelling(names, entries)] for names in _SPELLINGS)
    # Pairs of species in between are named `0-1`.
    numbers = _numbers("".join(re.findall(r"\{[^{}]*\}", rest)[: species * species * functions]))
    return Tables(
        closest=float(closest),
        cutoff=float(cutoff),
        radial=float(entries.get("scaling", 1)) * numbers.reshape(species, species, functions, int(size)),
        basic=_numbers(entries["alpha_index_basic"]).astype(int).reshape(-1, 4),
        products=_numbers(entries["alpha_index_times"]).astype(int).reshape(-1, 4),
        moments=int(entries["alpha_moments_count"]),
        scalars=_numbers(entries["alpha_moment_mapping"]).astype(int),
        weights=_numbers(entries["moment_coeffs"]),
        isolated=_numbers(entries["species_coeffs"]),
    )


def _spelling(names: tuple[str, ...], entries: dict[str, str]) -> str:
    """**Raises:** `KeyError` when none is there."""
    return next((name for name in names if name in entries), names[0])


def _numbers(text: str) -> np.ndarray:
    return np.array(re.findall(r"[^\s,{}]+", text), float)


def _checked(tables: Tables) -> Tables:
    """**Raises:** `ValueError` for places that are not there, and numbers that are none."""
    counts = (len(tables.radial), len(tables.scalars))
    if (len(tables.isolated), len(tables.weights)) != counts:
        raise ValueError(f"{len(tables.isolated)} species and {len(tables.weights)} weights for {counts}")
    places = np.concatenate([tables.products[:, [0, 1, 3]].ravel(), tables.scalars])
    if not 0 < len(tables.basic) <= tables.moments <= len(tables.basic) + len(tables.products):
        raise ValueError(f"{tables.moments} moments of {len(tables.basic)} basic ones")
    if np.any((places < 0) | (places >= tables.moments)):
        raise ValueError("moments are named that are not there")
    if _used_too_early(tables.products):
        raise ValueError("a moment is used before its sum is complete")
    if np.any(tables.basic < 0) or np.any(tables.basic[:, 0] >= tables.radial.shape[2]):
        raise ValueError("basic moments of radial functions that are not there")
    if not 0 <= tables.closest < tables.cutoff < np.inf:
        raise ValueError(f"distances from {tables.closest:g} to {tables.cutoff:g} Å")
    if not all(np.isfinite(values).all() for values in (tables.radial, tables.weights, tables.isolated)):
        raise ValueError("coefficients that are not finite")
    return tables


def _used_too_early(products: np.ndarray) -> bool:
    used: set[int] = set()
    for first, second, _, place in products.tolist():
        used |= {first, second}
        if place in used:
            return True
    return False
