"""What every verb that simulates a structure has in common."""

from pathlib import Path
from typing import Annotated, Any

from ...errors import InputError
from ...params import Params
from ...potentials import AbstractPotential, potentials
from ...results import open_store
from ...system import System
from ...viewers import LiveViewer
from ...workflows import Run, Workflow, steered, workflows
from ._base import Positional
from ._potential import PotentialChoice, potential_as_python, potential_for
from ._running import Running
from ._structure import Loading, Structure, system_as_python, system_of


class Simulation(Running):
    """A workflow on a structure. The result is an xarray Dataset.

    The cell shows the run while it goes on; an interrupt (Ctrl-C) ends it and keeps what was computed.
    With --append, whatever the line does not say (structure, potential, parameters) is taken from the store.
    """

    structure: Annotated[Structure | None, Positional("STRUCTURE")] = None
    """A variable (ase.Atoms, System, or a Dataset: its last frame), a file, or a name such as Si."""
    loading: Loading
    potential: PotentialChoice = None
    """What gives the forces: a name, a .safetensors file, or a variable that holds a potential or an ASE calculator."""
    workflow: Workflow
    viewer: LiveViewer = "mlip"
    """What shows the structure while the run goes on."""

    def as_python(self, write) -> list[str]:
        """By `Workflow.run` or `start`; a run that goes on needs its store, and the command that knows it."""
        if self.append:
            return super().as_python(write)
        verb = "start" if self.background else "run"
        options = {"save", "overwrite", "checkpoint_every", *(["name"] if self.background else [])}
        arguments = ", ".join(["system", "potential", *filter(None, [write.arguments(self, only=options)])])
        return [
            f"system = {system_as_python(self.structure, self.loading, write)}",
            f"potential = {potential_as_python(self.potential, write)}",
            f"workflow = {write(self.workflow)}",
            f"{self.output or ('run' if self.background else 'ds')} = workflow.{verb}({arguments})",
        ]

    def _check(self, session) -> None:
        super()._check(session)
        if self.structure is None and not self.append:
            raise InputError("STRUCTURE: a value is needed: a variable, a file, or a name such as Si")
        if not session.in_notebook and self.save is None:
            raise InputError("--save: in a shell the result lives in its store only, for example --save out.zarr")

    def _start(self, session) -> Run:
        former = _Former(self.save) if self.append else None
        system = system_of(self.save if self.structure is None else self.structure, self.loading)
        chosen = former.potential if former and self.potential is None else self.potential
        potential, remark = potential_for(chosen, system, session)
        if remark:
            self.say(remark)
        workflow = former.continued(self.workflow) if former else self.workflow
        return self._settled(workflow, system, potential).start(system, potential, **self._options(session))

    def _settled(self, workflow: Workflow, system: System, potential: AbstractPotential) -> Workflow:
        """The workflow with what depends on the structure."""
        return workflow

    def _shown_by(self) -> str:
        return self.viewer

    def _value(self, run: Run, session) -> Any:
        return run.result()

    def _told_in_shell(self, run: Run) -> Any:
        data = run.result()
        self.say(f"{data.sizes['frame']} frames in {run.store}; in Python: mlip_nb.open({str(run.store)!r})")
        return data


class _Former:
    """What a store says of the run it holds."""

    def __init__(self, store: Path):
        attributes = open_store(store).attrs
        # As it was steered last: a continuation changes nothing that it does not name.
        self.workflow = steered(workflows.build(attributes["params"]), attributes["steering"])
        self.potential = potentials.build(attributes["potential"])

    def continued(self, wanted: Workflow) -> Workflow:
        """The former parameters, with what this line gives."""
        length = {"steps", "time"} & wanted.model_fields_set
        kept = self.workflow.model_fields_set - ({"steps", "time"} if length else set())
        return type(wanted)(**_merged(self.workflow, wanted, kept))


def _merged(former: Params, wanted: Params, kept: set[str]) -> dict[str, Any]:
    values = {name: getattr(former, name) for name in kept}
    for name in wanted.model_fields_set:
        before, now = values.get(name), getattr(wanted, name)
        alike = isinstance(now, Params) and type(now) is type(before)
        values[name] = type(now)(**_merged(before, now, before.model_fields_set)) if alike else now
    return values
