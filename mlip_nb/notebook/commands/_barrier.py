"""What verbs that compute a rate over a barrier have in common."""

from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from ...potentials import AbstractPotential
from ...system import System
from ...workflows._rates import Barrier, rates
from ..session import Session
from ._base import Command, Offers, Positional
from ._potential import PotentialChoice, potential_for
from ._show import show
from ._structure import Loading, Structure, system_of


def _listed(value: Any) -> Any:
    """A single structure is one reactant; a text may name several."""
    if isinstance(value, str):
        return [name.strip() for name in value.split(",")]
    return value if isinstance(value, (list, tuple)) else [value]


Reactants = Annotated[list[Any], BeforeValidator(_listed), Offers(lambda session: session.variables("structure"))]


class BarrierCommand(Command):
    """Rates over a barrier. The result is an xarray Dataset."""

    structure: Annotated[Structure, Positional("SADDLE")]
    """A guess of the saddle point: a variable, a file, or a name."""
    loading: Loading
    reactant: Reactants
    """The structure that reacts, or two with a comma between, as variables or files; relaxed before use."""
    product: Structure | None = None
    """What comes out, for an asymmetric Eckart barrier."""
    potential: PotentialChoice = None
    """What gives the forces: a name, a .safetensors file, or a variable that holds a potential."""
    workflow: Barrier
    plot: bool = True
    """Draw the instanton, where there is one."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a table on the way."""
        from ..._table import Table

        saddle = system_of(self.structure, self.loading)
        reactants = [structure_of(one, session) for one in self.reactant]
        product = None if self.product is None else structure_of(self.product, session)
        data = rates(saddle, reactants, self._potential(saddle, session), self.workflow, product=product, tell=self.say)
        if not self.quiet:
            self.say(_about(data))
            show(Table(*_table(data)), session)
        if self.plot and "bead_energy" in data and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data if session.in_notebook else None

    def _potential(self, saddle: System, session: Session) -> AbstractPotential:
        potential, remark = potential_for(self.potential, saddle, session)
        if remark:
            self.say(remark)
        return potential


def structure_of(given: Any, session: Session, loading: Loading | None = None) -> System:
    """A structure by whatever names it."""
    known = isinstance(given, str) and session.has(given)
    return system_of(session.variable(given) if known else given, loading or Loading())


def _about(data) -> str:
    height, wavenumber, crossover = (
        float(data[name][0]) for name in ("barrier_height", "barrier_wavenumber", "crossover_temperature")
    )
    return f"barrier {height:.4g} eV, {wavenumber:.0f}i 1/cm; crossover temperature {crossover:.1f} K"


def _table(data) -> tuple[list[str], list[list[str]]]:
    """One row for each theory: rates and factors of every isotopologue, and its isotope effect."""
    name = next(name for name in ("rate_constant", "bimolecular_rate_constant") if name in data)
    unit, isotopologues = data[name].attrs["units"], list(data["isotopologue"].values)
    headings = ["theory"]
    for one in isotopologues:
        headings += [f"k ({unit}), {one}", "factor"]
    headings += [f"k / k of {one}" for one in isotopologues[1:]]
    rows = []
    for theory in data["theory"].values:
        here = data.sel(theory=theory)
        pairs = zip(here[name].values, here["tunnelling_factor"].values, strict=True)
        values = [number for pair in pairs for number in pair] + list(here["isotope_effect"].values[1:])
        if np.isfinite(values).any():
            rows.append([str(theory), *(f"{value:.4g}" if np.isfinite(value) else "-" for value in values)])
    return headings, rows
