"""What a user says of the quantities that refer to something beside the design."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import annotated_types
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from ..design import (
    Conditions,
    Given,
    GivenSet,
    Saddle,
    Vacancy,
    competitors_of,
    freedom_of,
    oxidation_states,
    structure_of,
)
from ..params import Count, Length, Params, Temperature
from ..potentials import AbstractPotential
from ..system import System
from ._neb import NEB

if TYPE_CHECKING:
    from .design import Design

_BAND = NEB(images=7, force=0.02)
"""Good enough to begin with: the saddle itself is found with each evaluation."""
_USUAL = 300.0
"""K."""


class References(Params):
    """What quantities refer to."""

    harmonic_temperature: Temperature | None = None
    """Of vibrational_free_energy, harmonic_heat_capacity, gruneisen_parameter and thermal_expansion; that of thermal
    averages when not given, 300 K where there is none."""
    mesh: tuple[Count, Count, Count] = (2, 2, 2)
    """Wave vectors along each reciprocal lattice vector, for the same."""
    radius: Length | None = None
    """Within which neighbours count for coordination_number."""
    competitors: GivenSet = ()
    """Structures that energy_above_hull compares with, at rest: of each element one, and of compounds."""
    vacancy: Annotated[int, annotated_types.Ge(0)] | None = None
    """Atom that is taken out for vacancy_energy, counted from 0."""
    end: Given | None = None
    """Structure at the other side of the barrier: the same atoms in the same order, in the cell of the design."""

    def conditions(
        self, design: "Design", system: System, potential: AbstractPotential, stretch: float, *, searched: bool
    ) -> Conditions:
        """For the potential as it is at the start; the way to the end only where it is to be `searched`.

        **Raises:** `InputError` for structures that cannot be compared with.
        """
        phases = [structure_of(text, "--competitors") for text in self.competitors]
        wanted = np.array([*_compositions(design, system, potential)])
        competitors = competitors_of(phases, potential, wanted, stretch=stretch) if phases else None
        if competitors is not None and "parameters" in design.vary:
            competitors = competitors.varying()
        vacancy = None if self.vacancy is None else Vacancy.of(system, potential, self.vacancy, stretch)
        saddle = None if self.end is None else self._saddle(system, potential, searched=searched)
        charges = oxidation_states(design.charges)
        temperature = self.harmonic_temperature or design.sampling.temperature or _USUAL
        return Conditions(temperature, self.mesh, self.radius, charges, competitors, vacancy, saddle)

    def _saddle(self, system: System, potential: AbstractPotential, *, searched: bool) -> Saddle:
        free = freedom_of(system, positions=True, cell="fixed")
        if not searched:
            return Saddle(jnp.zeros((len(system.numbers), 3)), free)
        path = _BAND.run(system, structure_of(self.end, "--end"), potential)
        top = path["positions"].values[int(np.argmax(path["path_energy"].values))]
        away = top - path["positions"].values[0]
        return Saddle(jnp.asarray(away @ np.linalg.inv(np.asarray(system.cell))), free)


def _compositions(
    design: "Design", system: System, potential: AbstractPotential
) -> Iterator[Float[np.ndarray, " elements"]]:
    """That of the structure, or of every element that a site may be."""
    elements = potential.spec.elements
    if not elements:
        yield np.ones(1)
    elif "species" in design.vary:
        chosen = {*(design.elements or elements)} | ({*system.symbols} if design.sites else set())
        yield from np.eye(len(elements))[[elements.index(symbol) for symbol in sorted(chosen)]]
    else:
        yield np.array([np.mean([symbol == element for symbol in system.symbols]) for element in elements])
