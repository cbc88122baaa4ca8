"""An error of a chosen size."""

from typing import Annotated

import annotated_types
import numpy as np

from ._base import Pool, Selector, selectors


@selectors.register("target")
class TargetError(Selector):
    r"""Calibrated uncertainty nearest to a chosen error, $|\ln(\sigma/\sigma^*)|$: neither known already nor absurd.

    ??? cite "Reference"
        calibrated adversarial geometry optimisation (CAGO), *npj Comput. Mater.* (2025)
    """

    error: Annotated[float, annotated_types.Gt(0)] = 0.2
    """The uncertainty that is wanted, eV/Å where it is calibrated."""

    def choose(self, pool: Pool, count: int, seed: int) -> np.ndarray:
        """The nearest first."""
        away = np.abs(np.log(np.maximum(pool.uncertainties, 1e-300) / self.error))
        return np.argsort(away, kind="stable")[:count]
