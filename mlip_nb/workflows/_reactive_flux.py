"""What a user says of a rate by constrained sampling."""

import math
from typing import Annotated

import annotated_types
from pydantic import model_validator

from ..params import Count, Duration, Params, Rate, Seed, Temperature
from ..path_integrals._base import Beads


class ReactiveFlux(Params):
    """How a rate is found by Bennett's and Chandler's method."""

    dividing: float
    """Value of the coordinate that divides reactants from products."""
    reactants: float
    """Value at which windows begin: at the far side of the reactants, where they hardly ever are."""
    products: float | None = None
    """Value at which windows end, the dividing surface or beyond it."""
    windows: Annotated[int, annotated_types.Ge(4)] = 24
    """Values of the coordinate, evenly apart, at which the slope of the free energy is sampled."""
    temperature: Temperature = 300.0
    """Temperature."""
    beads: Beads = 32
    """Beads of each ring polymer; one is classical."""
    classical: bool = True
    """Find the classical rate in the same way, to compare with."""
    timestep: Duration = 0.5
    """Time of one integration step."""
    friction: Rate = 10.0
    """Coupling of centroids to the bath while they are constrained."""
    preparation: Duration = 1000.0
    """Time in which windows are pulled apart from the structure, and as much again to forget that."""
    sampling: Duration = 5000.0
    """Time over which each window is sampled."""
    every: Count = 10
    """Steps from one sample to the next."""
    chains: Annotated[int, annotated_types.Ge(1), annotated_types.Le(4096)] = 16
    """Independent runs at the dividing surface."""
    pairs: Annotated[int, annotated_types.Ge(2), annotated_types.Le(40000)] = 512
    """Pairs of trajectories that leave the dividing surface, with opposite momenta."""
    release: Duration = 100.0
    """How long these are followed."""
    seed: Seed = 0
    """Seed of the random numbers."""

    @model_validator(mode="after")
    def _in_order(self) -> "ReactiveFlux":
        if self.reactants == self.end:
            raise ValueError(f"reactants and the last window are both at {self.end:g}; give the far side of reactants")
        low, high = sorted((self.reactants, self.end))
        if not low <= self.dividing <= high or self.dividing == self.reactants:
            raise ValueError(
                f"the dividing surface {self.dividing:g} is outside of the windows from {self.reactants:g} to "
                f"{self.end:g}; let windows enclose it"
            )
        if self.sampling < 4 * self.every * self.timestep:
            raise ValueError(f"sampling ({self.sampling:g} fs) has fewer than 4 samples; give a longer time")
        if self.release < 8 * self.timestep:
            raise ValueError(f"release ({self.release:g} fs) is shorter than 8 steps; give a longer time")
        return self

    def steps(self, time: float) -> int:
        """Integration steps in a time, fs; one at least."""
        return max(round(time / self.timestep), 1)

    @property
    def sense(self) -> float:
        """1 where the coordinate grows towards products, -1 where it falls."""
        return math.copysign(1.0, self.dividing - self.reactants)

    @property
    def end(self) -> float:
        """Where windows end."""
        return self.dividing if self.products is None else self.products
