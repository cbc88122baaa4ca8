"""What a path-integral run must be for averages of it to be compared with those of others."""

from ..errors import InputError
from ..path_integrals import Dynamics
from .pimd import PIMD


def check_sampling(pimd: PIMD, *, discard: float, fewest: int) -> None:
    """**Raises:** `InputError` for real time, for more than one temperature, and for fewer frames than are needed."""
    if isinstance(pimd.ensemble, Dynamics):
        name = pimd.ensemble.registered_name
        raise InputError(f"{name} moves in real time and does not sample; take pile-l or pile-g")
    if pimd.copies > 1 or not isinstance(pimd.ensemble.temperature, float):
        raise InputError("runs are compared at one constant temperature; leave replicas, ladders and schedules out")
    left = int((1 - discard) * (pimd.total // pimd.every + 1))
    if left < fewest:
        raise InputError(f"{left} frames would be left of each run, and {fewest} are needed; take more steps")
