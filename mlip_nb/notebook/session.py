"""What the commands of one notebook share: its variables, the default potential, the runs."""

import ast
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import InputError, unknown

if TYPE_CHECKING:
    from ..potentials import AbstractPotential, PotentialSpec
    from ..workflows import Run
    from ._defaults import Defaults
    from .commands import Command

_DATASET = "xarray.core.dataset.Dataset"
_RUN = "mlip_nb.workflows._run.Run"
_SWEEP = "mlip_nb.workflows._sweep_run.SweepRun"
_STRUCTURES = ("ase.atoms.Atoms", "mlip_nb.system.System", _DATASET)
_POTENTIALS = (
    "mlip_nb.potentials._base.AbstractPotential",
    "mlip_nb.potentials._spec.PotentialSpec",
    "ase.calculators.abc.GetPropertiesMixin",
    "ase.calculators.calculator.BaseCalculator",
)
_SEVERAL = ("builtins.list", "builtins.tuple", "builtins.dict")
KINDS = {
    "structure": _STRUCTURES,
    "potential": _POTENTIALS,
    "uncertainty": ("mlip_nb.uncertainty._base.AbstractUncertainty",),
    "client": ("distributed.client.Client", "distributed.deploy.cluster.Cluster"),
    "run": (_RUN,),
    "sweep": (_SWEEP,),
    "run, sweep or data": (_DATASET, _RUN, _SWEEP),
    "data": (_DATASET, _RUN),
    "structure or data": (*_STRUCTURES, _RUN),
    "structure or several": (*_STRUCTURES, *_SEVERAL),
    "potential or several": (*_POTENTIALS, *_SEVERAL),
    "structures": (*_STRUCTURES, "builtins.list", "builtins.tuple", _RUN),
    "frames": ("ase.atoms.Atoms", "builtins.list", "builtins.tuple", _DATASET, _RUN),
}
"""What a variable of each kind may be. Names, not classes: to look at a variable must import nothing."""


class Session:
    """One notebook, or one call from a shell (then without variables)."""

    def __init__(
        self, namespace: MutableMapping[str, Any] | None = None, config: Callable[[], Mapping[str, Any]] = dict
    ):
        """`config` gives what `%config MlipMagics` has set."""
        self.namespace: MutableMapping[str, Any] = {} if namespace is None else namespace
        self.in_notebook = namespace is not None
        self.potential: AbstractPotential | PotentialSpec | None = None
        self.runs: dict[str, Run] = {}
        self._local: Mapping[str, Any] = {}
        self._body = ""
        self._config = config

    @contextmanager
    def inside(self, local: Mapping[str, Any] | None, body: str = "") -> Iterator[None]:
        """Meanwhile, local variables of the function a line is in are seen too, and the body of its cell is known."""
        outer, self._local, self._body = (self._local, self._body), local or {}, body
        try:
            yield
        finally:
            self._local, self._body = outer

    def written(self, name: str) -> Any:
        """A function that the body of this cell defines; None where it does not."""
        functions = [node for node in ast.parse(self._body).body if isinstance(node, ast.FunctionDef)]
        return self.variable(name) if any(node.name == name for node in functions) else None

    def has(self, name: str) -> bool:
        """True when the notebook has a variable of this name."""
        return name in self._local or name in self.namespace

    def variable(self, name: str) -> Any:
        """A variable of the notebook."""
        return self._local[name] if name in self._local else self.namespace[name]

    def evaluate(self, source: str) -> Any:
        """The value of a Python expression, in the notebook.

        **Raises:** `InputError` with the expression and what went wrong.
        """
        if not self.in_notebook:
            raise InputError(
                f"{{{source}}}: expressions are evaluated in a notebook; in a shell write the value itself"
            )
        try:
            code = compile(ast.parse(source, mode="eval"), "<%mlip>", "eval")
            return eval(code, {**self.namespace, **self._local})  # noqa: S307 - the user's own notebook
        except Exception as error:
            raise InputError(f"{{{source}}}: {type(error).__name__}: {error}") from error

    def variables(self, kind: str) -> Iterator[str]:
        """Names of the variables that are of a kind of `KINDS`, hidden ones left out."""
        merged = {**self.namespace, **self._local}
        return (name for name, value in merged.items() if not name.startswith("_") and is_a(value, kind))

    def defaults(self, command: "type[Command]") -> "Defaults":
        """What users have set for the flags of a verb.

        **Raises:** `InputError` that names the file with the mistake.
        """
        from ._defaults import defaults_of

        return defaults_of(command, self._config())

    def name_of(self, value: Any) -> str | None:
        """A variable that holds an object, or the ASE calculator a potential was made of; None when none does."""
        calculator = getattr(getattr(value, "host", None), "calculator", None)
        sought = [one for one in (value, calculator) if one is not None]
        merged = {**self.namespace, **self._local}
        names = (name for name, held in merged.items() if any(held is one for one in sought))
        return next((name for name in names if not name.startswith("_")), None)

    def check_store(self, name: str) -> None:
        """**Raises:** `InputError` where there are no variables to take a result, before anything is computed."""
        if not self.in_notebook:
            raise InputError(f"-o {name}: a shell has no variables; write the result to a file with --save PATH")

    def store(self, name: str, value: Any) -> None:
        """Give the notebook a variable."""
        self.namespace[name] = value

    def run(self, name: str) -> "Run":
        """A run of this session by its name.

        **Raises:** `InputError` that lists the names.
        """
        if name not in self.runs:
            raise unknown("run", name, self.runs)
        return self.runs[name]

    def check_run_name(self, name: str) -> None:
        """**Raises:** `InputError` when a run of this name still goes on."""
        if name in self.runs and not self.runs[name].status.ended:
            raise InputError(f"run {name!r} is still {self.runs[name].status}; %mlip stop {name} first, or give --name")


def is_a(value: Any, kind: str) -> bool:
    """True when a value can be used as a structure, a potential, a run, or data."""
    return any(f"{cls.__module__}.{cls.__qualname__}" in KINDS[kind] for cls in type(value).__mro__)
