"""`%mlip instanton`: rates by deep tunnelling."""

from ...workflows._rates import Tunnelling
from ._barrier import BarrierCommand
from ._base import commands


@commands.register("instanton")
class RunInstanton(BarrierCommand):
    """The rate below the crossover temperature by a ring-polymer instanton, beside transition-state theory.

    With --isotopes H:2.014 the kinetic isotope effect of every method comes along.
    """

    workflow: Tunnelling
