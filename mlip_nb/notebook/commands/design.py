"""`%mlip design`: what should it be, so that it does what is asked?"""

import json
from typing import Annotated, Any

from ...properties.thermal_errors import thermal_errors
from ...workflows import Run
from ...workflows._design_references import References
from ...workflows.design import Design
from ._barrier import structure_of
from ._base import Positional, commands
from ._potential import PotentialChoice, potential_for
from ._running import Running
from ._show import show
from ._structure import Loading, Structure, system_of


@commands.register("design")
class RunDesign(Running):
    """Find the structure, the elements or the parameters that do what is asked, by exact gradients.

    The body of the cell may define objective(x), equality(x) (must become zero) and inequality(x) (must not be
    negative), in jax.numpy; x.bulk_modulus, x.lattice_constant and so on are what it may use. An interrupt (Ctrl-C)
    ends it and keeps the best so far. The result is a Dataset, whose last frame is the best design.
    """

    structure: Annotated[Structure, Positional("STRUCTURE")]
    """A variable (ase.Atoms, System, or a Dataset: its last frame), a file, or a name such as Si."""
    loading: Loading
    potential: PotentialChoice = None
    """What gives the energies: a name, a .safetensors file, or a variable that holds a potential."""
    workflow: Design
    plot: bool = True
    """Draw the objective and what was wanted, by iteration."""

    def _start(self, session) -> Run:
        system = system_of(self.structure, self.loading)
        potential, remark = potential_for(self.potential, system, session)
        if remark:
            self.say(remark)
        workflow = self.workflow.replace(references=_known(self.workflow.references, session))
        return workflow.start(system, potential, **self._options(session))

    def _value(self, run: Run, session) -> Any:
        """The Dataset; a picture and a sentence on the way."""
        data = run.result()
        self.say(_found(data))
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data

    def _told_in_shell(self, run: Run) -> Any:
        self.say(f"{_found(run.result())}; in Python: mlip_nb.open({str(run.store)!r})")


def _known(references: References, session) -> References:
    """With structures in place of their names."""

    def known(text: str) -> Any:
        return text if text.startswith("{") else structure_of(text, session)

    phases = [known(text) for text in references.competitors]
    end = None if references.end is None else known(references.end)
    return references.replace(competitors=phases, end=end)


def _found(data) -> str:
    """What came out, of the best start."""
    last = data.isel(frame=-1, replica=0)
    names = json.loads(data.attrs["looked_at"])
    rows = [last[f"design_{name}"] for name in names]
    errors = {name: f" ± {error:.2g}" for name, error in thermal_errors(last).items()}
    told = [
        f"{name.replace('_', ' ')} {float(row):.6g}{errors.get(name, '')} {row.attrs['units']}"
        for name, row in zip(names, rows, strict=True)
    ]
    objective = f"objective {float(last['design_objective']):.3g} after {int(last['evaluations'])} evaluations"
    return "; ".join([objective, *told, *_rounding(data)])


def _rounding(data) -> list[str]:
    if "rounding" not in data.attrs:
        return []
    told = json.loads(data.attrs["rounding"])
    formula = data.mlip.system(-1).formula
    discrete, mixed = told["discrete"], told["mixture"]
    return [f"{formula} with one element on every site has an objective of {discrete:.3g}, the mixture {mixed:.3g}"]
