"""Molecular dynamics at the temperature of interest."""

from ...params import Count, Temperature, Timestep
from ...simulate import NVTLangevin
from ...system import System
from ..md import MD
from ._base import Explorer, Scene, explorers, walked


@explorers.register("md")
class Dynamics(Explorer):
    """Molecular dynamics: what a simulation will meet, and nothing else."""

    temperature: Temperature = 300.0
    """At which atoms move."""
    steps: Count = 500
    """Of each walk."""
    every: Count = 25
    """Steps from one candidate to the next."""
    timestep: Timestep = 1.0
    """Length of a step."""
    walks: Count = 2
    """How many starts are followed."""

    def candidates(self, scene: Scene, seed: int) -> list[System]:
        """Frames of every walk."""
        found = []
        for walk, system in enumerate(scene.some(self.walks, seed)):
            ensemble = NVTLangevin(temperature=self.temperature)
            md = MD(ensemble=ensemble, timestep=self.timestep, steps=self.steps, every=self.every, seed=seed + walk)
            found += walked(md, system, scene.potential)
        return found
