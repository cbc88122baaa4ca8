"""Inverse design: structures, compositions and parameters that do what is asked of them, found by exact gradients."""

from .campaign import PURE, Campaign
from .constraints import Multipliers
from .freedom import Freedom, freedom_of
from .material import QUANTITIES, Material
from .medium import Arrangement, Medium, Stage, in_double
from .objective import Objective, Source
from .optimizers import Optimizer, optimizers
from .pathwise import Pathwise, check_window, pathwise
from .problem import Outcome, Problem, Settings, check_start
from .relaxation import relaxed
from .reservoir import Reservoir
from .samples import Reweighted, Samples
from .sampling import Sampler, Sampling
from .targets import Targets, composed, goal_of, scales, shares_wanted
from .trust import trust_in
from .uncertain import Uncertain, uncertain
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
    "Pathwise",
    "Problem",
    "Reservoir",
    "Reweighted",
    "Sampler",
    "Samples",
    "Sampling",
    "Settings",
    "Source",
    "Stage",
    "Targets",
    "Uncertain",
    "Variables",
    "check_start",
    "check_window",
    "composed",
    "freedom_of",
    "goal_of",
    "in_double",
    "optimizers",
    "pathwise",
    "relaxed",
    "scales",
    "shares_wanted",
    "trust_in",
    "uncertain",
    "variables_of",
]
