"""`%mlip gruneisen`: how phonons answer to volume."""

from ...workflows.gruneisen import Gruneisen
from ..session import Session
from ._base import commands
from ._static import StaticCommand
from ._with_error import with_error


@commands.register("gruneisen")
class RunGruneisen(StaticCommand):
    """Grüneisen parameters of the phonons of a crystal, their mean, and the thermal expansion that follows.

    By phonopy from three volumes, with exact force constants and atoms relaxed in each.
    """

    workflow: Gruneisen

    def _tell(self, data, session: Session) -> None:
        hot = data.isel(harmonic_temperature=-1)
        self.say(
            f"at {float(hot['harmonic_temperature']):.0f} K: mean Grüneisen parameter "
            f"{with_error(hot, 'mean_gruneisen_parameter', 4)}, linear expansion "
            f"{with_error(hot, 'thermal_expansion', 3, 1e6 / 3)} 1e-6/K"
        )
