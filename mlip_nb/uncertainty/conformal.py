"""Balls that hold the true forces of a whole frame with a promised probability, whatever the law of the errors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..properties.averages import inefficiency


@dataclass(frozen=True)
class ForceBalls:
    r"""Radii $R_i = \hat q (\sigma_i + \sigma_0)$ that hold the errors of all forces of a frame at once.

    Atoms of a frame are not exchangeable, frames are; so the score of a frame is the largest of its atoms. Coverage of
    new frames is promised for frames drawn as those for calibration were, and for nothing else: not along a trajectory
    that leaves them, and not after frames were chosen by their uncertainty.

    ??? cite "Reference"
        V. Vovk, A. Gammerman, G. Shafer, *Algorithmic Learning in a Random World* (Springer, 2005);
        A. N. Angelopoulos, S. Bates, arXiv:2107.07511
    """

    factor: float
    r"""$\hat q$."""
    floor: float
    r"""$\sigma_0$, eV/Å: what keeps small uncertainties from deciding alone."""
    coverage: float
    frames: int
    """That it was calibrated on."""

    def radii(self, sigma: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """eV/Å."""
        return self.factor * (sigma + self.floor)


def force_balls(
    sigma: Sequence[Float[np.ndarray, " atoms"]],
    errors: Sequence[Float[np.ndarray, "atoms 3"]],
    *,
    coverage: float = 0.9,
    floor: float | None = None,
) -> ForceBalls:
    """From frames that the potential was not trained on; frames of a trajectory should be `thinned` before.

    The floor is a tenth of the median uncertainty unless given.

    **Raises:** `InputError` for a coverage that so few frames cannot promise.
    """
    if not 0 < coverage < 1:
        raise InputError(f"coverage is a probability between 0 and 1; got {coverage:g}")
    lowest = 0.1 * float(np.median(np.concatenate(list(sigma)))) if floor is None else floor
    scores = np.array([_score(one, error, lowest) for one, error in zip(sigma, errors, strict=True)])
    return ForceBalls(conformal_quantile(scores, coverage), lowest, coverage, len(scores))


def conformal_quantile(scores: Float[np.ndarray, " frames"], coverage: float) -> float:
    r"""The $\lceil (n+1)(1-\alpha) \rceil$-th smallest score: a new one is below it with probability $1-\alpha$.

    **Raises:** `InputError` for too few scores.
    """
    # What is a whole number but for rounding is that number.
    rank = int(np.ceil((len(scores) + 1) * coverage - 1e-9))
    if rank > len(scores):
        needed = int(np.ceil(coverage / (1 - coverage) - 1e-9))
        raise InputError(
            f"{len(scores)} frames cannot promise a coverage of {coverage:g}; give {needed} at least, or ask for less"
        )
    return float(np.sort(scores)[rank - 1])


def thinned(series: Float[np.ndarray, " frames"]) -> np.ndarray:
    """Places of frames of a trajectory that are as good as independent: every g-th, g the statistical inefficiency."""
    return np.arange(0, len(series), max(1, int(np.ceil(float(inefficiency(series)) - 1e-9))))


def adapted(
    scores: Float[np.ndarray, " frames"],
    past: Float[np.ndarray, " calibration"],
    *,
    coverage: float,
    rate: float = 0.05,
) -> Iterator[tuple[float, bool]]:
    r"""Balls that follow a drift: for each new score the factor before it was known, and whether it was inside.

    $\alpha_{t+1} = \alpha_t + \gamma(\alpha - err_t)$; whatever the scores, the share outside differs from $\alpha$ by
    at most $(\max(\alpha_1, 1 - \alpha_1) + \gamma)/(\gamma T)$ after $T$ frames. Each score joins those of the past.

    ??? cite "Reference"
        I. Gibbs, E. Candès, NeurIPS (2021), arXiv:2106.00170
    """
    missed, known = 1 - coverage, np.sort(past)
    for score in scores:
        factor = _quantile_within(known, 1 - missed)
        inside = bool(score <= factor)
        yield factor, inside
        missed += rate * ((1 - coverage) - (not inside))
        known = np.insert(known, np.searchsorted(known, score), score)


def _quantile_within(known: np.ndarray, share: float) -> float:
    """Nothing is inside a ball for a share of zero or less; everything is for one that too few scores can promise."""
    if share <= 0:
        return -np.inf
    rank = int(np.ceil((len(known) + 1) * share - 1e-9))
    return np.inf if rank > len(known) else float(known[rank - 1])


def _score(sigma: np.ndarray, error: np.ndarray, floor: float) -> float:
    return float(np.max(np.linalg.norm(error, axis=1) / (sigma + floor)))
