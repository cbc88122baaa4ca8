"""Thermal averages of designs, with their errors; the attribute `averaged` names them."""

from .._quantity import SERIES, Quantity

QUANTITIES = {
    "design_mean_energy": Quantity(SERIES, "eV", "mean potential energy"),
    "design_mean_pressure": Quantity(SERIES, "GPa", "mean pressure, compression positive"),
    "design_mean_volume": Quantity(SERIES, "Å³", "mean volume of the cell"),
    "design_expansivity": Quantity(SERIES, "1/K", "thermal expansion of the volume"),
    "average_value": Quantity(("frame", "thermal_average"), "1", "average over samples, in its own unit"),
    "average_error": Quantity(("frame", "thermal_average"), "1", "standard error of the average"),
    "average_slope": Quantity(
        ("frame", "thermal_average", "parameter"), "1", "derivative of the average by the design vector"
    ),
    "average_slope_error": Quantity(
        ("frame", "thermal_average", "parameter"), "1", "standard error of that derivative"
    ),
    "sample_share": Quantity(SERIES, "1", "share of the samples that carry the weights"),
    "draws": Quantity(SERIES, "1", "times that samples were drawn so far"),
}
