"""Path-integral molecular dynamics: sampling of quantum averages, with every mode thermostatted."""

from typing import Annotated, Any, Literal

from pydantic import model_validator

from ..errors import InputError
from ..params import Duration, Live, Rate
from ..potentials import AbstractPotential
from ..simulate import BAOAB, AbstractIntegrator, AbstractMiddle, StochasticRescaling, check_free
from ..system import System
from ._base import Rings, rings
from ._modes import Physical
from .actions import ACTIONS, Action
from .beads import BeadChoice, beads_needed


class Sampled(Rings):
    """Path integrals whose averages count, not how they move."""

    action: Literal["primitive", "takahashi-imada", "suzuki-chin"] = "primitive"
    """What beads feel of the potential. The last two are of fourth order in 1/P: fewer beads, which cost several times
    as much. Energies and stress are those of the action; shape of the ring and positions of beads stay geometry."""

    @model_validator(mode="after")
    def _suits_the_action(self) -> "Sampled":
        period = self.bead_action.period
        if self.beads != "auto" and self.beads % period:
            raise ValueError(f"{self.action} takes beads in groups of {period} (got {self.beads}); give a multiple")
        if self.heat_capacity and self.action != "primitive":
            raise ValueError(f"{self.action} has no estimator of the heat capacity; take the primitive action for it")
        if self.cheap and self.action != "primitive":
            raise ValueError(f"{self.action} does not go with a cheap potential; leave out action or cheap")
        return self

    @property
    def bead_action(self) -> Action:
        """What of the potential each bead feels."""
        return ACTIONS[self.action]

    def beads_for(self, frequency: float, kT: float) -> BeadChoice:
        """Fewer with an action of fourth order."""
        return beads_needed(frequency, kT, self.action)

    def check(self, potential: AbstractPotential) -> None:
        """Refuse a potential that cannot give what is asked for.

        **Raises:** `InputError` that says what it lacks.
        """
        super().check(potential)
        if self.action != "primitive" and not potential.differentiable:
            raise InputError(
                f"{potential.spec.registered_name} is evaluated outside JAX and has no second derivatives, which "
                f"{self.action} needs; take the primitive action, or a built-in potential"
            )

    def _sampling(self, timestep: float, centroid: type[AbstractMiddle], **options: Any) -> AbstractIntegrator:
        return self._polymer(
            timestep,
            inertia=Physical(),
            damping=1.0,
            centroid=centroid,
            action=self.bead_action,
            **options,
        )


@rings.register("pile-l")
class LocalPILE(Sampled):
    """Path integrals, sampled (PILE-L): friction on every mode of every atom, critical beyond the centroid.

    ??? cite "Reference"
        M. Ceriotti, M. Parrinello, T. E. Markland, D. E. Manolopoulos, *J. Chem. Phys.* **133**, 124104 (2010),
        doi:10.1063/1.3489925
    """

    friction: Annotated[Rate, Live(0, 50)] = 10.0
    """Coupling of centroids to the bath."""
    fix_center: bool = False
    """Hold the centre of mass in place; the rest is sampled as before."""

    def prepare(self, system: System, timestep: float) -> None:
        """Refuse to hold the centre of mass of what does not move freely.

        **Raises:** `InputError` that says why.
        """
        if self.fix_center:
            check_free(system)

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """With the O step of Langevin dynamics for centroids."""
        return self._sampling(timestep, BAOAB, fix_center=self.fix_center)


@rings.register("pile-g")
class GlobalPILE(Sampled):
    """Path integrals, sampled (PILE-G): as PILE-L, but velocities of centroids are rescaled all alike.

    The diffusion of centroids is hardly disturbed; a harmonic crystal is sampled slowly.

    ??? cite "Reference"
        M. Ceriotti, M. Parrinello, T. E. Markland, D. E. Manolopoulos, *J. Chem. Phys.* **133**, 124104 (2010),
        doi:10.1063/1.3489925
    """

    thermostat_time: Annotated[Duration, Live(1, 5000)] = 100.0
    """How fast the kinetic energy of centroids relaxes."""

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """With stochastic velocity rescaling of centroids."""
        return self._sampling(timestep, StochasticRescaling)
