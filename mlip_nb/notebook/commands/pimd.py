"""`%mlip pimd`: path-integral molecular dynamics."""

from typing import Any

from ...errors import InputError
from ...potentials import AbstractPotential
from ...system import System
from ...workflows import PIMD
from ._base import Command, commands
from ._potential import potential_for
from ._show import show
from ._simulation import Simulation
from ._structure import system_of


@commands.register("pimd")
class RunPIMD(Simulation):
    """Path-integral molecular dynamics of a structure: quantum nuclei. The result is an xarray Dataset.

    The cell shows the run while it goes on; an interrupt (Ctrl-C) ends it and keeps what was computed.
    With --append, whatever the line does not say (structure, potential, parameters) is taken from the store.
    With --convergence there is a run for each number of beads; --save is a folder of stores, --append completes it.
    """

    workflow: PIMD
    convergence: bool = False
    """Run several numbers of beads, and extrapolate energies to infinitely many."""
    bead_numbers: tuple[int, ...] = ()
    """Those numbers, two to four; a quarter, half and all of the beads when not given."""

    def execute(self, session) -> Any:
        """What the run gives, or what several tend to."""
        if not self.convergence:
            return super().execute(session)
        self._check(session)
        system = system_of(self.structure, self.loading)
        potential, remark = potential_for(self.potential, system, session)
        workflow = self._settled(self.workflow, system, potential)
        if remark:
            self.say(remark)
        return self._extrapolated(workflow, system, potential, session)

    def as_python(self, write) -> list[str]:
        """As of any simulation; several runs by the command."""
        return Command.as_python(self, write) if self.convergence else super().as_python(write)

    def _check(self, session) -> None:
        super()._check(session)
        if self.bead_numbers and not self.convergence:
            raise InputError("--bead-numbers are for --convergence; give --beads for one run")
        if not self.convergence:
            return
        if self.background:
            raise InputError("--convergence is several runs one after another, not one in the background")
        if self.structure is None:
            raise InputError("STRUCTURE: a value is needed: --convergence takes none from its stores")

    def _extrapolated(self, workflow: PIMD, system: System, potential: AbstractPotential, session) -> Any:
        from ...properties import verdict
        from ...workflows._convergence import convergence

        data = convergence(
            system,
            potential,
            workflow,
            beads=self.bead_numbers,
            save=self.save,
            overwrite=self.overwrite,
            resume=self.append,
            checkpoint_every=self.checkpoint_every,
            follow=lambda run: self._follow(run, session),
        )
        if not self.quiet:
            show(_table(data), session)
            self.say("\n".join(verdict(data)))
        if session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data if session.in_notebook else None

    def _settled(self, workflow: PIMD, system: System, potential: AbstractPotential) -> PIMD:
        """With a number of beads, and a word on what it costs in accuracy."""
        settled, remark = workflow.settled(system, potential)
        if remark:
            self.say(remark)
        return settled


def _table(data):
    """Energies by number of beads, and their limit."""
    from ..._table import Table

    names = data["estimator"].values
    rows = [(count, *_cells(data.sel(bead_count=count), "bead_mean")) for count in data["bead_count"].values]
    return Table(("beads", *(f"{name} (meV/atom)" for name in names)), [*rows, ("many", *_cells(data, "bead_limit"))])


def _cells(data, name: str) -> list[str]:
    scale = 1e3 / data.attrs["atoms"]
    pairs = zip(scale * data[name].values, scale * data[f"{name}_error"].values, strict=True)
    return [f"{mean:.3f} ± {error:.3f}" for mean, error in pairs]
