"""`%mlip vacf`: velocity autocorrelation."""

from ...properties import VelocityAutocorrelation
from ._base import commands
from ._measuring import Measuring


@commands.register("vacf")
class VACF(Measuring):
    """Velocity autocorrelation of a run, by element: how long atoms remember how they move."""

    analysis: VelocityAutocorrelation
