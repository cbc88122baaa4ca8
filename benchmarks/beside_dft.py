"""Crystals by the potentials that come with the package, beside their data: `python benchmarks/beside_dft.py Si Ge`.

The committee's mean, which is used by default, ± the standard deviation of its members. What is measured is what
`pytest -m physics tests/physics/test_beside_dft.py` holds.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

# The tests know how to measure a crystal, and what the data say of it.
sys.path.append(str(Path(__file__).parents[1]))

from tests.physics.crystals import committee_of, crystal, vacancy_energy
from tests.physics.vacancies import vacancy_error
from tests.physics.zuo2020 import CRYSTALS, Reference

DATA = Path(__file__).parents[2] / "shared" / "data" / "zuo2020"
HEADINGS = ("a, Å", "B", "C11", "C12", "C44", "C44 relaxed", "Γ, THz", "vacancy, eV")
STYLES = (".3f", ".1f", ".1f", ".1f", ".1f", ".1f", ".2f", ".2f")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("elements", nargs="*", help=f"any of {', '.join(CRYSTALS)}; all of them when none is given")
    asked.add_argument("--data", type=Path, default=DATA)
    given = asked.parse_args()
    print(f"| | {' | '.join(HEADINGS)} |\n|{'---|' * (len(HEADINGS) + 1)}")
    for symbol in given.elements or CRYSTALS:
        _compare(symbol, CRYSTALS[symbol], given.data)


def _compare(symbol: str, dft: Reference, data: Path) -> None:
    mean, *members = committee_of(f"mlip-{symbol}")
    ours, spread = _row(symbol, dft, mean), np.std([_row(symbol, dft, member) for member in members], axis=0)
    error, uncertainty = vacancy_error(symbol, mean, data)
    moduli = (f"{value:.1f}" for value in (dft.bulk, dft.c11, dft.c12, dft.c44))
    labels = (f"{dft.lattice:.3f}", *moduli, "", "", f"{ours[-1] - error:.2f} ± {uncertainty:.2f}")
    print(f"| {symbol}, labels | {' | '.join(labels)} |")
    told = [f"{value:{style}} ± {sigma:{style}}" for value, sigma, style in zip(ours, spread, STYLES, strict=True)]
    shown = ("" if np.isnan(value) else text for value, text in zip(ours, told, strict=True))
    print(f"| {symbol}, ours | {' | '.join(shown)} |", flush=True)


def _row(symbol: str, dft: Reference, one) -> list[float]:
    found = crystal(symbol, dft.cell, one)
    vacancy = vacancy_energy(symbol, found.lattice, one, dft.repeat)
    relaxed = found.c44_relaxed if np.isfinite(found.optical) else np.nan
    return [found.lattice, found.bulk, found.c11, found.c12, found.c44, relaxed, found.optical, vacancy]


if __name__ == "__main__":
    main()
