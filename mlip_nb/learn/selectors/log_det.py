"""The largest volume of what will be known."""

from typing import Annotated

import annotated_types
import numpy as np

from ._base import Pool, Selector, selectors


@selectors.register("log-det")
class LogDeterminant(Selector):
    r"""Greedy D-optimal design: each adds as much as it can to $\ln\det(\lambda + \sum_k x_k x_k^T)$.

    The gain of $x$ is $\ln(1 + x^T A^{-1} x)$, the variance that a linear model still has there, so a structure that
    says the same as one chosen before is worth nothing. What greed reaches is at least $1 - 1/e$ of the best gain.

    ??? cite "Reference"
        G. L. Nemhauser, L. A. Wolsey, M. L. Fisher, *Math. Program.* **14**, 265 (1978), doi:10.1007/BF01588971;
        E. V. Podryabinkin, A. V. Shapeev, *Comput. Mater. Sci.* **140**, 171 (2017),
        doi:10.1016/j.commatsci.2017.08.031
    """

    ridge: Annotated[float, annotated_types.Gt(0)] = 1e-3
    r"""λ in units of the mean square of features."""

    def choose(self, pool: Pool, count: int, seed: int) -> np.ndarray:
        """By rank-one updates of the inverse; those of the largest gain first."""
        both = np.concatenate([pool.known, pool.rows])
        centred, known = both - both.mean(axis=0), len(pool.known)
        noise = self.ridge * max(float(np.mean(centred**2)), 1e-300)
        inverse = np.linalg.inv(noise * np.eye(centred.shape[1]) + centred[:known].T @ centred[:known])
        rows, left, chosen = centred[known:], np.ones(len(pool.rows), bool), []
        for _ in range(min(count, len(rows))):
            gains = np.where(left, np.einsum("ij,jk,ik->i", rows, inverse, rows), -np.inf)
            place = int(np.argmax(gains))
            along = inverse @ rows[place]
            inverse = inverse - np.outer(along, along) / (1 + gains[place])
            left[place] = False
            chosen.append(place)
        return np.array(chosen, int)
