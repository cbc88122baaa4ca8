"""Molecular dynamics at the temperature of interest."""

from ...params import Temperature
from ...simulate import NVTLangevin
from ._base import explorers
from ._walks import Walks


@explorers.register("md")
class Dynamics(Walks):
    """Molecular dynamics: what a simulation will meet, and nothing else."""

    temperature: Temperature = 300.0
    """At which atoms move."""

    def ensemble(self) -> NVTLangevin:
        """At one temperature."""
        return NVTLangevin(temperature=self.temperature)
