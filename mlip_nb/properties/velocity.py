"""How long atoms remember their velocities, and the spectrum of their vibrations."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float
from scipy import fft

from ._analysis import analyses
from ._blocks import Blocked, Correlated, autocorrelation, of_blocks
from ._trajectory import Trajectory

_PER_FEMTOSECOND = 1e3
"""THz."""


@analyses.register("vacf")
class VelocityAutocorrelation(Correlated):
    r"""Velocity autocorrelation of each element by time, $\langle v(t) \cdot v(t + \tau) \rangle$, over all atoms and
    all origins. Its integral is three times the coefficient of diffusion.
    """

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """By element and lag, Å²/fs²."""
        run.need("velocities", "a velocity autocorrelation")
        lags = self.lags(run, "a velocity autocorrelation")
        found = [of_blocks(self.blocks_of(run, run.are(element), lags)) for element in run.elements]
        mean, error = (np.array(one) for one in zip(*found, strict=True))
        return {
            "lag": run.interval * np.arange(lags),
            "element": np.array(run.elements),
            "velocity_autocorrelation": mean,
            "velocity_autocorrelation_error": error,
        }

    def blocks_of(
        self, run: Trajectory, atoms: Bool[np.ndarray, " atoms"], lags: int
    ) -> Float[np.ndarray, "blocks lags"]:
        """The mean over some atoms, block by block, Å²/fs²."""
        parts = run.columns("velocities", atoms)
        total = sum(autocorrelation(self.cut(part), lags).sum(axis=(-2, -1)) for part in parts)
        return np.asarray(total) / atoms.sum()


@analyses.register("vdos")
class VibrationalDensity(Blocked):
    r"""Vibrational density of states of each element: the power spectrum of velocities, whose integral over frequencies
    is 3, the modes of an atom. Frames must be closer than half the fastest period; blocks set the resolution.

    Each block is faded in and out (Hann), which moves nothing farther than two points of the spectrum.

    ??? cite "Reference"
        P. D. Welch, *IEEE Trans. Audio Electroacoust.* **15**, 70 (1967), doi:10.1109/TAU.1967.1161901
    """

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """By element and frequency, 1/THz."""
        run.need("velocities", "a vibrational density of states")
        length = self.length(run, "a vibrational density of states")
        frequencies = np.fft.rfftfreq(length, run.interval) * _PER_FEMTOSECOND
        per_element = [of_blocks(self._blocks_of(run, run.are(element), frequencies)) for element in run.elements]
        mean, error = (np.array(one) for one in zip(*per_element, strict=True))
        return {
            "spectral_frequency": frequencies,
            "element": np.array(run.elements),
            "vibrational_density": mean,
            "vibrational_density_error": error,
        }

    def _blocks_of(
        self, run: Trajectory, atoms: Bool[np.ndarray, " atoms"], frequencies: Float[np.ndarray, " frequencies"]
    ) -> Float[np.ndarray, "blocks frequencies"]:
        """Block by block, with the integral that their mean has."""
        power = np.asarray(sum(self._power(part) for part in run.columns("velocities", atoms)))
        return 3 * power / np.trapezoid(power.mean(axis=0), frequencies)

    def _power(self, velocities: Float[np.ndarray, "frames atoms 3"]) -> Float[np.ndarray, "blocks frequencies"]:
        pieces = self.cut(velocities)
        window = np.hanning(pieces.shape[1] + 2)[1:-1]
        return np.square(np.abs(fft.rfft(pieces * window[:, None, None], axis=1))).sum(axis=(-2, -1))
