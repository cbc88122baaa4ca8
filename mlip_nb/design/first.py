"""What the first evaluation of a design must have."""

import numpy as np

from ..errors import InputError
from .objective import where
from .outcome import Outcome
from .problem import Problem


def check_start(problem: Problem, found: Outcome, *, sloped: bool = True) -> None:
    """**Raises:** `InputError` where no start has a number and a slope, with the line of the user's cell.

    `sloped` is false where slopes were not asked for.
    """
    place = where(problem.objective) if problem.objective is not None else "the targets"
    values, slopes = np.asarray(found.value), np.asarray(found.slope)
    if not np.isfinite(values).any():
        raise InputError(f"{place}: the objective is not a number (NaN) at any start; try less noise, or mend it")
    if not sloped:
        return
    if not np.isfinite(slopes[np.isfinite(values)]).all(axis=1).any():
        raise InputError(
            f"{place}: the objective has no derivative (NaN) at any start; a root of zero or a division by zero?"
        )
    if not slopes.any():
        raise InputError(f"{place}: the objective does not change with what is varied; vary something it depends on")
