"""Conduction of heat."""

from .._quantity import Quantity

_LAGS = ("lag",)

QUANTITIES = {
    "heat_flux": Quantity(("frame", "xyz"), "eV·Å/fs", "heat flux times the volume"),
    "heat_flux_autocorrelation": Quantity(
        _LAGS, "eV²·Å²/fs²", "mean product of a component of the flux and a later one"
    ),
    "thermal_conductivity_integral": Quantity(_LAGS, "W/(m·K)", "integral of the autocorrelation of the heat flux"),
    "thermal_conductivity_integral_error": Quantity(_LAGS, "W/(m·K)", "standard error of the integral"),
    "thermal_conductivity": Quantity((), "W/(m·K)", "thermal conductivity"),
    "thermal_conductivity_error": Quantity((), "W/(m·K)", "standard error of the thermal conductivity"),
}
