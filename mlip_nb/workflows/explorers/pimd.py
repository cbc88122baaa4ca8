"""Path integrals: where quantum nuclei are, which classical ones at the same temperature never visit."""

from typing import Annotated

import annotated_types

from ...params import Count, Temperature, Timestep
from ...path_integrals import LocalPILE
from ..pimd import PIMD
from ._base import explorers
from ._walks import Walks


@explorers.register("pimd")
class PathIntegrals(Walks):
    """Ring polymers; every bead is a candidate."""

    temperature: Temperature = 300.0
    """Of the nuclei."""
    beads: Annotated[int, annotated_types.Gt(0), annotated_types.Le(256)] = 8
    """Of each ring polymer."""
    steps: Count = 200
    """Of each walk."""
    every: Count = 50
    """Steps from one candidate to the next."""
    timestep: Timestep = 0.5
    """Length of a step."""
    walks: Count = 1
    """How many starts are followed."""

    def ensemble(self) -> LocalPILE:
        """With beads that are kept."""
        return LocalPILE(temperature=self.temperature, beads=self.beads, store_beads=True)

    def dynamics(self, seed: int) -> PIMD:
        """One walk."""
        shared = {name: getattr(self, name) for name in ("steps", "every", "timestep")}
        return PIMD(ensemble=self.ensemble(), seed=seed, **shared)
