"""`%mlip average`: means with errors."""

from ...properties import Averages
from ._base import commands
from ._measuring import Measuring


@commands.register("average")
class RunAverages(Measuring):
    """Means of series of a run with their standard errors, and where they are in equilibrium."""

    analysis: Averages
