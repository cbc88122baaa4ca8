"""Path-integral molecular dynamics: sampling of quantum averages, with every mode thermostatted."""

from typing import Annotated

from ..params import Duration, Live, Rate
from ..simulate import BAOAB, AbstractIntegrator, StochasticRescaling, check_free
from ..system import System
from ._base import Rings, rings
from ._modes import Physical


@rings.register("pile-l")
class LocalPILE(Rings):
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
        return self._polymer(timestep, inertia=Physical(), damping=1.0, centroid=BAOAB, fix_center=self.fix_center)


@rings.register("pile-g")
class GlobalPILE(Rings):
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
        return self._polymer(timestep, inertia=Physical(), damping=1.0, centroid=StochasticRescaling)
