"""Molecular dynamics that becomes hotter and hotter."""

from ...params import Rate, Temperature
from ...simulate import NVTLangevin
from ._base import explorers
from ._walks import Walks


@explorers.register("hot-md")
class HotDynamics(Walks):
    """Molecular dynamics with a rising temperature: from what is known to what is not, in one walk."""

    coldest: Temperature = 300.0
    """At the start of a walk."""
    hottest: Temperature = 1500.0
    """At its end."""
    friction: Rate = 10.0
    """Coupling to the heat bath: strong, so that a short walk is as hot as it should be."""

    def ensemble(self) -> NVTLangevin:
        """From the lowest temperature to the highest."""
        return NVTLangevin(temperature=f"{self.coldest:g}->{self.hottest:g}", friction=self.friction)
