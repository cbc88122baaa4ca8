"""`%mlip attack`: break a potential."""

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from ...viewers import LiveViewer
from ...workflows.attack import Attack
from ..session import Session
from ._base import Command, Positional, commands
from ._potential import PotentialChoice, built
from ._running import follow
from ._show import show
from ._structure import Loading, Structure, system_of
from ._uncertainty import UncertaintyChoice

if TYPE_CHECKING:
    import xarray as xr


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
    reference: PotentialChoice = None
    """What is taken for the truth: with it the table has errors of forces, too."""
    panel: bool = True
    """Show the live panel; without it there is a line of text."""
    background: bool = False
    """Give the run at once, and leave the notebook free; its result() is the Dataset."""
    viewer: LiveViewer = "mlip"
    """What shows the structure while the attack goes on."""
    plot: bool = True
    """Draw the objective by iteration, and uncertainty against energy."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a panel, a table and a picture on the way."""
        system = system_of(self.structure, self.loading)
        truth = None if self.reference is None else built(self.reference)
        run = self.workflow.start(system, self.uncertainty, reference=truth)
        if self.background and session.in_notebook:
            from .. import panels

            session.runs[run.name] = run
            panels.show(run, viewer=self.viewer, quiet=self.quiet, live=self.panel)
            return run
        follow(run, session, viewer=self.viewer, quiet=self.quiet, live=self.panel)
        data = run.result()
        self._tell(data, session)
        return data

    def _tell(self, data: "xr.Dataset", session: Session) -> None:
        from ..._table import Table

        if not self.quiet:
            columns = [heading for heading, (name, *_) in _COLUMNS.items() if name in data]
            show(Table(columns, [_row(data.isel(frame=place), place) for place in range(data.sizes["frame"])]), session)
            self.say(_gain(data))
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)


_COLUMNS = {
    "candidate": ("candidate", 1, "d"),
    "σ": ("frame_uncertainty", 1, ".3g"),
    "σ by chance": ("chance_uncertainty", 1, ".3g"),
    "energy (meV/atom)": ("energy_rise", 1e3, ".1f"),
    "energy by chance": ("chance_energy_rise", 1e3, ".1f"),
    "error (eV/Å)": ("true_error", 1, ".3g"),
    "error by chance": ("chance_true_error", 1, ".3g"),
    "closest distance (radii)": ("closest_distance", 1, ".2f"),
    "bonds changed by": ("bond_change", 1, ".1%"),
}
"""Heading -> variable, factor and form."""


def _row(one: "xr.Dataset", place: int) -> tuple[str, ...]:
    there = (column for column in _COLUMNS.values() if column[0] in one)
    return tuple(
        format(place if name == "candidate" else factor * float(one[name]), form) for name, factor, form in there
    )


def _gain(data: "xr.Dataset") -> str:
    ratio = np.median(data["frame_uncertainty"].values / data["chance_uncertainty"].values)
    energies = (1e3 * np.median(data[name].values) for name in ("energy_rise", "chance_energy_rise"))
    rise, chance = (f"{energy:.3g}" for energy in energies)
    told = f"{ratio:.1f} times the uncertainty of random displacements as long, for {rise} instead of {chance} meV/atom"
    if "true_error" not in data:
        return f"{told} (medians)"
    error = np.median(data["true_error"].values / data["chance_true_error"].values)
    return f"{told}, and {error:.1f} times their true error (medians)"
