"""Inverse design: structures, compositions and parameters that do what is asked of them, found by exact gradients."""

from .constraints import Multipliers
from .freedom import Freedom, freedom_of
from .material import QUANTITIES, Material
from .medium import Arrangement, Medium, Stage, in_double
from .objective import Objective, Source
from .optimizers import Optimizer, optimizers
from .problem import Outcome, Problem, Settings, check_start
from .relaxation import relaxed
from .trust import trust_in
from .variables import Change, Variables, variables_of

__all__ = [
    "QUANTITIES",
    "Arrangement",
    "Change",
    "Freedom",
    "Material",
    "Medium",
    "Multipliers",
    "Objective",
    "Optimizer",
    "Outcome",
    "Problem",
    "Settings",
    "Source",
    "Stage",
    "Variables",
    "check_start",
    "freedom_of",
    "in_double",
    "optimizers",
    "relaxed",
    "trust_in",
    "variables_of",
]
