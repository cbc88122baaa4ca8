"""Crystal and liquid side by side."""

from .._quantity import Quantity

_RUNS = ("member", "replica")

QUANTITIES = {
    "run_temperature": Quantity((*_RUNS, "frame"), "K", "temperature of a run"),
    "crystal_share": Quantity((*_RUNS, "frame"), "1", "part of the slabs that is crystal"),
    "slab_order": Quantity(("frame", "slab"), "1", "Steinhardt's Q6 of the bonds of a slab, first run"),
    "coexistence_temperature": Quantity(_RUNS, "K", "mean temperature of a run with both phases; NaN: one was lost"),
    "coexistence_temperature_error": Quantity(_RUNS, "K", "standard error of that mean"),
    "melting_temperature": Quantity((), "K", "melting temperature"),
    "melting_temperature_error": Quantity((), "K", "standard error, both parts"),
    "melting_temperature_statistical_error": Quantity((), "K", "standard error of few runs of finite length"),
    "melting_temperature_model_error": Quantity((), "K", "standard deviation over the members of a committee"),
}
