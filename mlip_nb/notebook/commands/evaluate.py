"""`%mlip evaluate`: potentials judged by labelled frames."""

from typing import Annotated, Any

import numpy as np

from ..session import Session
from ._base import Command, Positional, commands
from ._frames import FrameSource, Reading, frames_of
from ._potentials import Potentials, by_name
from ._show import show


@commands.register("evaluate")
class Evaluate(Command):
    """Errors of potentials on labelled frames: of energies, forces and stresses, by element, by group and by frame."""

    data: Annotated[FrameSource, Positional("DATA")]
    """A file ASE reads, or a variable that holds ase.Atoms, a list of them, or a Dataset."""
    potentials: Potentials
    """Names, .safetensors files, or variables that hold potentials or ASE calculators; several are put side by side."""
    reading: Reading
    plot: bool = True
    """Draw predictions against labels."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a table and a picture on the way."""
        from ..._table import Table
        from ...workflows._evaluate import evaluate

        data = evaluate(by_name(self.potentials, session), frames_of(self.data, self.reading))
        if not self.quiet:
            show(Table(_HEADINGS, list(_rows(data))), session)
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data if session.in_notebook else None


_COLUMNS = (
    ("energy MAE (meV/atom)", "energy_mae", 1e3),
    ("RMSE", "energy_rmse", 1e3),
    ("force MAE (eV/Å)", "force_mae", 1.0),
    ("RMSE", "force_rmse", 1.0),
    ("cosine", "force_cosine", 1.0),
    ("stress RMSE (GPa)", "stress_rmse", 1.0),
)
_HEADINGS = ("potential", *(heading for heading, _, _ in _COLUMNS), "worst frame (forces)")


def _rows(data):
    for potential in data["potential"].values:
        one = data.sel(potential=potential)
        worst = int(np.argmax(one["frame_force_rmse"].fillna(0).values))
        cells = [f"{float(one[name]) * scale:.4g}" for _, name, scale in _COLUMNS]
        where = f"{int(one['frame_index'][worst])}: {float(one['frame_force_rmse'][worst]):.3g} eV/Å"
        yield (potential, *cells, where)
