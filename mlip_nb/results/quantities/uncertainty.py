"""Calibration, and monitors of runs."""

from .._quantity import SERIES, Quantity

_STAGES = ("stage",)

QUANTITIES = {
    "stage": Quantity(("stage",), "1", "before or after calibration", coordinate=True),
    "level": Quantity(("level",), "1", "share of errors that balls should hold", coordinate=True),
    "observed_share": Quantity(("stage", "level"), "1", "share of errors that they hold"),
    "miscalibration_area": Quantity(_STAGES, "1", "area between both shares"),
    "calibration_error": Quantity(_STAGES, "1", "expected calibration error (ECE)"),
    "normalised_error": Quantity(_STAGES, "1", "expected normalised calibration error (ENCE)"),
    "negative_log_likelihood": Quantity(_STAGES, "1", "negative logarithm of the likelihood, per component"),
    "sharpness": Quantity(_STAGES, "eV/Å", "mean standard deviation"),
    "variance_ratio": Quantity(_STAGES, "1", "mean square of errors over standard deviations"),
    "correlation": Quantity(_STAGES, "1", "rank correlation of uncertainties and errors"),
    "site_uncertainty": Quantity(("site",), "eV/Å", "standard deviation of a component of the force"),
    "site_radius": Quantity(("site",), "eV/Å", "radius of the ball that should hold the force"),
    "site_force_error": Quantity(("site",), "eV/Å", "length of the error of the force"),
    "frame_uncertainty": Quantity(SERIES, "eV/Å", "largest uncertainty of an atom of the frame"),
    "frame_radius": Quantity(SERIES, "eV/Å", "largest radius of a ball that should hold the force of an atom"),
    "frame_distance": Quantity(SERIES, "1", "largest statistic of an uncertainty without unit"),
    "atom_distance": Quantity(("frame", "atom"), "1", "statistic of an uncertainty without unit"),
    "alarm": Quantity(SERIES, "1", "whether the threshold of the monitor was passed"),
    "live_threshold": Quantity(SERIES, "1", "threshold of the monitor, in the unit of what it looks at"),
}
