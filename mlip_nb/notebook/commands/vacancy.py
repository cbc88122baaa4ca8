"""`%mlip vacancy`: an atom less."""

from ...workflows.point_defect import Vacancy
from ._base import commands
from ._point_defect import PointDefectCommand


@commands.register("vacancy")
class RunVacancy(PointDefectCommand):
    """Formation energy of one atom less: unrelaxed, relaxed, and with displaced starts (--rattle 0.3).

    With --supercells 2,3,4 energies are extrapolated to the infinite crystal. The frames of the Dataset are start and
    end of the largest supercell.
    """

    workflow: Vacancy
