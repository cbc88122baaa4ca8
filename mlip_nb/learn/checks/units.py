"""Energies, forces and lengths in units that are not ours."""

from collections.abc import Iterator

import numpy as np

from ... import units
from .._evidence import Case, Evidence
from .._findings import Finding
from .._pairs import Pair

_HARTREE, _RYDBERG, _KCAL = (units.to_internal(1.0, unit) for unit in ("Ha", "Ry", "kcal/mol"))
_KILOJOULE = units.KILOJOULE_PER_MOLE

_ENERGIES = {"eV": 1.0, "Ha": _HARTREE, "Ry": _RYDBERG, "kcal/mol": _KCAL, "kJ/mol": _KILOJOULE}
_FORCES = {
    "eV/Å": 1.0,
    "Ha/bohr": _HARTREE / units.BOHR,
    "Ry/bohr": _RYDBERG / units.BOHR,
    "eV/bohr": 1 / units.BOHR,
    "kcal/mol/Å": _KCAL,
    "kJ/mol/Å": _KILOJOULE,
    "kJ/mol/nm": _KILOJOULE / 10,
}

RIGHT = (0.7, 1.4)
"""Energy over work of forces when both have one unit: anharmonic pairs bend it by up to a fifth."""

_FEWEST = 3
"""Pairs that decide."""

_LARGE_FORCE = 15.0
"""eV/Å, root mean square: bonds break at less than 10."""

_BOHR_RATIO = (1.6, 2.4)
"""Distance of neighbours in units of the sum of covalent radii when Å are taken for bohr: 1.89 times 0.85 to 1.25."""

_NOBLE = (2, 10, 18, 36, 54, 86)


def look(evidence: Evidence) -> Iterator[Finding]:
    r"""Units by three laws, from sure to likely.

    Pairs of near frames: $\Delta E = -\tfrac12(F_1+F_2)\cdot\Delta x$, so that the ratio of the two sides is a ratio
    of units. Neighbours: bonded atoms are a sum of covalent radii apart. Sizes: the energy of all electrons of an
    atom is about -0.574 Z^2.39 Ha, and forces above 15 eV/Å tear any bond.
    """
    yield from _by_pairs([pair for pair in evidence.close if pair.has_labels])
    yield from _by_distances(evidence)
    yield from _by_electrons([case for case in evidence.cases if case.energy is not None])
    yield from _by_size([case.forces for case in evidence.cases if case.forces is not None and case.atoms > 1])


def slope(pairs: list[Pair]) -> float | None:
    """Rise of the energy over work of the forces, by regression; None where pairs do not tell.

    Pairs count by how sure their work is, and those that do not follow are left out in a second round.
    """
    if len(pairs) < _FEWEST:
        return None
    rises, works, doubts = (np.array([getattr(pair, name) for pair in pairs]) for name in ("rise", "work", "doubt"))
    doubts = np.maximum(doubts, 1e-6 + 1e-3 * np.median(doubts))
    rises, works = rises / doubts, works / doubts
    keep = np.ones(len(pairs), bool)
    for _ in range(4):
        value = np.sum(rises[keep] * works[keep]) / max(np.sum(works[keep] ** 2), 1e-30)
        residuals = np.abs(rises - value * works)
        keep = residuals <= max(5 * np.median(residuals), 1e-12)
    error = np.sqrt(np.sum(residuals[keep] ** 2) / max(np.sum(works[keep] ** 2), 1e-30) / max(keep.sum() - 1, 1))
    return float(value) if keep.sum() >= _FEWEST and error < 0.1 * abs(value) else None


def _by_pairs(pairs: list[Pair]) -> Iterator[Finding]:
    ratio = slope(pairs)
    if ratio is None or RIGHT[0] < ratio < RIGHT[1]:
        return
    message = (
        f"in {len(pairs)} pairs of near frames energies rise {ratio:.3g} times as much as forces say: {_reading(ratio)}"
    )
    yield Finding("units", "error", (), message, "convert to eV, eV/Å and Å before training")


def _reading(ratio: float) -> str:
    """The units that give a ratio."""
    if -RIGHT[1] < ratio < -RIGHT[0]:
        return "the forces have the wrong sign (they may be gradients)"
    # In Å for bohr the work is too large; what both are measured in cancels otherwise.
    readings = [("positions in bohr", units.BOHR)]
    readings += [
        (f"energies in {energy} and forces in {force}", forces / energies)
        for energy, energies in _ENERGIES.items()
        for force, forces in _FORCES.items()
        if energy == "eV" or force == "eV/Å" or force.startswith(energy)
    ]
    fitting = [text for text, value in readings if ratio > 0 and abs(np.log(ratio / value)) < 0.2]
    return " or ".join(fitting) or "no units are known that give this"


def _by_distances(evidence: Evidence) -> Iterator[Finding]:
    ratios = np.concatenate([np.empty(0), *(_bond_ratios(case) for case in evidence.sound if case.atoms > 1)])
    ratios = ratios[np.isfinite(ratios)]
    if not len(ratios):
        return
    typical = float(np.median(ratios))
    if _BOHR_RATIO[0] < typical < _BOHR_RATIO[1]:
        message = f"neighbours are typically {typical:.2f} sums of covalent radii apart: lengths may be in bohr"
        yield Finding("units", "warning", (), message, "convert positions and cells to Å, if they are")
    if typical < 0.6:
        message = (
            f"neighbours are typically {typical:.2g} sums of covalent radii apart: lengths may be in nm or fractions"
        )
        yield Finding("units", "error", (), message, "convert positions and cells to Å")


def _bond_ratios(case: Case) -> np.ndarray:
    """Distance to the nearest neighbour in sums of covalent radii; nan for noble gases, which do not bond."""
    from ase.data import covalent_radii

    distances, partners = case.neighbours
    radii = np.where(np.isin(case.numbers, _NOBLE), np.nan, covalent_radii[case.numbers])
    return np.where(partners < 0, np.nan, distances / (radii + radii[partners]))


def _by_electrons(cases: list[Case]) -> Iterator[Finding]:
    """Total energies of all electrons, but not in eV."""
    heavy = [case for case in cases if case.numbers.max() > 2]
    if not heavy:
        return
    expected = np.array([0.5743 * np.sum(case.numbers.astype(float) ** 2.39) for case in heavy])
    ratio = float(np.median(-np.array([case.energy for case in heavy]) / expected))
    for unit in ("Ha", "Ry", "kcal/mol", "kJ/mol"):
        if abs(ratio * _ENERGIES[unit] / _HARTREE - 1) < 0.15:
            message = f"energies are those of all electrons in {unit}"
            yield Finding("units", "warning", (), message, "convert them to eV, if they are, and check the forces")


def _by_size(forces: list[np.ndarray]) -> Iterator[Finding]:
    """Forces that no bond withstands, in the typical frame."""
    sizes = np.array([np.sqrt(np.mean(np.sum(force**2, axis=1))) for force in forces])
    if len(sizes) and np.median(sizes) > _LARGE_FORCE:
        message = (
            f"forces are typically {np.median(sizes):.3g} eV/Å, more than bonds withstand: kcal/mol/Å or kJ/mol/Å?"
        )
        yield Finding("units", "warning", (), message, "convert forces to eV/Å, if they are not")
