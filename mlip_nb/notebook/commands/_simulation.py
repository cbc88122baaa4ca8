"""What every verb that simulates a structure has in common."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from ...errors import InputError
from ...params import Params, WallTime
from ...potentials import potentials
from ...results import open_store
from ...workflows import CHECKPOINT_SECONDS, Run, Workflow, workflows
from ._base import Command, Positional
from ._potential import PotentialChoice, potential_for
from ._structure import Loading, Structure, system_of


class Simulation(Command):
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
    save: Annotated[Path, AfterValidator(Path.expanduser)] | None = None
    """Store that is written while the run goes on, such as out.zarr."""
    overwrite: bool = False
    """Replace a store that exists."""
    append: bool = False
    """Go on with the run in the store, for that many steps more."""
    checkpoint_every: WallTime = CHECKPOINT_SECONDS
    """Wall time from one checkpoint in the store to the next: what a run that is killed does again at most."""
    background: bool = False
    """Give the Run at once, and leave the notebook free."""
    viewer: Literal["nglview", "none"] = "nglview"
    """What shows the structure while the run goes on."""
    name: str | None = None
    """Name of the run in %mlip runs, attach and stop."""

    def execute(self, session) -> Any:
        """The Dataset, or with `--background` the Run."""
        self._check(session)
        run = self._start(session)
        session.runs[run.name] = run
        return self._in_notebook(run) if session.in_notebook else self._in_shell(run)

    def _check(self, session) -> None:
        if self.append and self.save is None:
            raise InputError("--append goes on with a store; name it with --save")
        if self.structure is None and not self.append:
            raise InputError("STRUCTURE: a value is needed: a variable, a file, or a name such as Si")
        if not session.in_notebook and self.save is None:
            raise InputError("--save: in a shell the result lives in its store only, for example --save out.zarr")
        if not session.in_notebook and self.background:
            raise InputError("--background is for a notebook; in a shell put & behind the line")

    def _start(self, session) -> Run:
        former = _Former(self.save) if self.append else None
        system = system_of(self.save if self.structure is None else self.structure, self.loading)
        chosen = former.potential if former and self.potential is None else self.potential
        potential, remark = potential_for(chosen, system, session)
        if remark:
            self.say(remark)
        name = self.name or (self.save.name if self.save else _free_name(self.registered_name, session.runs))
        session.check_run_name(name)
        workflow = former.continued(self.workflow) if former else self.workflow
        storing = {name: getattr(self, name) for name in ("save", "overwrite", "append", "checkpoint_every")}
        return workflow.start(system, potential, name=name, **storing)

    def _in_notebook(self, run: Run) -> Any:
        from .. import panels

        if self.background:
            panels.show(run, viewer=self.viewer, quiet=self.quiet)
            return run
        panels.follow(run, viewer=self.viewer, quiet=self.quiet)
        return run.result()

    def _in_shell(self, run: Run) -> Any:
        from ..panels import text

        if self.quiet:
            text.wait(run)
        else:
            text.follow(run, sys.stderr)
        data = run.result()
        self.say(f"{data.sizes['frame']} frames in {run.store}; in Python: mlip_nb.open({str(run.store)!r})")
        return data


class _Former:
    """What a store says of the run it holds."""

    def __init__(self, store: Path):
        attributes = open_store(store).attrs
        self.workflow = workflows.build(attributes["params"])
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


def _free_name(wanted: str, taken) -> str:
    """`md`, or `md-2` when there is an `md` already."""
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
