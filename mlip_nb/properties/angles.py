"""Angles between bonds: the angular distribution function."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..params import Length
from ._analysis import Bins, analyses
from ._neighbors import Pairs, Structural, pairs_within
from ._trajectory import Trajectory
from .averages import average


@analyses.register("adf")
class AngularDistribution(Structural):
    """Distribution of the angles at an atom between two of its neighbours; its integral over degrees is 1."""

    triplet: tuple[str, str, str] | None = None
    """Three elements, the one in the middle is where the angle is, such as O,Si,O; all atoms when not given."""
    cutoff: Length = 3.0
    """How long a bond is at most."""
    bins: Bins = 180
    """Parts of 180 degrees."""

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """By angle, 1/degree."""
        edges = np.linspace(0, 180, self.bins + 1)
        run = self.seen(run, "an angular distribution")
        # Every frame counts as much as it has angles.
        found = np.array([np.histogram(angles, edges)[0] for angles in self._angles(run)])
        if not found.sum():
            raise InputError(f"no atom has two such neighbours within {self.cutoff:g} Å; take a longer --cutoff")
        mean = average(found / (found.sum(axis=1).mean() * np.diff(edges)))
        return {
            "bond_angle": 0.5 * (edges[1:] + edges[:-1]),
            "angular_distribution": mean.mean,
            "angular_distribution_error": mean.error,
        }

    def told(self, found) -> str:
        """The highest peak."""
        return f"highest at {float(found['bond_angle'][np.argmax(found['angular_distribution'].values)]):.4g}°"

    def _angles(self, run: Trajectory):
        everybody = np.ones(len(run.symbols), bool)
        left, middle, right = (run.are(one) for one in self.triplet) if self.triplet else (everybody,) * 3
        for positions, cell in run.snapshots("positions", "cell"):
            pairs = pairs_within(self.cutoff, positions, cell, run.pbc)
            yield angles_between(pairs.among(middle, left), pairs.among(middle, right), len(middle))


def angles_between(one: Pairs, other: Pairs, atoms: int) -> Float[np.ndarray, " angles"]:
    """Angles between all bonds of `one` and all of `other` at the same atom, degrees; none of a bond with itself.

    Where both sets are alike each angle comes twice.
    """
    begins = np.concatenate([[0], np.cumsum(other.counts(atoms))])
    repeats = other.counts(atoms)[one.first]
    first = np.repeat(np.arange(len(one.first)), repeats)
    place = np.arange(len(first)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    second = begins[one.first[first]] + place
    same = (one.second[first] == other.second[second]) & np.isclose(
        one.vectors[first], other.vectors[second], rtol=0, atol=1e-9
    ).all(axis=-1)
    first, second = first[~same], second[~same]
    directions, others = (pairs.vectors / pairs.distances[:, None] for pairs in (one, other))
    return np.degrees(np.arccos(np.clip(np.sum(directions[first] * others[second], axis=-1), -1, 1)))
