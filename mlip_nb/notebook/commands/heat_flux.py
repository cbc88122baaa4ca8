"""`%mlip heat-flux`: how well a run conducts heat."""

from typing import TYPE_CHECKING

from ...properties import ThermalConductivity
from ..session import Session
from ._base import commands
from ._data import data_of
from ._measuring import Measuring
from ._potential import PotentialChoice, built, potential_as_python

if TYPE_CHECKING:
    import xarray as xr


@commands.register("heat-flux")
class RunHeatFlux(Measuring):
    """Thermal conductivity from the heat flux of a run without a thermostat (Green and Kubo).

    The flux is computed from positions and velocities of all frames, exactly for potentials of many bodies; of a
    Dataset that has it already it is taken from there.
    """

    analysis: ThermalConductivity
    potential: PotentialChoice = None
    """What moved the atoms; by default built anew from what the Dataset says."""

    def _asked(self, session: Session) -> "xr.Dataset":
        from ...workflows._heat_flux import with_heat_flux

        data = data_of(self.data, session)
        if "heat_flux" in data:
            return data
        return with_heat_flux(data, built(self.potential or data.mlip.potential()))

    def _asked_as_python(self, write) -> str:
        data = super()._asked_as_python(write)
        made = f"{data}.mlip.potential()" if self.potential is None else potential_as_python(self.potential, write)
        return f"{write.ours('with_heat_flux')}({data}, {made})"
