"""`%mlip vdos`: vibrational density of states."""

from ...properties import VibrationalDensity
from ._base import commands
from ._measuring import Measuring


@commands.register("vdos")
class VDOS(Measuring):
    """Vibrational density of states of a run, by element, from its velocities."""

    analysis: VibrationalDensity
