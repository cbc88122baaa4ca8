"""The layer that everybody consumes: a source, its calibration, and what it promises."""

from collections.abc import Sequence
from typing import ClassVar

import equinox as eqx
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
    sigma, errors = force_errors(source, frames)
    layer = Calibrated(source, calibrated(sigma, errors, kind))
    labelled = [frame for frame in frames if frame.forces is not None]
    if (len(labelled) + 1) * coverage > len(labelled):
        return layer
    after = layer.of_frames(labelled)
    _, wrong = force_errors(layer, labelled)
    parts = np.split(wrong, np.cumsum([len(one) for one in after])[:-1])
    return Calibrated(source, layer.calibration, force_balls(after, parts, coverage=coverage))
