"""Means of whatever a run stored, how far they can be trusted, and where the run is in equilibrium."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ._analysis import Analysis, analyses
from ._trajectory import Trajectory
from .averages import average, inefficiency

_TRIED = 50
"""Beginnings that are tried, evenly spread."""
_LEAST = 8
"""Frames that an average needs, and blocks that an error needs."""


@analyses.register("average")
class Averages(Analysis):
    r"""Means of series of a run: standard error by the statistical inefficiency $g = 1 + 2\sum_t \rho_t$, independent
    samples, and the standard error by blocks of growing length, which agrees where blocks are long enough.

    ??? cite "Reference"
        H. Flyvbjerg, H. G. Petersen, *J. Chem. Phys.* **91**, 461 (1989), doi:10.1063/1.457480
    """

    names: tuple[str, ...] = ()
    """Series to average, such as temperature,volume; all that vary when not given."""
    equilibrate: bool = False
    """Leave out as much of the start of each series as leaves most independent samples, besides --discard."""

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """By series."""
        run.need_frames(_LEAST, "an average")
        series = {name: run.dataset[name].values.astype(float) for name in self._chosen(run)}
        begins = [equilibration(values) if self.equilibrate else 0 for values in series.values()]
        kept = [values[begin:] for values, begin in zip(series.values(), begins, strict=True)]
        found = [average(values) for values in kept]
        lengths = 2 ** np.arange(int(np.log2(run.frames / _LEAST)) + 1)
        return {
            "estimator": np.array(list(series)),
            "unit": np.array([run.dataset[name].attrs.get("units", "1") for name in series]),
            "estimate": np.array([one.mean for one in found]),
            "standard_error": np.array([one.error for one in found]),
            "effective_samples": np.array([one.samples for one in found]),
            "statistical_inefficiency": np.array([inefficiency(values) for values in kept]),
            "equilibration_frames": run.skipped + np.array(begins),
            "block_length": lengths,
            "block_error": np.array([[block_error(values, length) for length in lengths] for values in kept]),
        }

    def table(self, found) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """A row for each series."""
        names = ("estimator", "estimate", "standard_error", "unit", "effective_samples", "equilibration_frames")
        rows = zip(*(found[name].values for name in names), strict=True)
        told = [
            (one, f"{mean:.6g}", f"{error:.2g}", unit, f"{n:.0f}", str(begin))
            for one, mean, error, unit, n, begin in rows
        ]
        return ("average", "value", "error", "unit", "independent samples", "frames left out"), told

    def _chosen(self, run: Trajectory) -> list[str]:
        known = [
            str(name)
            for name, one in run.dataset.data_vars.items()
            if one.dims == ("frame",) and one.dtype.kind in "if"
        ]
        if unknown := [name for name in self.names if name not in known]:
            raise InputError(f"names: {unknown[0]!r} is no series of this Dataset; there are {', '.join(known)}")
        return list(self.names) or [name for name in known if np.ptp(run.dataset[name].values) > 0]


def equilibration(values: Float[np.ndarray, " frames"]) -> int:
    """How many frames to leave out at the start, so that the rest is worth most independent samples.

    ??? cite "Reference"
        J. D. Chodera, *J. Chem. Theory Comput.* **12**, 1799 (2016), doi:10.1021/acs.jctc.5b00784
    """
    begins = np.unique(np.linspace(0, len(values) - _LEAST, _TRIED).astype(int))
    samples = [(len(values) - begin) / float(inefficiency(values[begin:])) for begin in begins]
    return int(begins[int(np.argmax(samples))])


def block_error(values: Float[np.ndarray, " frames"], length: int) -> float:
    """Standard error of the mean, of means of blocks; NaN for fewer than two blocks."""
    count = len(values) // length
    if count < 2:
        return float("nan")
    means = values[len(values) - count * length :].reshape(count, length).mean(axis=1)
    return float(means.std(ddof=1) / np.sqrt(count))
