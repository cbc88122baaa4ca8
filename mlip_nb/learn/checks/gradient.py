"""Energies that contradict the forces."""

from collections import Counter
from collections.abc import Iterator

from .._evidence import Evidence
from .._findings import Finding, numbers
from .._pairs import Pair
from .units import RIGHT, slope

_NOISE = 3e-4
"""eV per atom: what grids, smearing and rounding do to energies of a calculation."""


def look(evidence: Evidence) -> Iterator[Finding]:
    r"""Between frames that are near to each other the energy rises by the work against the forces,

    $$\Delta E = -\tfrac12 (F_1 + F_2) \cdot \Delta x$$

    up to the error of the trapezoid rule (see `Pair.doubt`). Of the pairs that break this the frames are named that
    explain most of them. When all energies are off by one factor, units are to blame, and that check says so.
    """
    pairs = [pair for pair in evidence.close if pair.has_labels]
    steepness = slope(pairs)
    if steepness is not None and not RIGHT[0] < steepness < RIGHT[1]:
        return
    wrong = [pair for pair in pairs if abs(pair.rise - pair.work) > pair.doubt + _NOISE * pair.first.atoms]
    if wrong:
        worst = max(wrong, key=lambda pair: abs(pair.rise - pair.work))
        message = (
            f"energies contradict forces in {len(wrong)} of {len(pairs)} pairs of near frames: from frame "
            f"{worst.indices[0]} to {worst.indices[1]} the energy changes by {worst.rise:+.3f} eV, "
            f"by the forces {worst.work:+.3f} ± {worst.doubt:.3f}"
        )
        yield Finding("gradient", "error", _blamed(wrong), message, "compute these frames again with one setting")


def _blamed(pairs: list[Pair]) -> tuple[int, ...]:
    """The frames that explain the pairs: those in most of them first; where two explain equally much, both."""
    left, blamed = [pair.indices for pair in pairs], set()
    while left:
        counts = Counter(index for pair in left for index in pair)
        most = max(counts.values())
        guilty = {index for index, count in counts.items() if count == most}
        guilty = guilty if most == 1 else {min(guilty)}
        blamed |= guilty
        left = [pair for pair in left if not guilty & set(pair)]
    return numbers(blamed)
