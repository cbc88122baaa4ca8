"""`%mlip mix`: what two elements gain or lose when they mix."""

from ...workflows.mix import Mix
from ..session import Session
from ._base import commands
from ._show import show
from ._static import StaticCommand


@commands.register("mix")
class RunMix(StaticCommand):
    """Energies of mixing of random alloys, and the phase diagram that follows: spinodal and miscibility gap.

    Two elements share the sites of the structure in special quasirandom arrangements.
    """

    workflow: Mix

    def _tell(self, data, session: Session) -> None:
        from ..._table import Table

        show(Table(_HEADINGS, list(_rows(data))), session)
        temperature, share = float(data["critical_temperature"]), float(data["critical_fraction"])
        if temperature > 0:
            self.say(f"mixed at all compositions above {temperature:.0f} K (critical part {share:.2f})")
        else:
            self.say("mixed at every temperature; ordered structures may still be lower: see %mlip hull")


_HEADINGS = ("part of the second", "mixing energy (meV/atom)", "volume (Å³/atom)", "pairs off random by")


def _rows(data):
    for place in range(data.sizes["composition"]):
        one = data.isel(composition=place)
        error = 1e3 * float(one["mixing_energy_error"])
        told = f"{1e3 * float(one['mixing_energy']):.2f}" + (f" ± {error:.2f}" if error == error else "")
        yield (
            f"{float(one['fraction']):g}",
            told,
            f"{float(one['mixing_volume']):.3f}",
            f"{float(one['pair_mismatch']):.3f}",
        )
