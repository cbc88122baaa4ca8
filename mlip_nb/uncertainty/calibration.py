"""From a number that grows with the error to a standard deviation: maps fitted to labels."""

import abc
from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.optimize import isotonic_regression, minimize_scalar

from ..errors import InputError, unknown

FEWEST = 10
"""Labels below which nothing is calibrated."""
_STEEPEST = 10.0
"""Exponents of the power law lie between this and its negative."""


class AbstractCalibration(eqx.Module):
    """A map of uncertainties that can be differentiated. It is fitted to errors that have one variance each."""

    name: ClassVar[str]

    @abc.abstractmethod
    def __call__(self, sigma: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """The standard deviation of one component of the error."""

    @classmethod
    @abc.abstractmethod
    def fitted(cls, sigma: Float[np.ndarray, " labels"], square: Float[np.ndarray, " labels"]) -> Self:
        """To uncertainties and mean squares of the components of the errors."""


class Scale(AbstractCalibration):
    r"""$\sqrt\alpha\,\sigma$ with $\alpha = \langle e^2/\sigma^2 \rangle$: the likeliest scale of normal errors.

    ??? cite "Reference"
        J. Busk et al., *Mach. Learn.: Sci. Technol.* **3**, 015012 (2022), doi:10.1088/2632-2153/ac3eb3
    """

    alpha: Float[Array, ""]
    """Factor of the variance; 1 for what is calibrated, 4 for what is half of what it should be."""
    name: ClassVar[str] = "scale"

    def __call__(self, sigma: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Times the root of the factor."""
        return jnp.sqrt(self.alpha) * sigma

    @classmethod
    def fitted(cls, sigma: Float[np.ndarray, " labels"], square: Float[np.ndarray, " labels"]) -> Self:
        """The mean of the squared ratios."""
        return cls(jnp.asarray(np.mean(square / sigma**2)))


class Power(AbstractCalibration):
    r"""$a \sigma^b$, the likeliest of normal errors; for uncertainties whose units say nothing.

    The likelihood has its maximum over $a$ in closed form; what is left is the logarithm of a sum of exponentials of
    $b$, so it has one optimum.
    """

    factor: Float[Array, ""]
    exponent: Float[Array, ""]
    name: ClassVar[str] = "power"

    def __call__(self, sigma: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """By the power law; zero for zero where the exponent is positive."""
        positive = sigma > 0
        # The gradient of a power at zero is no number, also where it is not taken.
        return jnp.where(positive, self.factor * jnp.where(positive, sigma, 1.0) ** self.exponent, 0.0)

    @classmethod
    def fitted(cls, sigma: Float[np.ndarray, " labels"], square: Float[np.ndarray, " labels"]) -> Self:
        """By a search along the exponent."""
        known = sigma > 0
        logarithm, square = np.log(sigma[known]), square[known]
        logarithm, middle = logarithm - logarithm.mean(), logarithm.mean()

        def variance(exponent: float) -> float:
            return float(np.mean(square * np.exp(-2 * exponent * logarithm)))

        found = minimize_scalar(lambda b: np.log(variance(b)), bounds=(-_STEEPEST, _STEEPEST), method="bounded")
        factor = np.sqrt(variance(found.x)) * np.exp(-found.x * middle)
        return cls(jnp.asarray(factor), jnp.asarray(float(found.x)))


class Isotonic(AbstractCalibration):
    r"""Any function that does not fall: the variance is the isotonic regression of squared errors on $\sigma$.

    Between labels it is interpolated, beyond the last it grows in proportion.

    ??? cite "Reference"
        R. E. Barlow et al., *Statistical Inference under Order Restrictions* (Wiley, 1972)
    """

    knots: Float[Array, " knots"]
    values: Float[Array, " knots"]
    name: ClassVar[str] = "isotonic"

    def __call__(self, sigma: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """By interpolation."""
        within = jnp.interp(sigma, self.knots, self.values)
        return within * jnp.maximum(sigma / self.knots[-1], 1.0)

    @classmethod
    def fitted(cls, sigma: Float[np.ndarray, " labels"], square: Float[np.ndarray, " labels"]) -> Self:
        """By pooling neighbours that are out of order; of each pool the middle is kept."""
        order = np.argsort(sigma, kind="stable")
        pooled = isotonic_regression(square[order])
        starts = pooled.blocks
        middles = np.add.reduceat(sigma[order], starts[:-1]) / np.diff(starts)
        return cls(jnp.asarray(middles), jnp.asarray(np.sqrt(pooled.x[starts[:-1]])))


CALIBRATIONS: dict[str, type[AbstractCalibration]] = {kind.name: kind for kind in (Scale, Power, Isotonic)}
"""Kinds of calibration by name."""


def calibrated(
    sigma: Float[np.ndarray, " labels"], errors: Float[np.ndarray, "labels components"], kind: str = "scale"
) -> AbstractCalibration:
    """The map that makes `sigma` the standard deviation of one component of the errors.

    **Raises:** `InputError` for an unknown kind, too few labels, numbers that are not finite, and uncertainties that
    are all zero, as those of a committee whose members are the same.
    """
    if kind not in CALIBRATIONS:
        raise unknown("calibration", kind, CALIBRATIONS)
    if len(sigma) < FEWEST:
        raise InputError(f"{len(sigma)} labels are too few to calibrate; {FEWEST} are needed at least")
    if not (np.isfinite(sigma).all() and np.isfinite(errors).all()):
        place = int(np.flatnonzero(~(np.isfinite(sigma) & np.isfinite(errors).all(axis=1)))[0])
        raise InputError(f"uncertainty or error of label {place} is not finite; take it out")
    known = sigma > 0
    if not known.any():
        raise InputError(
            "the uncertainty is zero everywhere, as it is when all members of a committee are the same; train members "
            "with different seeds"
        )
    return CALIBRATIONS[kind].fitted(np.asarray(sigma, float)[known], np.mean(np.square(errors[known]), axis=1))
