"""`%mlip replica-exchange`: temperatures that trade places."""

from ...workflows import ReplicaExchange
from ._base import commands
from ._simulation import Simulation


@commands.register("replica-exchange")
class RunReplicaExchange(Simulation):
    """Molecular dynamics at several temperatures that exchange their structures (parallel tempering).

    The Dataset is sorted by temperature; `walker` says whose structure a temperature has.
    """

    workflow: ReplicaExchange
