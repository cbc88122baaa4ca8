"""How far atoms go: the mean square displacement."""

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from ..results.schema import QUANTITIES
from ._analysis import analyses
from ._blocks import Correlated, of_blocks, squared_displacement
from ._trajectory import Trajectory

Frame = Literal["laboratory", "centre-of-mass"]


@analyses.register("msd")
class MeanSquareDisplacement(Correlated):
    r"""Mean square displacement of each element by time, over all atoms and all origins:
    $\langle |r(t + \tau) - r(t)|^2 \rangle$, which grows as $6 D \tau$ where atoms diffuse.
    """

    relative_to: Frame = "laboratory"
    """What displacements are relative to: a thermostat may move the centre of mass."""

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """By element and lag, Å²."""
        lags = self.lags(run, "a mean square displacement")
        per_element = [of_blocks(self.blocks_of(run, run.are(element), lags)) for element in run.elements]
        mean, error = (np.array(one) for one in zip(*per_element, strict=True))
        return {
            "lag": run.interval * np.arange(lags),
            "element": np.array(run.elements),
            "mean_square_displacement": mean,
            "mean_square_displacement_error": error,
        }

    def told(self, found) -> str:
        """Of each element at the longest time."""
        end, unit = found.isel(lag=-1), QUANTITIES["mean_square_displacement"].units
        names = ("mean_square_displacement", "mean_square_displacement_error")
        parts = zip(end["element"].values, *(end[name].values for name in names), strict=True)
        told = ", ".join(f"{element} {mean:.3g} ± {error:.2g} {unit}" for element, mean, error in parts)
        return f"after {float(end['lag']) / 1000:g} ps: {told}"

    def blocks_of(
        self, run: Trajectory, atoms: Bool[np.ndarray, " atoms"], lags: int
    ) -> Float[np.ndarray, "blocks lags"]:
        """The mean over some atoms, block by block, Å²."""
        total = sum(squared_displacement(self.cut(part), lags).sum(axis=-1) for part in self._columns(run, atoms))
        return np.asarray(total) / atoms.sum()

    def _columns(
        self, run: Trajectory, atoms: Bool[np.ndarray, " atoms"]
    ) -> Iterator[Float[np.ndarray, "frames chosen 3"]]:
        if self.relative_to == "laboratory":
            yield from run.columns("positions", atoms)
            return
        masses = run.dataset["mass"].values.astype(float)
        centre = run.weighted("positions", masses / masses.sum())[:, None]
        for part in run.columns("positions", atoms):
            yield part - centre
