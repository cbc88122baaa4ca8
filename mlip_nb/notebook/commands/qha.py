"""`%mlip qha`: the quasi-harmonic approximation."""

import numpy as np

from ...workflows.qha import QuasiHarmonic
from ..session import Session
from ._base import commands
from ._static import StaticCommand
from ._with_error import with_error


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
            f"at {float(one['harmonic_temperature']):.0f} K: {with_error(one, 'thermal_volume', 4)} Å³/atom, "
            f"linear expansion {with_error(one, 'thermal_expansion', 3, 1e6 / 3)} 1e-6/K, bulk modulus "
            f"{with_error(one, 'thermal_bulk_modulus', 2)} GPa, C_P "
            f"{with_error(one, 'pressure_heat_capacity', 3)} k_B/atom"
        )
