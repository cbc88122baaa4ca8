"""`%mlip calibrate`: uncertainties that are what they say."""

from typing import Annotated, Any, Literal

import annotated_types

from ...errors import InputError
from ...params import Seed
from ...uncertainty import UncertaintySpec
from ...workflows._calibrate import calibrate
from ..session import Session
from ._base import Command, Positional, commands
from ._frames import FrameSource, Reading, frames_of
from ._potential import PotentialChoice, built
from ._show import show

Inner = Annotated[float, annotated_types.Gt(0), annotated_types.Lt(1)]


@commands.register("calibrate")
class Calibrate(Command):
    """Fit the uncertainty of a potential to its errors on frames it has not seen. The result is the uncertainty.

    Half of the frames calibrate, the others judge: a table and a reliability diagram tell what came of it.
    """

    data: Annotated[FrameSource, Positional("DATA")]
    """Labelled frames that the potential was not trained on: a file ASE reads, or a variable."""
    reading: Reading
    potential: PotentialChoice
    """What is judged: a name, a .safetensors file, or a variable."""
    uncertainty: UncertaintySpec | None = None
    """Where uncertainties come from; the spread of a committee, or the last layer, when not given."""
    training: FrameSource = None
    """What the potential was trained on, for sources that compare with it: a file or a variable."""
    calibration: Literal["scale", "power", "isotonic"] = "power"
    """How the source becomes a standard deviation: by a factor, a power law, or any curve that does not fall."""
    coverage: Inner = 0.9
    """Probability with which the force balls of a frame hold all of its forces."""
    judged: Inner = 0.5
    """Part of the frames that judges instead of calibrating."""
    seed: Seed = 0
    """Of that choice."""
    report: str | None = None
    """Name of the notebook variable that takes the Dataset of the diagram."""
    plot: bool = True
    """Draw the reliability diagram."""

    def execute(self, session: Session) -> Any:
        """The uncertainty; a table and a picture on the way."""
        from ..._table import Table

        if self.report:
            session.check_store(self.report)
        if self.potential is None:
            raise InputError("--potential: a value is needed: a name, a .safetensors file, or a variable")
        layer, data = calibrate(
            built(self.potential),
            frames_of(self.data, self.reading),
            uncertainty=self.uncertainty,
            training=() if self.training is None else frames_of(self.training, self.reading),
            kind=self.calibration,
            **{name: getattr(self, name) for name in ("coverage", "judged", "seed")},
        )
        if self.report:
            session.store(self.report, data)
        if not self.quiet:
            show(Table(_HEADINGS, [_row(data, stage) for stage in data["stage"].values]), session)
            self.say(_promise(data))
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return layer if session.in_notebook else None


_COLUMNS = (
    ("miscalibration area", "miscalibration_area"),
    ("ENCE", "normalised_error"),
    ("-log likelihood", "negative_log_likelihood"),
    ("mean σ", "sharpness"),
    ("error²/σ²", "variance_ratio"),
    ("rank correlation", "correlation"),
)
_HEADINGS = ("uncertainty", *(heading for heading, _ in _COLUMNS))


def _row(data, stage: str) -> tuple[str, ...]:
    one = data.sel(stage=stage)
    return (stage, *(f"{float(one[name]):.3g}" for _, name in _COLUMNS))


def _promise(data) -> str:
    if "coverage" not in data.attrs:
        return "too few frames for force balls that hold with a probability; give more, or lower --coverage"
    told = f"balls of {data.attrs['force_ball_factor']:.2f} σ hold all forces of a frame with a probability of"
    return f"{told} {data.attrs['coverage']:g}, for frames like these"
