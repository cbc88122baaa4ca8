"""`%mlip learning-curve`: how much data a start needs, side by side."""

from typing import Annotated, Any

from ...learn import trainable
from ...potentials.gaunt import GauntSpec
from ...workflows._learning_curve import learning_curve
from ...workflows.train import Train
from ..session import Session
from ._base import Command, Positional, commands
from ._frames import FrameSource, Reading, frames_of
from ._potentials import Potentials, by_name
from ._show import show


@commands.register("learning-curve")
class LearningCurve(Command):
    """Train on more and more frames from different starts: a trained potential, and random weights (`scratch`).

    Both have the form of the first potential. What it is worth to begin from it shows where its curve lies lower.
    """

    data: Annotated[FrameSource, Positional("DATA")]
    """A file ASE reads, or a variable that holds ase.Atoms, a list of them, or a Dataset."""
    potentials: Potentials
    """Where to begin: names, .safetensors files, or variables that hold trained potentials."""
    reading: Reading
    sizes: tuple[int, ...] = (10, 30, 100)
    """Frames to learn from."""
    workflow: Train
    scratch: bool = True
    """Begin with random weights, too."""
    plot: bool = True
    """Draw errors against frames."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a line for each training, and a picture."""
        starts: dict[str, Any] = by_name(self.potentials, session)
        if self.scratch:
            starts["scratch"] = _form(next(iter(starts.values())))
        data = learning_curve(starts, frames_of(self.data, self.reading), self.sizes, self.workflow, tell=self.say)
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data if session.in_notebook else None


def _form(potential: Any) -> GauntSpec:
    """Random weights of the same form, for the elements of the data."""
    return trainable(potential).spec.replace(symbols=(), cores=())
