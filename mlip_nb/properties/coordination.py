"""How many neighbours atoms have."""

from collections.abc import Mapping

import numpy as np

from ..params import Length
from ._analysis import analyses
from ._neighbors import Structural, pairs_within
from ._trajectory import Trajectory
from .averages import average
from .radial import chosen


@analyses.register("coordination")
class Coordination(Structural):
    """Share of atoms by how many neighbours they have within a distance, and the mean number of neighbours."""

    pair: tuple[str, str] | None = None
    """Element of the atoms, and of the neighbours that count, such as Si,O; all atoms when not given."""
    cutoff: Length = 3.0
    """How far away a neighbour is at most: the first minimum of the radial distribution."""

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """By number of neighbours."""
        own, other = chosen(run, self.pair)
        run = self.seen(run, "a coordination number")
        counts = [
            pairs_within(self.cutoff, positions, cell, run.pbc).among(own, other).counts(len(own))[own]
            for positions, cell in run.snapshots("positions", "cell")
        ]
        most = max(int(one.max()) for one in counts)
        shares = average(np.array([np.bincount(one, minlength=most + 1) / own.sum() for one in counts]))
        mean = average(np.array([one.mean() for one in counts]))
        return {
            "neighbour_count": np.arange(most + 1),
            "coordination_share": shares.mean,
            "coordination_share_error": shares.error,
            "coordination_number": mean.mean,
            "coordination_number_error": mean.error,
        }

    def told(self, found) -> str:
        """The mean number."""
        mean, error = (float(found[name]) for name in ("coordination_number", "coordination_number_error"))
        return f"{mean:.4g} ± {error:.2g} neighbours within {self.cutoff:g} Å"
