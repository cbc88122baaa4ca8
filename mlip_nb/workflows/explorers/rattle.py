"""Random displacements and strains: the cheapest way, beside which dearer ones have to be better."""

from typing import Annotated

import annotated_types
import numpy as np

from ...params import Count, Length
from ...system import System
from ._base import Explorer, Scene, explorers, places_of


@explorers.register("rattle")
class Rattle(Explorer):
    """Atoms displaced and cells strained at random, by normal numbers."""

    displacement: Length = 0.1
    """Standard deviation of each component."""
    strain: Annotated[float, annotated_types.Ge(0), annotated_types.Lt(0.5)] = 0.02
    """Standard deviation of each component of the strain; for periodic directions only."""
    structures: Count = 40
    """How many are made."""

    def candidates(self, scene: Scene, seed: int) -> list[System]:
        """Of all starts by turns."""
        random = np.random.default_rng(seed)
        return [self._rattled(system, random) for system in scene.some(self.structures, seed)]

    def _rattled(self, system: System, random: np.random.Generator) -> System:
        drawn = random.normal(0, self.strain, (3, 3)) * np.outer(system.pbc, system.pbc)
        deformation = np.eye(3) + 0.5 * (drawn + drawn.T)
        positions = np.asarray(system.positions, float) @ deformation
        free = 1.0 if system.mobile is None else np.asarray(system.mobile)[:, None]
        positions = positions + free * random.normal(0, self.displacement, positions.shape)
        (made,) = places_of(system, positions[None], (np.asarray(system.cell, float) @ deformation)[None])
        return made
