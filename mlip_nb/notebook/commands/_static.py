"""What verbs on a structure at rest have in common."""

from typing import TYPE_CHECKING, Annotated, Any

from ...params import Params, UserPath
from ...results.sets import is_set
from ...results.storage import check_target
from ..session import Session
from ._base import Command, Positional, Variable
from ._several import (
    Potentials,
    Structures,
    each_of,
    potentials_as_python,
    potentials_of,
    systems_as_python,
    systems_of,
)
from ._show import show
from ._structure import Loading

if TYPE_CHECKING:
    import xarray as xr

    from .._as_python import PythonWriter


class StaticCommand(Command):
    """A property of a structure at rest. The result is an xarray Dataset."""

    structure: Annotated[Structures, Positional("STRUCTURE")]
    """A variable (ase.Atoms, System, or a Dataset: its last frame), a file, or a name such as Si; several with commas
    between, or a variable that holds a list or a dict of them."""
    loading: Loading
    potential: Potentials = None
    """What gives the forces: a name, a .safetensors file, or a variable that holds a potential; several likewise."""
    workflow: Params
    model_error: bool = True
    """Ask each member of a committee, too: how far they differ is the error of the model."""
    client: Annotated[Any, Variable("client")] = None
    """Where several are computed side by side: a variable that holds a dask client or cluster; here without it."""
    save: UserPath | None = None
    """Store that takes the result, such as out.zarr."""
    overwrite: bool = False
    """Replace a store that exists."""
    plot: bool = True
    """Draw the result."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a few lines and a picture on the way."""
        if self.save:
            # Before anything is computed.
            check_target(self.save, overwrite=self.overwrite)
        subjects = self._subjects(session)
        potentials, remark = potentials_of(self.potential, each_of(subjects[0]), session)
        if remark:
            self.say(remark)
        options = {"client": self.client, "model_error": self.model_error, "tell": self.say}
        data = self.workflow.run(*subjects, potentials, **options)
        if self.save:
            data.mlip.save(self.save, overwrite=self.overwrite)
        self._show(data, session)
        return data if session.in_notebook else None

    def as_python(self, write: "PythonWriter") -> list[str]:
        """By `run` of the workflow."""
        subjects, target = self._subjects_as_python(write), self.output or "ds"
        arguments = [*subjects, "potential", *filter(None, [write.arguments(self, only={"model_error", "client"})])]
        made = [f"{name} = {text}" for name, text in subjects.items()]
        made += [f"potential = {potentials_as_python(self.potential, self.structure, write)}"]
        made += [f"{target} = {write(self.workflow)}.run({', '.join(arguments)})"]
        storing = f"{target}.mlip.save({write(self.save)}{', overwrite=True' * self.overwrite})"
        return [*made, *([storing] if self.save else [])]

    def _subjects(self, session: Session) -> tuple[Any, ...]:
        """What the workflow is about: the structure, or all of them."""
        return (systems_of(self.structure, self.loading, session),)

    def _subjects_as_python(self, write: "PythonWriter") -> dict[str, str]:
        """Their expressions, by the names that lines give them."""
        return {"system": systems_as_python(self.structure, self.loading, write)}

    def _show(self, data: "xr.Dataset", session: Session) -> None:
        if self.quiet:
            return
        if is_set(data):
            show(data.mlip.compared(), session)
        else:
            self._tell(data, session)
        if self.plot and session.in_notebook:
            show(data.mlip.plot(), session)

    def _tell(self, data: "xr.Dataset", session: Session) -> None:
        """What the picture of a single one does not say."""
        raise NotImplementedError
