"""Inverse design: structures, compositions and parameters that do what is asked of them, found by exact gradients."""

from .campaign import PURE, Campaign
from .constraints import Multipliers
from .freedom import Freedom, freedom_of
from .material import QUANTITIES, Material
from .medium import Arrangement, Medium, Stage, in_double
from .objective import Objective, Source
from .optimizers import Optimizer, optimizers
from .problem import Outcome, Problem, Settings, check_start
from .relaxation import relaxed
from .targets import Targets, composed, goal_of, scales, shares_wanted
from .trust import trust_in
from .variables import Change, Variables, variables_of

__all__ = [
    "PURE",
    "QUANTITIES",
    "Arrangement",
    "Campaign",
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
    "Targets",
    "Variables",
    "check_start",
    "composed",
    "freedom_of",
    "goal_of",
    "in_double",
    "optimizers",
    "relaxed",
    "scales",
    "shares_wanted",
    "trust_in",
    "variables_of",
]
