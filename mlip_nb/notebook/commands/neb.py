"""`%mlip neb`: the way from one structure to another, and its barrier."""

from typing import Annotated, Any

from ...workflows._neb import NEB
from ..session import Session
from ._base import Positional, commands
from ._several import Structures, each_of, systems_as_python, systems_of, words_of
from ._static import StaticCommand
from ._structure import Loading
from ._with_error import with_error


@commands.register("neb")
class RunNEB(StaticCommand):
    """Path of least energy between two structures: nudged elastic band or string, with a climbing image.

    The result is a Dataset whose frames are the images; `%mlip view` shows them, and the one of highest energy is a
    guess of the saddle for `%mlip tst` and `%mlip instanton`.
    """

    structure: Annotated[Structures, Positional("START")]
    """Where the path begins: a variable, a file, or a name; several with commas between, or a list or a dict."""
    end: Structures
    """Where it ends: a variable or a file; the same atoms in the same order. Several starts have as many ends."""
    workflow: NEB
    plot: bool = True
    """Draw energies along the path."""

    def _subjects(self, session: Session) -> tuple[Any, ...]:
        ends = systems_of(self.end, Loading(), session)
        # Paths have the names of their starts.
        return *super()._subjects(session), each_of(ends) if words_of(self.end, "--end") else ends

    def _subjects_as_python(self, write) -> dict[str, str]:
        text = systems_as_python(self.end, Loading(), write)
        return {
            **super()._subjects_as_python(write),
            "end": f"[*{text}.values()]" if words_of(self.end, "--end") else text,
        }

    def _tell(self, data, session: Session) -> None:
        told = f"barrier {with_error(data, 'forward_barrier', 4)} eV, {with_error(data, 'reverse_barrier', 4)} eV from"
        told += " the end"
        if "hopping_rate" in data:
            told += f"; {float(data['attempt_frequency']):.3g} THz, {float(data['hopping_rate']):.3g} hops a second"
        self.say(told)
