"""`%mlip steinhardt`: order parameters of bonds."""

from ...properties import BondOrder
from ._base import commands
from ._measuring import Measuring


@commands.register("steinhardt")
class Steinhardt(Measuring):
    """Steinhardt's order parameters of a run, such as Q4 and Q6: how neighbours are arranged."""

    analysis: BondOrder
