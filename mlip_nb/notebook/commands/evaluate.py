"""`%mlip evaluate`: potentials judged by labelled frames."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from ...errors import InputError
from ...potentials import AbstractPotential, PotentialSpec, potentials
from ..session import Session, is_a
from ._base import Command, Offers, Positional, commands
from ._frames import FrameSource, Reading, frames_of
from ._potential import built, from_calculator


def _listed(value: Any) -> Any:
    """A single expression is one potential."""
    return value if isinstance(value, (list, tuple)) else [value]


@commands.register("evaluate")
class Evaluate(Command):
    """Errors of potentials on labelled frames: of energies, forces and stresses, by element, by group and by frame."""

    data: Annotated[FrameSource, Positional("DATA")]
    """A file ASE reads, or a variable that holds ase.Atoms, a list of them, or a Dataset."""
    potentials: Annotated[
        list[Any],
        BeforeValidator(_listed),
        Positional("POTENTIAL..."),
        Offers(lambda session: session.variables("potential")),
    ]
    """Names, .safetensors files, or variables that hold potentials or ASE calculators; several are put side by side."""
    reading: Reading
    plot: bool = True
    """Draw predictions against labels."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a table and a picture on the way."""
        from ...workflows._evaluate import evaluate
        from .._table import Table

        names = _unique([_name(one) for one in self.potentials])
        chosen = {name: _potential(one, session) for name, one in zip(names, self.potentials, strict=True)}
        data = evaluate(chosen, frames_of(self.data, self.reading))
        if not self.quiet:
            _show(Table(_HEADINGS, list(_rows(data))), session)
        if self.plot and session.in_notebook and not self.quiet:
            _show(data.mlip.plot(), session)
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


def _show(what: Any, session: Session) -> None:
    if not session.in_notebook:
        print(what)
        return
    from IPython.display import display

    display(what)


def _name(given: Any) -> str:
    return Path(given).stem if isinstance(given, str) else given.spec.registered_name


def _unique(names: list[str]) -> list[str]:
    """Counted where two would be the same."""
    return [
        f"{name}-{names[:place].count(name) + 1}" if names.count(name) > 1 else name for place, name in enumerate(names)
    ]


def _potential(given: Any, session: Session) -> AbstractPotential:
    """**Raises:** `InputError` for what is no potential."""
    value = session.variable(given) if isinstance(given, str) and session.has(given) else given
    value = from_calculator(value) if is_a(value, "potential") else value
    if isinstance(value, str):
        value = potentials.build(value)
    if not isinstance(value, (AbstractPotential, PotentialSpec)):
        raise InputError(f"POTENTIAL: {given!r} holds {type(value).__name__}, which is no potential")
    return built(value)
