"""`%mlip save`: a trained potential, or an uncertainty, to a file."""

from pathlib import Path
from typing import Annotated, Any

from ...errors import InputError
from ..session import Session, is_a
from ._base import Command, Offers, Positional, commands

_ELSEWHERE = {
    "data": "{name}.mlip.save(PATH) writes a Dataset, and --save PATH what a run computes",
    "structure": "mlip_nb.to_ase({name}).write(PATH) writes a structure",
}
"""Kind of variable -> what saves it."""


def _savable(session: Session) -> list[str]:
    return [*session.variables("potential"), *session.variables("uncertainty")]


@commands.register("save")
class Save(Command):
    """Save a trained potential, or an uncertainty with its potential: one .safetensors file.

    --potential reads that of a potential, --monitor and --uncertainty that of an uncertainty.
    """

    variable: Annotated[Any, Positional("NAME"), Offers(_savable)]
    """A variable that holds a trained potential, or what %mlip calibrate gives."""
    file: Annotated[Path, Positional("FILE")]
    """The file, ending in .safetensors."""
    overwrite: bool = False
    """Replace a file that exists."""

    def execute(self, session) -> None:
        """Write it; one line says where, how large, and the fingerprint."""
        from ...potentials import save_weights

        if not session.in_notebook:
            raise InputError("save needs the variable of a notebook; in a script: mlip_nb.potentials.save_weights")
        if is_a(held := _held(self.variable, session), "uncertainty"):
            self._save_uncertainty(held)
            return
        potential = _potential(self.variable, session)
        path = save_weights(potential, self.file, overwrite=self.overwrite)
        self.say(f"{path}: {path.stat().st_size / 1024:.0f} kB, fingerprint {potential.fingerprint[:12]}")

    def _save_uncertainty(self, uncertainty: Any) -> None:
        from ...uncertainty import save_uncertainty

        path = save_uncertainty(uncertainty, self.file, overwrite=self.overwrite)
        self.say(f"{path}: {path.stat().st_size / 1024:.0f} kB, for --monitor {path} and --uncertainty {path}")


def _held(named: Any, session: Session) -> Any:
    return session.variable(named) if isinstance(named, str) and session.has(named) else named


def _potential(named: Any, session: Session) -> Any:
    """**Raises:** `InputError` that says what it is instead, and what saves that."""
    from ...potentials import AbstractPotential

    if isinstance(named, str) and not session.has(named):
        known = ", ".join(session.variables("potential")) or "none yet"
        raise InputError(f"NAME: there is no variable {named!r}; variables with potentials: {known}")
    value = session.variable(named) if isinstance(named, str) else named
    if isinstance(value, AbstractPotential):
        return value
    told = next((told for kind, told in _ELSEWHERE.items() if is_a(value, kind)), "save takes a trained potential")
    name = named if isinstance(named, str) else "it"
    raise InputError(f"NAME: {name} holds {type(value).__name__}; {told.format(name=name)}")
