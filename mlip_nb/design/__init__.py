"""Inverse design: structures, compositions and parameters that do what is asked of them, found by exact gradients."""

from .campaign import PURE, Campaign
from .competitors import Competitors, competitors_of
from .conditions import Conditions
from .constraints import Multipliers
from .defects import Vacancy
from .first import check_start
from .freedom import Freedom, freedom_of
from .given import Given, GivenSet, structure_of
from .material import QUANTITIES, Material
from .medium import Arrangement, Medium, Stage, in_double
from .objective import Objective, Source
from .optimizers import Optimizer, optimizers
from .outcome import Outcome, Settings
from .pathwise import Pathwise, check_window, pathwise
from .problem import Problem
from .relaxation import relaxed
from .reservoir import Reservoir
from .rounding import discrete, rounded
from .saddle import Saddle
from .samples import Reweighted, Samples
from .sampling import Sampler, Sampling
from .targets import Targets, Weights, composed, goal_of, oxidation_states, scales, shares_wanted, weight_of
from .trust import trust_in
from .uncertain import Uncertain, uncertain
from .variables import Change, Variables, variables_of

__all__ = [
    "PURE",
    "QUANTITIES",
    "Arrangement",
    "Campaign",
    "Change",
    "Competitors",
    "Conditions",
    "Freedom",
    "Given",
    "GivenSet",
    "Material",
    "Medium",
    "Multipliers",
    "Objective",
    "Optimizer",
    "Outcome",
    "Pathwise",
    "Problem",
    "Saddle",
    "Reservoir",
    "Reweighted",
    "Sampler",
    "Samples",
    "Sampling",
    "Settings",
    "Source",
    "Stage",
    "Targets",
    "Vacancy",
    "Uncertain",
    "Variables",
    "Weights",
    "check_start",
    "competitors_of",
    "check_window",
    "composed",
    "discrete",
    "freedom_of",
    "goal_of",
    "in_double",
    "optimizers",
    "oxidation_states",
    "pathwise",
    "relaxed",
    "rounded",
    "scales",
    "shares_wanted",
    "structure_of",
    "trust_in",
    "uncertain",
    "variables_of",
    "weight_of",
]
