"""`%mlip assess`: how far a potential can be trusted in some structures."""

from typing import Annotated, Any

import numpy as np

from ...workflows._calibrate import assess
from ..session import Session
from ._base import Command, File, Positional, Variable, commands
from ._frames import Reading, frames_of
from ._show import show
from ._uncertainty import UncertaintyChoice


@commands.register("assess")
class Assess(Command):
    """What an uncertainty says of every atom of some structures. The result is an xarray Dataset."""

    data: Annotated[Any, Variable("structures"), File(), Positional("DATA")]
    """Structures: a file ASE reads, or a variable that holds a System, ase.Atoms, a list of them, or a Dataset."""
    reading: Reading
    uncertainty: UncertaintyChoice
    """An uncertainty as %mlip calibrate gives it: a variable, or a .safetensors file that %mlip save wrote."""
    plot: bool = True
    """Draw errors against uncertainties where there are labels, uncertainties by frame where there are none."""

    def execute(self, session: Session) -> Any:
        """The Dataset; a line on the way."""
        data = assess(self.uncertainty, frames_of(self.data, self.reading, labelled=False))
        if data.attrs["unit"] != "eV/Å":
            self.say("this uncertainty is not calibrated: its numbers have no unit; %mlip calibrate gives them one")
        self.say(_worst(data))
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data


def _worst(data) -> str:
    values = data["site_uncertainty"].values
    place = int(np.argmax(values))
    frame = int(data["site_frame"][place])
    atom = place - int(np.searchsorted(data["site_frame"].values, frame))
    told = f"least sure of atom {atom} ({data['site_symbol'].values[place]}) of frame {int(data['frame_index'][frame])}"
    return f"{told}: {values[place]:.3g}; median {np.median(values):.3g}"
