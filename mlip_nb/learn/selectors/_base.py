"""What a selector knows of candidates: numbers only, so that it can be checked by arithmetic."""

import abc
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from ...params import Params
from ...registry import Registry

selectors: Registry["Selector"] = Registry("selector", "mlip_nb.learn.selectors")
"""Every selector known by name."""


@dataclass(frozen=True)
class Pool:
    """Candidates for labels, and what is known already."""

    uncertainties: Float[np.ndarray, " candidates"]
    """Of each the largest of its atoms, eV/Å where it is calibrated."""
    rows: Float[np.ndarray, "candidates features"]
    """What tells structures apart."""
    known: Float[np.ndarray, "labelled features"]
    """The same of those that have labels."""


class Selector(Params):
    """Which candidates are worth a label."""

    registry: ClassVar[Registry] = selectors

    @abc.abstractmethod
    def choose(self, pool: Pool, count: int, seed: int) -> Int[np.ndarray, " chosen"]:
        """Places of `count` candidates, or of all where there are fewer; the most wanted first."""
