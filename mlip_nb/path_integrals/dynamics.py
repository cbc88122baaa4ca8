"""Approximate quantum dynamics: centroids move by Newton's equations on what the other modes make of the forces."""

from typing import Annotated

import annotated_types

from ..params import Span
from ..simulate import BAOAB, AbstractIntegrator
from ._base import Rings, rings
from ._modes import AbstractInertia, Adiabatic, Physical


class Dynamics(Rings):
    """Path integrals in real time, without a thermostat on centroids."""

    preparation: Span = 500.0
    """Time at the start in which all modes are thermostatted, because beads begin at one place."""

    def _moving(self, timestep: float, inertia: AbstractInertia, damping: float) -> AbstractIntegrator:
        """The integrator; what thermostats the centroid thermostats it while the start is prepared."""
        centroid = BAOAB if self.preparation else None
        prepared = self.internal("preparation")
        return self._polymer(timestep, inertia=inertia, damping=damping, centroid=centroid, preparation=prepared)


@rings.register("rpmd")
class RPMD(Dynamics):
    """Ring polymer molecular dynamics: all modes by Newton's equations. Constant energy once the start is prepared.

    ??? cite "Reference"
        I. R. Craig, D. E. Manolopoulos, *J. Chem. Phys.* **121**, 3368 (2004), doi:10.1063/1.1777575
    """

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """Without thermostats."""
        return self._moving(timestep, Physical(), 0.0)


@rings.register("trpmd")
class TRPMD(Dynamics):
    """Thermostatted ring polymer molecular dynamics: friction on all modes but the centroid.

    ??? cite "Reference"
        M. Rossi, M. Ceriotti, D. E. Manolopoulos, *J. Chem. Phys.* **140**, 234116 (2014), doi:10.1063/1.4883861
    """

    damping: Annotated[float, annotated_types.Gt(0)] = 0.5
    """Friction of modes beyond the centroid over twice their frequency; 1 is critical."""

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """With friction on all modes but the centroid."""
        return self._moving(timestep, Physical(), self.damping)


@rings.register("pa-cmd")
class PACMD(Dynamics):
    """Centroid molecular dynamics, partially adiabatic: the other modes are made so fast that they average the force.

    The timestep must resolve P^(P/(P-1)) k_B T/ħ.

    ??? cite "Reference"
        T. D. Hone, P. J. Rossky, G. A. Voth, *J. Chem. Phys.* **124**, 154103 (2006), doi:10.1063/1.2186636
    """

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """With light, thermostatted modes."""
        return self._moving(timestep, Adiabatic(), 1.0)
