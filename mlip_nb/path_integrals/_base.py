"""What a user picks: which dynamics ring polymers have, and how many beads."""

from typing import Annotated, ClassVar, Literal

import annotated_types
from pydantic import model_validator

from ..errors import InputError
from ..params import Count, Live, TargetTemperature
from ..potentials import AbstractPotential, Corrected, PotentialSpec
from ..registry import Registry
from ..simulate import AbstractIntegrator, AbstractMiddle, Ensemble
from ._modes import AbstractInertia
from .actions import PRIMITIVE, Action
from .beads import BeadChoice, beads_needed
from .contraction import Contracted
from .integrator import MIDDLE, SIDE, RingPolymer
from .propagators import AbstractPropagator, Cayley, Exact

rings: Registry["Rings"] = Registry("path-integral", "mlip_nb.path_integrals")
"""Every dynamics of ring polymers known by name."""

Beads = Annotated[int, annotated_types.Ge(1), annotated_types.Le(4096)]

_SCHEMES: dict[str, tuple[str, AbstractPropagator]] = {
    "bcocb": (MIDDLE, Cayley()),
    "baoab": (MIDDLE, Exact()),
    "obabo": (SIDE, Exact()),
}


class Rings(Ensemble):
    """Path integrals: every atom is a ring polymer of beads."""

    registry: ClassVar[Registry] = rings

    temperature: Annotated[TargetTemperature, Live(1, 2000)] = 300.0
    """Temperature, of the springs between beads too."""
    beads: Beads | Literal["auto"] = 32
    """Beads of each ring polymer; one is classical, auto as many as the stiffest vibration needs."""
    propagator: Literal["bcocb", "baoab", "obabo"] = "bcocb"
    """How a step is put together: bcocb is stable at the longest timesteps, the others move springs exactly."""
    heat_capacity: bool = False
    """Take second derivatives at each frame, for the heat capacity; costs as much as several forces."""
    store_beads: bool = False
    """Store positions of all beads with each frame."""
    cheap: PotentialSpec | None = None
    """A cheap potential that moves all beads; what the accurate one adds to it is evaluated once a timestep."""
    contracted_beads: Beads | None = None
    """On how many beads the accurate potential is evaluated, beside a cheap one; on all when not given."""
    inner_steps: Count = 1
    """Steps with the forces of the cheap potential in one timestep."""

    @model_validator(mode="after")
    def _one_potential_or_two(self) -> "Rings":
        if self.cheap is None and (self.inner_steps > 1 or self.contracted_beads):
            raise ValueError("contracted_beads and inner_steps need two potentials; name the cheap one as cheap")
        if self.cheap is not None and self.heat_capacity:
            raise ValueError("the heat capacity is not known with two potentials; leave out heat_capacity or cheap")
        if self.beads != "auto" and (self.contracted_beads or 0) > self.beads:
            raise ValueError(f"contracted_beads ({self.contracted_beads}) are at most beads ({self.beads})")
        return self

    @property
    def count(self) -> int:
        """The number of beads.

        **Raises:** `InputError` while it depends on a structure.
        """
        if self.beads == "auto":
            raise InputError("beads 'auto' depends on structure and potential; let PIMD settle it, or give a number")
        return self.beads

    @property
    def bead_action(self) -> Action:
        """What of the potential each bead feels."""
        return PRIMITIVE

    def beads_for(self, frequency: float, kT: float) -> BeadChoice:
        """As many as a vibration of this angular frequency needs, internal units."""
        return beads_needed(frequency, kT)

    def check(self, potential: AbstractPotential) -> None:
        """Refuse a potential that cannot give what is asked for.

        **Raises:** `InputError` that says what it lacks.
        """
        if self.heat_capacity and not potential.differentiable:
            raise InputError(
                f"{potential.spec.registered_name} is evaluated outside JAX and has no second derivatives; leave "
                "heat_capacity out, or take a built-in potential"
            )

    def corrected(self, potential: AbstractPotential) -> AbstractPotential:
        """The potential; in two parts where there is a cheap one."""
        return potential if self.cheap is None else Corrected.of(potential, self.cheap.build())

    def _polymer(
        self,
        timestep: float,
        *,
        inertia: AbstractInertia,
        damping: float,
        centroid: type[AbstractMiddle] | None = None,
        preparation: float = 0.0,
        action: Action = PRIMITIVE,
        **options: bool,
    ) -> AbstractIntegrator:
        """The integrator, internal units; `options` are those of the thermostat of the centroid."""
        splitting, propagator = _SCHEMES[self.propagator]
        inner = timestep / self.inner_steps
        polymer = RingPolymer(
            timestep=inner,
            beads=self.count,
            splitting=splitting,
            propagator=propagator,
            inertia=inertia,
            damping=damping,
            centroid=centroid(inner / splitting.count("O"), **options) if centroid else None,
            preparation=round(preparation / timestep),
            with_curvature=self.heat_capacity,
            with_beads=self.store_beads,
            action=action,
        )
        few = self.count if self.contracted_beads is None else self.contracted_beads
        return polymer if self.cheap is None else Contracted(polymer, few, self.inner_steps)
