"""Has something left what is known? Hotelling's statistic with its limits."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import chi2, f

from ..errors import InputError


@dataclass(frozen=True)
class ControlLimit:
    r"""$T^2 = (x-\mu)^T \Sigma^{-1} (x-\mu)$, and the limit that a share of false alarms exceeds."""

    mean: Float[np.ndarray, " features"]
    whitening: Float[np.ndarray, "features features"]
    r"""$W$ with $W^T W = \Sigma^{-1}$."""
    limit: float
    false_alarms: float

    def statistic(self, points: Float[np.ndarray, "points features"]) -> Float[np.ndarray, " points"]:
        """Of each point."""
        return np.sum(((points - self.mean) @ self.whitening.T) ** 2, axis=1)


def known_limit(
    mean: Float[np.ndarray, " features"], covariance: Float[np.ndarray, "features features"], false_alarms: float = 1e-3
) -> ControlLimit:
    r"""Where mean and covariance are known, $T^2$ of normal points has the law $\chi^2_d$."""
    return ControlLimit(mean, _whitening(covariance), float(chi2.isf(false_alarms, len(mean))), false_alarms)


def fitted_limit(points: Float[np.ndarray, "points features"], false_alarms: float = 1e-3) -> ControlLimit:
    r"""Where they are those of $n$ points, $T^2$ of a new one is $\frac{d(n+1)(n-1)}{n(n-d)} F_{d,n-d}$.

    **Raises:** `InputError` for too few points for so many features.

    ??? cite "Reference"
        N. D. Tracy, J. C. Young, R. L. Mason, *J. Qual. Technol.* **24**, 88 (1992)
    """
    count, features = points.shape
    if count < features + 2:
        raise InputError(f"{count} points are too few for {features} features; give {features + 2} at least")
    scale = features * (count + 1) * (count - 1) / (count * (count - features))
    limit = float(scale * f.isf(false_alarms, features, count - features))
    return ControlLimit(points.mean(axis=0), _whitening(np.cov(points.T).reshape(features, -1)), limit, false_alarms)


def _whitening(covariance: np.ndarray) -> np.ndarray:
    """**Raises:** `InputError` for features of which one is a combination of others."""
    try:
        return np.linalg.inv(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError as error:
        raise InputError("a feature does not vary, or is a combination of others; leave it out") from error
