"""What of an uncertainty is compared with a threshold while something goes on."""

from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..learn.members import committee_in
from ..potentials import AbstractGraphPotential, AbstractPotential
from ._base import AbstractUncertainty
from .calibration import AbstractCalibration
from .committee import CommitteeSpread
from .conformal import ForceBalls
from .layer import Calibrated

What = Literal["radius", "uncertainty", "source"]
_CALIBRATE = "%mlip calibrate DATA --potential POTENTIAL -o unc"
_NOT_CALIBRATED = (
    f"this uncertainty is not calibrated, so its threshold is no error of a force; {_CALIBRATE} makes one that is"
)

_FALLS = (
    "the calibration of this uncertainty falls while its source grows, so that a monitor would see nothing: the frames "
    "it was fitted to are too much alike; calibrate on others, or with --calibration scale"
)


@dataclass(frozen=True)
class Watch:
    """An uncertainty, and the number for every atom that is watched."""

    uncertainty: AbstractUncertainty
    """What is evaluated."""
    balls: ForceBalls | None = None
    """Where radii are watched."""
    remark: str = ""
    """What its user should know."""

    @property
    def name(self) -> str:
        """In a word."""
        if self.balls is not None:
            return "radius"
        return "uncertainty" if self.unit == "eV/Å" else "statistic"

    @property
    def unit(self) -> str:
        """Of what is watched."""
        return self.uncertainty.unit

    @property
    def limit(self) -> float | None:
        """The threshold that it brings along."""
        return None if self.balls else self.uncertainty.limit

    def of(self, values: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """What is watched, from the values of `uncertainty`."""
        return values if self.balls is None else self.balls.radii(values)


def watch(uncertainty: AbstractUncertainty, what: What | None = None) -> Watch:
    """Of a calibrated uncertainty the radius of its balls, where it has some; else its standard deviation.

    What is not calibrated is watched as it is, with a remark unless it brings a limit along.

    **Raises:** `InputError` for radii of an uncertainty without balls.
    """
    if isinstance(uncertainty, Calibrated) and what != "source":
        if what == "radius" and uncertainty.balls is None:
            raise InputError(
                "this uncertainty promises no balls, for it was calibrated on too few frames; calibrate it on more, or "
                "watch the uncertainty"
            )
        remark = _FALLS if _falls(uncertainty.calibration) else ""
        return Watch(uncertainty, None if what == "uncertainty" else uncertainty.balls, remark)
    if what == "radius":
        raise InputError(f"an uncertainty that is not calibrated has no radius; calibrate it by {_CALIBRATE}")
    source = uncertainty.source if isinstance(uncertainty, Calibrated) else uncertainty
    return Watch(source, remark="" if source.limit else _NOT_CALIBRATED)


def _falls(calibration: AbstractCalibration) -> bool:
    """On the scale of any unit: over ten powers of ten."""
    low, high = np.asarray(calibration(jnp.asarray([1e-5, 1e5])))
    return bool(high <= low)


def committee_of(potential: AbstractPotential) -> AbstractUncertainty:
    """The spread of the members of a potential.

    **Raises:** `InputError` for one that is no committee.
    """
    members = committee_in(potential) or potential
    if not isinstance(members, AbstractGraphPotential):
        told = f"{potential.spec.registered_name} is no committee"
        raise InputError(f"{told}; calibrate an uncertainty of another potential")
    return CommitteeSpread().fitted(members)
