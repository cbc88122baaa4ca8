"""How far a potential can be trusted: one layer of sources, calibration and promises for everybody who asks."""

from .. import _jax  # noqa: F401 - double precision before anything is made
from ._base import AbstractUncertainty, Assessment, UncertaintySpec, force_errors, uncertainties
from ._file import load_uncertainty, read_uncertainty_header, save_uncertainty
from .calibration import CALIBRATIONS, AbstractCalibration, Isotonic, Power, Scale, calibrated
from .conformal import ForceBalls, adapted, conformal_quantile, force_balls, thinned
from .control import ControlLimit, fitted_limit, known_limit
from .divergence import gaussian_bound, jensen_shannon, queries
from .evidential import aleatoric, epistemic, evidential_loss
from .layer import Calibrated, calibrate
from .reliability import LEVELS, Reliability, reliability
from .watch import Watch, What, committee_of, watch

__all__ = [
    "CALIBRATIONS",
    "LEVELS",
    "AbstractCalibration",
    "AbstractUncertainty",
    "Assessment",
    "Calibrated",
    "ControlLimit",
    "ForceBalls",
    "Isotonic",
    "Power",
    "Reliability",
    "Scale",
    "UncertaintySpec",
    "Watch",
    "What",
    "adapted",
    "aleatoric",
    "calibrate",
    "calibrated",
    "committee_of",
    "conformal_quantile",
    "epistemic",
    "evidential_loss",
    "fitted_limit",
    "force_balls",
    "force_errors",
    "gaussian_bound",
    "jensen_shannon",
    "known_limit",
    "load_uncertainty",
    "queries",
    "read_uncertainty_header",
    "reliability",
    "save_uncertainty",
    "thinned",
    "uncertainties",
    "watch",
]
