"""`%mlip elastic`: elastic constants."""

from ...workflows.elastic import Elastic
from ..session import Session
from ._base import commands
from ._show import show
from ._static import StaticCommand
from ._with_error import with_error


@commands.register("elastic")
class RunElastic(StaticCommand):
    """Elastic constants of a crystal, with internal relaxation: exact second derivatives, or finite strains.

    With them stability, moduli of polycrystals by Voigt, Reuss and Hill, and Young's modulus by direction.
    """

    workflow: Elastic

    def _tell(self, data, session: Session) -> None:
        from ..._table import Table

        rows = [_row(data, average) for average in data["average"].values]
        show(Table(_HEADINGS, rows), session)
        softest = float(data["born_eigenvalues"].min())
        verdict = "stable" if softest > 0 else "NOT stable"
        self.say(
            f"{verdict}: lowest eigenvalue {softest:.2f} GPa; universal anisotropy "
            f"{with_error(data, 'universal_anisotropy', 3)}"
        )


_HEADINGS = ("average", "bulk modulus (GPa)", "shear modulus (GPa)", "Young's modulus (GPa)", "Poisson's ratio")


def _row(data, average) -> tuple[str, ...]:
    one = data.sel(average=average)
    names = ("bulk_modulus", "shear_modulus", "youngs_modulus")
    return (str(average), *(with_error(one, name, 2) for name in names), with_error(one, "poisson_ratio", 4))
