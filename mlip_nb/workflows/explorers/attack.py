"""Structures on which the potential is least to be trusted, found by its own gradients."""

from collections.abc import Sequence
from typing import Annotated

import annotated_types

from ...attack import Boltzmann, Objective
from ...errors import MlipError
from ...learn import Labelled
from ...params import Count, Length
from ...system import System
from ..attack import Attack
from ._base import Explorer, Scene, Trust, check_slope, explorers, places_of


@explorers.register("attack")
class Attacks(Explorer):
    """Projected gradient ascent on the uncertainty, as by `%mlip attack`."""

    objective: Objective = Boltzmann()
    """What is made as large as possible."""
    radius: Length = 0.3
    """Longest displacement of an atom."""
    strain: Annotated[float, annotated_types.Ge(0), annotated_types.Lt(0.5)] = 0.0
    """Largest norm of the strain."""
    iterations: Count = 20
    """Steps up."""
    starts: Count = 4
    """Attacks on each structure, from different places."""
    structures: Count = 4
    """How many are attacked."""

    def check(self, uncertainty: Trust | None, pool: Sequence[Labelled]) -> None:
        """**Raises:** `InputError` for uncertainties without derivatives."""
        check_slope(uncertainty, "attack")

    def candidates(self, scene: Scene, seed: int) -> list[System]:
        """What all attacks found that could begin."""
        shared = ("objective", "radius", "strain", "iterations", "starts")
        found = []
        for number, system in enumerate(scene.some(self.structures, seed)):
            attack = Attack(**{name: getattr(self, name) for name in shared}, seed=seed + number)
            try:
                data = attack.run(system, scene.uncertainty)
            except MlipError:
                # From a start that is not allowed, such as one with atoms too close, there is no way up.
                continue
            found += places_of(system, data["positions"].values, data["cell"].values)
        return found
