"""Has an atom left what is known? Hotelling's statistic of its features, over the limit of a rate of false alarms."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import annotated_types
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ..errors import InputError
from ..learn import Labelled
from ..params import Count
from ..potentials import AbstractGraphPotential, Graph
from ._base import UncertaintySpec, uncertainties
from ._features import ByElement, features, features_by_element
from .control import fitted_limit

Probability = Annotated[float, annotated_types.Gt(0), annotated_types.Lt(1)]
_FLAT = 1e-8
"""Variance along an axis, over the largest, below which nothing varies."""
_FEWEST = 3
"""Points by which one axis has a limit."""


class TSquared(ByElement):
    r"""$T^2/T^2_\alpha$ along the main axes of the features of the atom's element: an alarm above 1.

    $T^2 = |W(f - \mu)|^2$ with the axes scaled to unit variance.
    """

    potential: AbstractGraphPotential
    mean: Float[Array, "elements features"]
    axes: Float[Array, "elements axes features"]
    """So long that 1 is the limit; zeros beyond the number of axes of an element."""
    seen: Bool[Array, " elements"]
    limit: ClassVar[float | None] = 1.0

    def of_elements(self, graph: Graph) -> Float[Array, "elements atoms"]:
        """Without unit."""
        told = features(self.potential, graph)
        away = told[None] - self.mean[:, :, None].astype(told.dtype)
        return jnp.sum(jnp.einsum("exf,efa->exa", self.axes.astype(told.dtype), away) ** 2, axis=1)


@uncertainties.register("t-squared")
class ControlChart(UncertaintySpec):
    """Hotelling's T² of the features of the last layer, by element, over its limit: an alarm above 1.

    The limit is that of an F distribution, exact for atoms that are independent and have normal features.

    ??? cite "Reference"
        H. Hotelling, in *Techniques of Statistical Analysis* (McGraw-Hill, 1947), p. 111; limit: N. D. Tracy,
        J. C. Young, R. L. Mason, *J. Qual. Technol.* **24**, 88 (1992)
    """

    false_alarms: Probability = 1e-3
    """Probability that a frame like those of training raises an alarm."""
    axes: Count = 8
    """Main axes of the features that are looked at, at most; of an element with few atoms, two less than there are."""

    def fitted(self, potential: AbstractGraphPotential, frames: Sequence[Labelled] = ()) -> TSquared:
        """**Raises:** `InputError` for a potential without features, and for no or too few frames."""
        self._check_frames(frames)
        parts = features_by_element(potential, frames)
        # Of a frame the worst atom counts.
        atoms = np.mean([len(frame.system.numbers) for frame in frames])
        rate = -np.expm1(np.log1p(-self.false_alarms) / atoms)
        for element, rows in zip(potential.spec.elements or (), parts, strict=True):
            _check_number(element, len(rows))
        found = [control_axes(rows, self.axes, float(rate)) for rows in parts]
        seen = jnp.asarray(np.array([len(rows) > 0 for rows in parts]))
        most = max(len(axes) for axes in found)
        axes = np.stack([np.pad(axes, ((0, most - len(axes)), (0, 0))) for axes in found])
        mean = np.stack([rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1]) for rows in parts])
        return TSquared(potential, jnp.asarray(mean), jnp.asarray(axes), seen)


def control_axes(
    rows: Float[np.ndarray, "points features"], most: int, rate: float
) -> Float[np.ndarray, "axes features"]:
    """Axes along which the squares of a point less the mean of `rows` add up to T² over its limit, F distributed.

    **Raises:** `InputError` for too few atoms.
    """
    if not len(rows):
        return np.zeros((0, rows.shape[1]))
    variance, directions = np.linalg.eigh(np.atleast_2d(np.cov(rows.T)))
    most = min(most, len(rows) - _FEWEST + 1)
    main = directions[:, np.argsort(variance)[::-1][:most]]
    main = main[:, np.sort(variance)[::-1][:most] > _FLAT * variance.max()]
    chart = fitted_limit(rows @ main, rate)
    return chart.whitening @ main.T / np.sqrt(chart.limit)


def _check_number(element: str, atoms: int) -> None:
    """**Raises:** `InputError` for an element with atoms too few to vary."""
    if 0 < atoms < _FEWEST:
        raise InputError(
            f"atoms of {element} in the frames: {atoms}, and T² needs {_FEWEST} at least; give more frames, or leave "
            "out those with it"
        )
