"""`%mlip error-split`: curvatures of a potential against the number of beads."""

from typing import Annotated, Any, Literal

from ...errors import InputError
from ...params import Count, Temperature
from ..session import Session
from ._base import Command, Positional, commands
from ._potentials import Potentials, by_name
from ._show import show
from ._structure import Loading, Structure, system_of


@commands.register("error-split")
class ErrorSplit(Command):
    """How much of the error of quantum nuclei comes from curvatures of a potential, and how much from too few beads.

    From harmonic vibrations, in seconds: no run. The first potential is the reference that others are compared with.
    """

    structure: Annotated[Structure, Positional("STRUCTURE")]
    """A variable (ase.Atoms, System, or a Dataset: its last frame), a file, or a name such as Si."""
    potentials: Potentials
    """The reference and one or more others: names, .safetensors files, or variables; relaxed with each."""
    loading: Loading
    temperature: Temperature = 300.0
    """Temperature of the nuclei."""
    bead_numbers: tuple[Count, ...] = (4, 8, 16, 32, 64)
    """Numbers of beads."""
    action: Literal["primitive", "takahashi-imada", "suzuki-chin"] = "primitive"
    """What beads feel of the potential."""
    plot: bool = True
    """Draw both parts of the error of the kinetic energy against the number of beads."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a table and a picture on the way."""
        from ...workflows._error_split import error_split

        named = by_name(self.potentials, session)
        if len(named) < 2:
            raise InputError("POTENTIAL...: give the reference and one more potential at least")
        (_, reference), *others = named.items()
        system = system_of(self.structure, self.loading)
        options = {"temperature": self.temperature, "beads": self.bead_numbers, "action": self.action}
        data = error_split(system, reference, dict(others), **options)
        if not self.quiet:
            show(_table(data), session)
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data if session.in_notebook else None


def _table(data):
    """Both parts of two errors, and their sums."""
    from ..._table import Table

    parts = ("curvature", "beads", "sum")
    headings = [f"{name}: {part}" for name in ("kinetic energy", "free energy") for part in parts]
    return Table(("potential", "beads", *headings, "(meV/atom)"), list(_rows(data)))


def _rows(data):
    scale = 1e3 / data.attrs["atoms"]
    for potential in data["potential"].values:
        for count in data["bead_count"].values:
            one = data.sel(potential=potential, bead_count=count).set_index(estimator="estimator")
            cells = [
                f"{scale * float(one[error].sel(estimator=name)):+.3f}"
                for name in ("kinetic energy", "free energy")
                for error in ("curvature_error", "bead_error", "nuclear_error")
            ]
            yield (potential, count, *cells, "")
