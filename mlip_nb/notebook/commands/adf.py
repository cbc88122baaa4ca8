"""`%mlip adf`: angular distribution function."""

from ...properties import AngularDistribution
from ._base import commands
from ._measuring import Measuring


@commands.register("adf")
class ADF(Measuring):
    """Angular distribution function of a run: angles between bonds."""

    analysis: AngularDistribution
