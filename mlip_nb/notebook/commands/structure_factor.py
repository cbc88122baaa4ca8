"""`%mlip structure-factor`: structure factor."""

from ...properties import StructureFactor
from ._base import commands
from ._measuring import Measuring


@commands.register("structure-factor")
class RunStructureFactor(Measuring):
    """Structure factor S(q) of a run: what scattering sees."""

    analysis: StructureFactor
