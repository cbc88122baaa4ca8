"""`%mlip tst`: harmonic transition-state theory and tunnelling factors."""

from ...workflows._rates import Barrier
from ._barrier import BarrierCommand
from ._base import commands


@commands.register("tst")
class RunTST(BarrierCommand):
    """Rates by harmonic transition-state theory, with Wigner's and Eckart's factors for tunnelling.

    With --isotopes H:2.014 the kinetic isotope effect of every method comes along.
    """

    workflow: Barrier
