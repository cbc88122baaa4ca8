"""How far atoms are from each other: the radial distribution function, over beads where there are any."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

from ..params import Length
from ._analysis import Bins, analyses
from ._neighbors import Structural, pairs_within
from ._trajectory import Trajectory
from .averages import average

if TYPE_CHECKING:
    import xarray as xr


@analyses.register("rdf")
class RadialDistribution(Structural):
    r"""$g(r) = \langle n(r) \rangle / (4\pi r^2 \Delta r\, \rho)$ of a periodic system.

    With stored beads (`store_beads`) distances are those of atoms in one imaginary-time slice, the average over all
    slices: what scattering sees of quantum nuclei. Without, those of positions; of a path integral these are centroids,
    which are closer together than atoms are sharp.

    ??? cite "Reference"
        D. Chandler, P. G. Wolynes, *J. Chem. Phys.* **74**, 4078 (1981), doi:10.1063/1.441588
    """

    pair: tuple[str, str] | None = None
    """Two elements, such as Na,Cl; all atoms when not given."""
    cutoff: Length = 6.0
    """Longest distance; it may exceed the cell."""
    bins: Bins = 120
    """Shells up to there."""

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """By distance."""
        run.need_cell("a radial distribution")
        own, other = chosen(run, self.pair)
        edges = np.linspace(0, self.cutoff, self.bins + 1)
        shells = 4 / 3 * np.pi * np.diff(edges**3)
        found = [
            histogram * abs(np.linalg.det(cell)) / (own.sum() * _partners(own, other) * shells)
            for histogram, cell in _histograms(self.seen(run, "a radial distribution"), own, other, edges)
        ]
        mean = average(np.array(found))
        return {
            "distance": 0.5 * (edges[1:] + edges[:-1]),
            "radial_distribution": mean.mean,
            "radial_distribution_error": mean.error,
        }

    def told(self, found: "xr.Dataset") -> str:
        """The highest peak."""
        peak = found.isel(distance=int(np.argmax(found["radial_distribution"].values)))
        return f"highest at {float(peak['distance']):.3g} Å, where g(r) is {float(peak['radial_distribution']):.3g}"


def radial_distribution(dataset: "xr.Dataset", **parameters) -> "xr.Dataset":
    """The radial distribution function with its standard error; for parameters see `RadialDistribution`."""
    return RadialDistribution(**parameters).of(dataset)


def chosen(run: Trajectory, pair: tuple[str, str] | None) -> tuple[Bool[np.ndarray, " atoms"], ...]:
    """Which atoms are of the first element of a pair, and which of the second; all of them without one."""
    return tuple(run.are(symbol) for symbol in pair) if pair else (np.ones(len(run.symbols), bool),) * 2


def _partners(own: Bool[np.ndarray, " atoms"], other: Bool[np.ndarray, " atoms"]) -> float:
    """Atoms that one may be a distance from: not itself, but its images."""
    return float(other.sum()) if not (own & other).any() else float(other.sum() - 1)


def _histograms(
    run: Trajectory, own, other, edges: Float[np.ndarray, " edges"]
) -> Iterator[tuple[Float[np.ndarray, " bins"], Float[np.ndarray, "3 3"]]]:
    """Of every frame, the mean over beads."""
    places = "bead_positions" if "bead_positions" in run.dataset else "positions"
    for found, cell in run.snapshots(places, "cell"):
        slices = found.reshape(-1, len(own), 3)
        total = np.zeros(len(edges) - 1)
        for positions in slices:
            pairs = pairs_within(edges[-1], positions, cell, run.pbc).among(own, other)
            total += np.histogram(pairs.distances, edges)[0]
        yield total / len(slices), cell
