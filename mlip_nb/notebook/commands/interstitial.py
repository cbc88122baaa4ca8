"""`%mlip interstitial`: an atom more."""

from ...workflows.point_defect import Interstitial
from ._base import commands
from ._point_defect import PointDefectCommand


@commands.register("interstitial")
class RunInterstitial(PointDefectCommand):
    """Formation energy of one atom more: unrelaxed, relaxed, and with displaced starts (--rattle 0.3).

    With --supercells 2,3,4 energies are extrapolated to the infinite crystal. The frames of the Dataset are start and
    end of the largest supercell.
    """

    workflow: Interstitial
