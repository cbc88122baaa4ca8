"""`%mlip rpmd-rate`: rate constants by ring polymer molecular dynamics."""

from typing import Annotated, Any

from ...errors import InputError
from ...workflows._reactive_flux import ReactiveFlux
from ...workflows._rpmd_rate import rpmd_rate
from ..session import Session
from ._base import Command, Positional, commands
from ._potential import PotentialChoice, potential_for
from ._show import show
from ._structure import Loading, Structure, system_of


@commands.register("rpmd-rate")
class RunRPMDRate(Command):
    """The rate of a unimolecular reaction by ring polymer molecular dynamics, beside the classical one.

    The free energy of centroids along a reaction coordinate, by constrained windows from the far side of the reactants
    to the dividing surface; the transmission coefficient, from trajectories that leave it. An interrupt (Ctrl-C) ends
    the present stage and goes on with what it has brought. The result is an xarray Dataset.
    """

    structure: Annotated[Structure, Positional("STRUCTURE")]
    """The reactant, a variable, a file, or a name: all windows are pulled from here."""
    loading: Loading
    coordinate: str
    """What is large among products or among reactants: distance:0,1; difference:0,1,2 (of the distances 0-1 and 1-2);
    x:0, y:0, z:0; or a variable that holds a function of positions which JAX differentiates."""
    potential: PotentialChoice = None
    """What gives the forces: a name, a .safetensors file, or a variable that holds a potential or an ASE calculator."""
    workflow: ReactiveFlux
    plot: bool = True
    """Draw the free energy and the transmission coefficient."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a table on the way."""
        from ..._table import Table

        system = system_of(self.structure, self.loading)
        potential, remark = potential_for(self.potential, system, session)
        if remark:
            self.say(remark)
        data = rpmd_rate(system, potential, self._coordinate(session), self.workflow, tell=self.say)
        if not self.quiet:
            show(Table(["theory", "k (1/s)", "error"], _rows(data)), session)
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data if session.in_notebook else None

    def _coordinate(self, session: Session) -> Any:
        """**Raises:** `InputError` for a variable that is no function."""
        if not session.has(self.coordinate):
            return self.coordinate
        function = session.variable(self.coordinate)
        if not callable(function):
            raise InputError(f"coordinate: the variable {self.coordinate} is no function of positions; give one")
        return function


def _rows(data) -> list[list[str]]:
    rates, errors = data["rate_constant"].values[0], data["rate_constant_error"].values[0]
    numbers = zip(data["theory"].values, rates, errors, strict=True)
    return [[str(theory), f"{rate:.4g}", f"{error:.2g}"] for theory, rate, error in numbers]
