"""`%mlip gruneisen`: how phonons answer to volume."""

from ...workflows.gruneisen import Gruneisen
from ..session import Session
from ._base import commands
from ._static import StaticCommand


@commands.register("gruneisen")
class RunGruneisen(StaticCommand):
    """Grüneisen parameters of the phonons of a crystal, their mean, and the thermal expansion that follows.

    By phonopy from three volumes, with exact force constants and atoms relaxed in each.
    """

    workflow: Gruneisen

    def _tell(self, data, session: Session) -> None:
        hot, expansion = data["harmonic_temperature"].values[-1], float(data["thermal_expansion"][-1])
        self.say(
            f"at {hot:.0f} K: mean Grüneisen parameter {float(data['mean_gruneisen_parameter'][-1]):.4f}, linear "
            f"expansion {1e6 * expansion / 3:.3f} 1e-6/K"
        )
