"""`%mlip melt`: the temperature at which crystal and liquid live side by side."""

from ...workflows.melt import Melt
from ..session import Session
from ._base import commands
from ._static import StaticCommand


@commands.register("melt")
class RunMelt(StaticCommand):
    """Melting temperature by coexistence of both phases at constant enthalpy, found from the order of slabs.

    Half of a supercell (--repeats) is molten near a guess of the temperature, and both halves are left to themselves.
    With --replicas the error of few runs is told, with --members of a committee that of the model, too.
    """

    workflow: Melt

    def _tell(self, data, session: Session) -> None:
        names = ("", "_statistical_error", "_model_error")
        value, statistical, model = (float(data[f"melting_temperature{ending}"]) for ending in names)
        told = f"melting temperature {value:.1f} ± {statistical:.1g} K"
        if data.sizes["member"] > 1:
            told += f" (few runs), ± {model:.1g} K (model)"
        kept = int(data["coexistence_temperature"].notnull().sum())
        share = float(data["crystal_share"][..., -1].mean())
        self.say(f"{told}; {kept} of {data['coexistence_temperature'].size} runs kept both phases, {share:.0%} crystal")
