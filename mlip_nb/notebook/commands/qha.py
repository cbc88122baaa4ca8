"""`%mlip qha`: the quasi-harmonic approximation."""

import numpy as np

from ...workflows.qha import QuasiHarmonic
from ..session import Session
from ._base import commands
from ._static import StaticCommand


@commands.register("qha")
class RunQuasiHarmonic(StaticCommand):
    """A crystal at a temperature, quasi-harmonically: volume, expansion, bulk modulus, Gibbs energy, heat capacity.

    By phonopy from phonons at several volumes, with exact force constants and atoms relaxed in each.
    """

    workflow: QuasiHarmonic

    def _tell(self, data, session: Session) -> None:
        place = int(np.abs(data["harmonic_temperature"].values - 300).argmin())
        one = data.isel(harmonic_temperature=place)
        self.say(
            f"at {float(one['harmonic_temperature']):.0f} K: {float(one['thermal_volume']):.4f} Å³/atom, linear "
            f"expansion {1e6 * float(one['thermal_expansion']) / 3:.3f} 1e-6/K, bulk modulus "
            f"{float(one['thermal_bulk_modulus']):.2f} GPa, C_P {float(one['pressure_heat_capacity']):.3f} k_B/atom"
        )
