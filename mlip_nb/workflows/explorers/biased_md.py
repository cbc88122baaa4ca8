"""Molecular dynamics that is drawn to where the potential is unsure."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import annotated_types
import equinox as eqx
from jaxtyping import Array, Float

from ...learn import Labelled
from ...params import Count, Temperature, Timestep
from ...potentials import AbstractGraphPotential, Graph, PotentialSpec
from ...simulate import NVTLangevin
from ...system import System
from ...uncertainty import AbstractUncertainty
from ..md import MD
from ._base import Explorer, Scene, Trust, check_slope, explorers, walked


class Biased(AbstractGraphPotential):
    r"""$E - \tau \sum_i \sigma_i$: forces and stress get a part that points to larger uncertainty."""

    inner: AbstractGraphPotential
    uncertainty: AbstractUncertainty
    strength: Float[Array, ""] | float
    """τ, Å where the uncertainty is of forces."""
    cutoff: float = eqx.field(static=True)
    spec: PotentialSpec = eqx.field(static=True)
    edge_cost: ClassVar[float] = 5.0

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """eV."""
        return self.inner.atomic_energies(graph) - self.strength * self.uncertainty.of_graph(graph)


@explorers.register("biased-md")
class BiasedDynamics(Explorer):
    """Uncertainty-biased molecular dynamics.

    ??? cite "Reference"
        V. Zaverkin et al., *npj Comput. Mater.* **10**, 83 (2024), doi:10.1038/s41524-024-01254-1
    """

    temperature: Temperature = 300.0
    """At which atoms move."""
    strength: Annotated[float, annotated_types.Ge(0)] = 0.2
    """Energy that uncertainty is worth, eV for each eV/Å."""
    steps: Count = 200
    """Of each walk."""
    every: Count = 20
    """Steps from one candidate to the next."""
    timestep: Timestep = 1.0
    """Length of a step."""
    walks: Count = 1
    """How many starts are followed."""

    def check(self, uncertainty: Trust | None, pool: Sequence[Labelled]) -> None:
        """**Raises:** `InputError` for uncertainties without derivatives."""
        check_slope(uncertainty, "biased-md")

    def candidates(self, scene: Scene, seed: int) -> list[System]:
        """Frames of every walk."""
        potential = scene.uncertainty.potential
        biased = Biased(potential, scene.uncertainty, self.strength, potential.cutoff, potential.spec)
        found = []
        for walk, system in enumerate(scene.some(self.walks, seed)):
            ensemble = NVTLangevin(temperature=self.temperature)
            md = MD(ensemble=ensemble, timestep=self.timestep, steps=self.steps, every=self.every, seed=seed + walk)
            found += walked(md, system, biased)
        return found
