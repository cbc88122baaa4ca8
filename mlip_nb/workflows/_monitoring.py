"""What a user says about a monitor: which uncertainty watches a run, how large it may become, and what happens then."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator

from ..errors import InputError
from ..params import Count, Live, Params, Positive, Variable
from ..potentials import AbstractPotential
from ..system import System
from ._plots import Plot, Trace

if TYPE_CHECKING:
    from ..uncertainty import Watch

COMMITTEE = "committee"
"""A monitor by name: the spread of the run's own potential."""
_EVERY_LOOK = 10
_WATCHED = (
    ("frame_radius", "Force radius", "eV/Å"),
    ("frame_uncertainty", "Uncertainty", "eV/Å"),
    ("frame_distance", "Distance from training", "1"),
)
"""Of a run one of them: name in the series, label, unit."""


def _checked(value: Any) -> Any:
    """An uncertainty, the path of a file that holds one, or the name."""
    if value is None or value == COMMITTEE:
        return value
    # Imported for those who have a monitor only.
    from ..uncertainty import AbstractUncertainty, read_uncertainty_header

    if isinstance(value, (str, Path)):
        path = Path(value).expanduser()
        if not path.suffix:
            raise ValueError(
                f"{str(value)!r} is no uncertainty; make one with %mlip calibrate DATA --potential POTENTIAL -o unc, "
                f"give a file with one, or {COMMITTEE}"
            )
        read_uncertainty_header(path)
        return path
    if not isinstance(value, AbstractUncertainty):
        raise ValueError(f"{value!r:.60} is no uncertainty; make one with %mlip calibrate")
    return value


Uncertain = Annotated[Any, AfterValidator(_checked), Variable("uncertainty")]
"""An uncertainty, a file that holds one, or `committee`."""


class Monitoring(Params):
    """Whether a simulation stays where its potential can be trusted."""

    monitor: Uncertain = None
    """An uncertainty that judges every stored frame: a variable, a .safetensors file, or committee (its own spread)."""
    watch: Literal["radius", "uncertainty", "source"] | None = None
    """What must stay below the threshold: the radius of force balls (the default where there are some), the calibrated
    standard deviation, or the source as it is, such as T²."""
    threshold: Annotated[float, Positive, Live(0.0, 1.0)] | None = None
    """How large it may become, eV/Å; of a source without unit a plain number, 1 for T² and D-optimality."""
    on_alarm: Literal["pause", "mark"] | Callable = "pause"
    """Beyond it: pause the run (one that nobody can resume ends, and can be continued), mark frames and go on, or call
    a function with the run and what was seen."""
    look_every: Count = _EVERY_LOOK
    """Stored frames from one look to the next: as far as a run may get beyond an alarm."""

    def describe(self) -> dict[str, Any]:
        """As any parameters; without an uncertainty, on which what is computed does not depend and which may be gone by
        the time that this is read: an object of the notebook, or in a file."""
        if not isinstance(self.monitor, (str, type(None))):
            return type(self)().describe()
        told = super().describe()
        return told if isinstance(self.on_alarm, str) else told | {"on_alarm": "mark"}

    @property
    def colours(self) -> tuple[str, ...]:
        """What atoms may be coloured by."""
        return () if self.monitor is None else ("atom_uncertainty" if self._unit == "eV/Å" else "atom_distance",)

    def plots(self) -> tuple[Plot, ...]:
        """What is watched, beside its threshold."""
        return tuple(Plot(label, unit, (Trace("largest", key),), target="threshold") for key, label, unit in _WATCHED)

    @property
    def _unit(self) -> str:
        """Of the values of atoms."""
        if isinstance(self.monitor, str):
            return "eV/Å"
        from ..uncertainty import read_uncertainty_header, watch

        if isinstance(self.monitor, Path):
            told = read_uncertainty_header(self.monitor)
            return told["source_unit"] if self.watch == "source" or "calibration" not in told else "eV/Å"
        return watch(self.monitor, self.watch).unit

    def watching(self, system: System, potential: AbstractPotential) -> "Watch | None":
        """What is watched in a run with this potential; None without a monitor.

        **Raises:** `InputError` for a threshold that is missing or too many, and for atoms that are not covered.
        """
        if self.monitor is None:
            if self.threshold is not None:
                raise InputError("threshold: nothing is watched; name the uncertainty with monitor (--monitor unc)")
            return None
        from ..uncertainty import committee_of, load_uncertainty, watch

        monitor = self.monitor
        if isinstance(monitor, Path):
            monitor = load_uncertainty(monitor)
        elif isinstance(monitor, str):
            monitor = committee_of(potential)
        found = watch(monitor, self.watch)
        monitor.potential.check(system)
        if self.threshold is None and found.limit is None:
            unit = f", {found.unit}" if found.unit != "1" else ""
            raise InputError(f"threshold: a value is needed: the largest {found.name} that you accept{unit}")
        return found


def looking_every(controls: Callable, stride: int) -> Callable:
    """The same controls, asked for again after `stride` steps at most: chunks end where the monitor looks."""

    def shortened(step: int):
        values, until = controls(step)
        return values, min(until, (step // stride + 1) * stride)

    return shortened
