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
from tests.physics.zuo2020 import CRYSTALS, Reference

HEADINGS = ("a, Å", "B", "C11", "C12", "C44", "C44 relaxed", "Γ, THz", "vacancy, eV")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("elements", nargs="*", choices=[*CRYSTALS, []], default=list(CRYSTALS))
    print(f"| | {' | '.join(HEADINGS)} |\n|{'---|' * (len(HEADINGS) + 1)}")
    for symbol in asked.parse_args().elements:
        print(f"| {symbol}, DFT | {' | '.join(_published(CRYSTALS[symbol]))} |", flush=True)
        print(f"| {symbol}, ours | {' | '.join(_measured(symbol, CRYSTALS[symbol]))} |", flush=True)


def _published(dft: Reference) -> list[str]:
    moduli = (dft.bulk, dft.c11, dft.c12, dft.c44)
    return [f"{dft.lattice:.3f}", *(f"{value:.4g}" for value in moduli), "", "", ""]


def _measured(symbol: str, dft: Reference) -> list[str]:
    mean, *members = (_row(symbol, dft, one) for one in committee_of(f"mlip-{symbol}"))
    spread = np.std(members, axis=0)
    styles = (".3f", ".1f", ".1f", ".1f", ".1f", ".1f", ".2f", ".2f")
    told = (f"{value:{style}} ± {error:{style}}" for value, error, style in zip(mean, spread, styles, strict=True))
    return ["" if np.isnan(value) else text for value, text in zip(mean, told, strict=True)]


def _row(symbol: str, dft: Reference, potential) -> list[float]:
    found = crystal(symbol, dft.cell, potential)
    vacancy = vacancy_energy(symbol, found.lattice, potential, dft.repeat)
    relaxed = found.c44_relaxed if np.isfinite(found.optical) else np.nan
    return [found.lattice, found.bulk, found.c11, found.c12, found.c44, relaxed, found.optical, vacancy]


if __name__ == "__main__":
    main()
