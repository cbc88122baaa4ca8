"""`%mlip coordination`: numbers of neighbours."""

from ...properties import Coordination
from ._base import commands
from ._measuring import Measuring


@commands.register("coordination")
class RunCoordination(Measuring):
    """Coordination numbers of a run: how many neighbours atoms have."""

    analysis: Coordination
