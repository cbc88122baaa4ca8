"""`%mlip msd`: mean square displacement."""

from ...properties import MeanSquareDisplacement
from ._base import commands
from ._measuring import Measuring


@commands.register("msd")
class MSD(Measuring):
    """Mean square displacement of a run, by element: how far atoms go."""

    analysis: MeanSquareDisplacement
