"""What explorers by molecular dynamics have in common."""

import abc

from ...params import Count, Timestep
from ...potentials import AbstractPotential
from ...simulate import Ensemble
from ...system import System
from ..md import MD
from ._base import Explorer, Scene, walked


class Walks(Explorer):
    """Frames of short runs, each from another start."""

    steps: Count = 500
    """Of each walk."""
    every: Count = 25
    """Steps from one candidate to the next."""
    timestep: Timestep = 1.0
    """Length of a step."""
    walks: Count = 2
    """How many starts are followed."""

    @abc.abstractmethod
    def ensemble(self) -> Ensemble:
        """How atoms move."""

    def moved_by(self, scene: Scene) -> AbstractPotential:
        """What gives the forces."""
        return scene.potential

    def dynamics(self, seed: int) -> MD:
        """One walk."""
        shared = {name: getattr(self, name) for name in ("steps", "every", "timestep")}
        return MD(ensemble=self.ensemble(), seed=seed, **shared)

    def candidates(self, scene: Scene, seed: int) -> list[System]:
        """Frames of every walk."""
        potential = self.moved_by(scene)
        starts = scene.some(self.walks, seed)
        return [
            one for walk, start in enumerate(starts) for one in walked(self.dynamics(seed + walk), start, potential)
        ]
