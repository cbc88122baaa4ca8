"""`%mlip attack`: break a potential."""

from typing import Annotated, Any

import numpy as np

from ...workflows.attack import Attack
from ..session import Session
from ._base import Command, Positional, commands
from ._show import show
from ._structure import Loading, Structure, system_of
from ._uncertainty import UncertaintyChoice


@commands.register("attack")
class RunAttack(Command):
    """Move atoms to where a potential is least sure of itself. The result is a Dataset of structures, best first.

    Each structure stands beside random displacements of the same size. An interrupt (Ctrl-C) keeps the best so far.
    """

    structure: Annotated[Structure, Positional("STRUCTURE")]
    """A variable (ase.Atoms, System, or a Dataset: its last frame), a file, or a name such as Si."""
    loading: Loading
    uncertainty: UncertaintyChoice
    """An uncertainty as %mlip calibrate gives it: a variable, or a .safetensors file that %mlip save wrote."""
    workflow: Attack
    plot: bool = True
    """Draw the objective by iteration, and uncertainty against energy."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a table and a picture on the way."""
        from ..._table import Table

        data = self.workflow.run(system_of(self.structure, self.loading), self.uncertainty)
        if not self.quiet:
            show(Table(_HEADINGS, [_row(data, place) for place in range(data.sizes["frame"])]), session)
            self.say(_gain(data))
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data


_HEADINGS = ("candidate", "objective", "σ", "energy (meV/atom)", "σ by chance", "energy by chance", "closest distance")


def _row(data, place: int) -> tuple[str, ...]:
    one = data.isel(frame=place)
    energies = (1e3 * float(one[name]) for name in ("energy_rise", "chance_energy_rise"))
    rise, chance = (f"{energy:.1f}" for energy in energies)
    sigma, random = (f"{float(one[name]):.3g}" for name in ("frame_uncertainty", "chance_uncertainty"))
    objective = f"{float(data['objective'][-1, place]):.3g}"
    return (str(place), objective, sigma, rise, random, chance, f"{float(one['closest_distance']):.2f} of radii")


def _gain(data) -> str:
    ratio = np.median(data["frame_uncertainty"].values / data["chance_uncertainty"].values)
    energy = np.median(data["energy_rise"].values / data["chance_energy_rise"].values)
    return (
        f"{ratio:.1f} times the uncertainty of random displacements as long, for {energy:.2g} of their energy (medians)"
    )
