"""`%mlip eos`: the equation of state."""

import numpy as np

from ...workflows.eos import EquationOfState
from ..session import Session
from ._base import commands
from ._static import StaticCommand


@commands.register("eos")
class RunEquationOfState(StaticCommand):
    """Energy of a crystal by volume, with atoms relaxed in each cell: volume, bulk modulus and its derivative at rest.

    The cell is scaled alike in all directions. Errors are those of the fit.
    """

    workflow: EquationOfState

    def _tell(self, data, session: Session) -> None:
        told = (
            ("V", "equilibrium_volume", "Å³/atom"),
            ("B", "static_bulk_modulus", "GPa"),
            ("B'", "bulk_modulus_derivative", ""),
        )
        parts = [f"{sign} = {_with_error(data, name)} {unit}".strip() for sign, name, unit in told]
        self.say(f"E = {float(data['equilibrium_energy']):.6f} eV/atom, {', '.join(parts)}")


def _with_error(data, name: str) -> str:
    fit = f"{float(data[name]):.4f} ± {float(data[f'{name}_error']):.1g}"
    model = float(data.get(f"{name}_model_error", np.nan))
    return fit if np.isnan(model) else f"{fit} (fit) ± {model:.1g} (model)"
