"""Molecular dynamics that becomes hotter and hotter."""

from ...params import Count, Rate, Temperature, Timestep
from ...simulate import NVTLangevin
from ...system import System
from ..md import MD
from ._base import Explorer, Scene, explorers, walked


@explorers.register("hot-md")
class HotDynamics(Explorer):
    """Molecular dynamics with a rising temperature: from what is known to what is not, in one walk."""

    coldest: Temperature = 300.0
    """At the start of a walk."""
    hottest: Temperature = 1500.0
    """At its end."""
    steps: Count = 500
    """Of each walk."""
    every: Count = 25
    """Steps from one candidate to the next."""
    timestep: Timestep = 1.0
    """Length of a step."""
    friction: Rate = 10.0
    """Coupling to the heat bath: strong, so that a short walk is as hot as it should be."""
    walks: Count = 2
    """How many starts are followed."""

    def candidates(self, scene: Scene, seed: int) -> list[System]:
        """Frames of every walk."""
        found = []
        for walk, system in enumerate(scene.some(self.walks, seed)):
            ensemble = NVTLangevin(temperature=f"{self.coldest:g}->{self.hottest:g}", friction=self.friction)
            md = MD(ensemble=ensemble, timestep=self.timestep, steps=self.steps, every=self.every, seed=seed + walk)
            found += walked(md, system, scene.potential)
        return found
