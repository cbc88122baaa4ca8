"""The layer that everybody consumes: a source, its calibration, and what it promises."""

from collections.abc import Sequence
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..learn import Labelled
from ..potentials import AbstractGraphPotential, Graph
from ._base import AbstractUncertainty, force_errors
from .calibration import AbstractCalibration, calibrated
from .conformal import ForceBalls, force_balls


class Calibrated(AbstractUncertainty):
    """Standard deviations of a component of the force, and balls that hold all forces of a frame."""

    source: AbstractUncertainty
    calibration: AbstractCalibration
    balls: ForceBalls | None = eqx.field(static=True, default=None)
    """None where there were too few frames to promise anything."""
    unit: ClassVar[str] = "eV/Å"

    @property
    def potential(self) -> AbstractGraphPotential:
        """Whose forces they are."""
        return self.source.potential

    @property
    def differentiable(self) -> bool:
        """As the source."""
        return self.source.differentiable

    def of_graph(self, graph: Graph) -> Float[Array, " atoms"]:
        """eV/Å."""
        return self.calibration(self.source.of_graph(graph))


def calibrate(
    source: AbstractUncertainty,
    frames: Sequence[Labelled],
    kind: str = "power",
    *,
    coverage: float = 0.9,
) -> Calibrated:
    """A source fitted to the errors of forces of frames that its potential was not trained on.

    Balls need coverage/(1 - coverage) frames at least, as good as independent of each other.

    **Raises:** `InputError` for frames without forces, an unknown kind, too few labels, and uncertainties of zero.
    """
    labelled = [frame for frame in frames if frame.forces is not None]
    sigma, errors = force_errors(source, labelled)
    calibration = calibrated(sigma, errors, kind)
    if (len(labelled) + 1) * coverage > len(labelled):
        return Calibrated(source, calibration)
    ends = np.cumsum([len(frame.system.numbers) for frame in labelled])[:-1]
    after = np.asarray(calibration(jnp.asarray(sigma)))
    balls = force_balls(np.split(after, ends), np.split(errors, ends), coverage=coverage)
    return Calibrated(source, calibration, balls)
