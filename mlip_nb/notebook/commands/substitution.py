"""`%mlip substitution`: another element on a site."""

from ...workflows.point_defect import Substitution
from ._base import commands
from ._point_defect import PointDefectCommand


@commands.register("substitution")
class RunSubstitution(PointDefectCommand):
    """Formation energy of another element on a site: unrelaxed, relaxed, and with displaced starts (--rattle 0.3).

    With --supercells 2,3,4 energies are extrapolated to the infinite crystal. The frames of the Dataset are start and
    end of the largest supercell.
    """

    workflow: Substitution
