"""`%mlip hull`: formation energies and energies above the convex hull."""

from typing import Annotated, Any

import numpy as np

from ...params import Energy
from ..session import Session
from ._base import Command, Positional, commands
from ._frames import FrameSource, Reading, frames_of
from ._potentials import Potentials, by_name
from ._show import show

_SHOWN = 20
"""Rows of the table; the Dataset has all."""


@commands.register("hull")
class ConvexHull(Command):
    """Which structures of a set are stable: formation energies, the convex hull, and what the others fall apart into.

    Structures are taken as they are; there must be one of each pure element. A committee brings its model error.
    """

    data: Annotated[FrameSource, Positional("DATA")]
    """A file ASE reads, or a variable that holds a list of ase.Atoms: the structures."""
    potentials: Potentials
    """Names, .safetensors files, or variables that hold potentials or ASE calculators; several are put side by side."""
    reading: Reading
    metastable: Energy = 0.025
    """Energy of an atom above the hull up to which the table calls a structure metastable."""
    plot: bool = True
    """Draw formation energies against the composition."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a table and a picture on the way."""
        from ..._table import Table
        from ...workflows._hull import hull

        structures = [frame.system for frame in frames_of(self.data, self.reading, labelled=False)]
        data = hull(by_name(self.potentials, session), structures)
        if not self.quiet:
            show(Table(_HEADINGS, list(_rows(data, self.metastable))), session)
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data if session.in_notebook else None


_HEADINGS = ("potential", "structure", "formation (meV/atom)", "above hull (meV/atom)", "verdict", "falls apart into")


def _rows(data, metastable: float):
    """The most stable structures of each potential, the best first."""
    for potential in data["potential"].values:
        one = data.sel(potential=potential)
        for place in np.argsort(one["energy_above_hull"].values, kind="stable")[:_SHOWN]:
            above = float(one["energy_above_hull"][place])
            verdict = "stable" if above == 0 else "metastable" if above <= metastable else "unstable"
            values = [_with_spread(one, name, place) for name in ("formation_energy", "energy_above_hull")]
            yield (potential, str(one["phase"].values[place]), *values, verdict, _products(one, place) if above else "")


def _with_spread(one, name: str, place: int) -> str:
    spread = float(one[f"{name}_spread"][place])
    value = f"{1e3 * float(one[name][place]):.1f}"
    return value if np.isnan(spread) else f"{value} ± {1e3 * spread:.1f}"


def _products(one, place: int) -> str:
    parts = one["phase_products"].values[place]
    return " + ".join(
        f"{parts[product]:.0%} {one['phase'].values[product]}" for product in np.flatnonzero(parts > 1e-9)
    )
