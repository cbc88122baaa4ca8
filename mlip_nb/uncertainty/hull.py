"""Whether an atom lies inside the convex hull of those that were trained on, and if not, how far outside."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import annotated_types
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, QhullError

from ..learn import Labelled
from ..potentials import AbstractGraphPotential, Graph
from ._base import UncertaintySpec, uncertainties
from ._features import ByElement, features, features_by_element


class HullExit(ByElement):
    """Distance from the hull of the element's training data, along the axes in which they vary most; 0 inside.

    The distance is the sum of the distances along the axes, in standard deviations. A linear programme on the host
    finds it, so that it has no derivatives.
    """

    potential: AbstractGraphPotential
    mean: Float[Array, "elements features"]
    axes: Float[Array, "elements axes features"]
    corners: Float[Array, "elements corners axes"]
    """One of them is repeated where an element has fewer."""
    seen: Bool[Array, " elements"]
    differentiable: ClassVar[bool] = False

    def of_elements(self, graph: Graph) -> Float[Array, "elements atoms"]:
        """In standard deviations."""
        told = features(self.potential, graph)
        away = told[None] - self.mean[:, :, None].astype(told.dtype)
        points = jnp.einsum("edf,efa->ead", self.axes.astype(told.dtype), away)
        shape = jax.ShapeDtypeStruct(points.shape[:2], told.dtype)
        return jax.pure_callback(_outside, shape, points, self.corners)


@uncertainties.register("hull")
class ConvexHullExit(UncertaintySpec):
    """Distance from the convex hull of the training data, in the few features that vary most."""

    axes: Annotated[int, annotated_types.Interval(ge=1, le=6)] = 3
    """Axes that are looked at: principal components of the features of each element."""

    differentiable: ClassVar[bool] = False

    def fitted(self, potential: AbstractGraphPotential, frames: Sequence[Labelled] = ()) -> HullExit:
        """**Raises:** `InputError` for a potential without features, and for no frames."""
        self._check_frames(frames)
        parts = features_by_element(potential, frames)
        means = [rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1]) for rows in parts]
        axes = [_axes(rows - mean, self.axes) for rows, mean in zip(parts, means, strict=True)]
        around = zip(parts, means, axes, strict=True)
        corners = [_corners((rows - mean) @ axis.T) for rows, mean, axis in around]
        most = max(map(len, corners))
        filled = [np.concatenate([some, np.repeat(some[:1], most - len(some), axis=0)]) for some in corners]
        seen = [len(rows) > 0 for rows in parts]
        return HullExit(potential, *(jnp.asarray(np.stack(part)) for part in (means, axes, filled, seen)))


def _outside(points: Array, corners: Array) -> np.ndarray:
    """Of every point, for every element."""
    pairs = zip(np.asarray(points, float), np.asarray(corners), strict=True)
    return np.array([[outside(point, some) for point in row] for row, some in pairs], points.dtype)


def outside(point: Float[np.ndarray, " axes"], corners: Float[np.ndarray, "corners axes"]) -> float:
    r"""$\min_\lambda \|x - \sum_k \lambda_k c_k\|_1$ over weights that are positive and sum to one."""
    count, axes = corners.shape
    cost = np.concatenate([np.zeros(count), np.ones(2 * axes)])
    balance = np.hstack([corners.T, np.eye(axes), -np.eye(axes)])
    whole = np.concatenate([np.ones(count), np.zeros(2 * axes)])
    found = linprog(cost, A_eq=np.vstack([balance, whole]), b_eq=np.append(point, 1.0), method="highs")
    return max(float(found.fun), 0.0)


def _axes(away: np.ndarray, count: int) -> np.ndarray:
    """Principal components over their standard deviations; zeros where there is no more variation."""
    axes = np.zeros((count, away.shape[1]))
    if len(away) > 1:
        _, values, directions = np.linalg.svd(away / np.sqrt(len(away) - 1), full_matrices=False)
        kept = min(count, int(np.sum(values > 1e-10 * max(values[0], 1e-300))))
        axes[:kept] = directions[:kept] / values[:kept, None]
    return axes


def _corners(points: np.ndarray) -> np.ndarray:
    """Those points that others do not enclose; all of them where the hull is flat."""
    try:
        return (
            points[ConvexHull(points).vertices] if points.shape[1] > 1 else points[[points.argmin(), points.argmax()]]
        )
    except (QhullError, ValueError):
        return points if len(points) else np.zeros((1, points.shape[1]))
