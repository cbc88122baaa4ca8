"""Averages with their errors, and derivatives of them."""

from .._quantity import Quantity

QUANTITIES = {
    "estimator": Quantity(("estimator",), "1", "what is averaged", coordinate=True),
    "unit": Quantity(("estimator",), "1", "unit of the average", coordinate=True),
    "estimate": Quantity(("estimator",), "1", "average, in its unit"),
    "standard_error": Quantity(("estimator",), "1", "standard error of the average, in its unit"),
    "derivative": Quantity(
        ("estimator", "parameter"), "1", "derivative of the average, in its unit over the parameter's"
    ),
    "derivative_error": Quantity(("estimator", "parameter"), "1", "standard error of the derivative"),
    "effective_samples": Quantity(("estimator",), "1", "independent samples that the average rests on"),
    "statistical_inefficiency": Quantity(("estimator",), "1", "frames that one independent sample takes"),
    "equilibration_frames": Quantity(("estimator",), "1", "frames left out at the start"),
    "block_length": Quantity(("block_length",), "1", "frames of a block", coordinate=True),
    "block_error": Quantity(("estimator", "block_length"), "1", "standard error by blocks, in the average's unit"),
    "member_estimate": Quantity(("estimator", "member"), "1", "average in the ensemble of a member"),
    "model_error": Quantity(("estimator",), "1", "standard deviation over members, in the unit of the estimate"),
    "total_error": Quantity(("estimator",), "1", "statistical and model error together"),
    "member_share": Quantity(("member",), "1", "share of the frames that carry the weights of a member"),
}
