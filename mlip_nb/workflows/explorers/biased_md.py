"""Molecular dynamics that is drawn to where the potential is unsure."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import annotated_types
import equinox as eqx
from jaxtyping import Array, Float

from ...learn import Labelled
from ...params import Count, Temperature
from ...potentials import AbstractGraphPotential, Graph, PotentialSpec
from ...simulate import NVTLangevin
from ...uncertainty import AbstractUncertainty
from ._base import Scene, Trust, check_slope, explorers
from ._walks import Walks


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
class BiasedDynamics(Walks):
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
    walks: Count = 1
    """How many starts are followed."""

    def check(self, uncertainty: Trust | None, pool: Sequence[Labelled]) -> None:
        """**Raises:** `InputError` for uncertainties without derivatives."""
        check_slope(uncertainty, "biased-md")

    def ensemble(self) -> NVTLangevin:
        """At one temperature."""
        return NVTLangevin(temperature=self.temperature)

    def moved_by(self, scene: Scene) -> Biased:
        """The potential less what uncertainty is worth."""
        potential = scene.uncertainty.potential
        return Biased(potential, scene.uncertainty, self.strength, potential.cutoff, potential.spec)
