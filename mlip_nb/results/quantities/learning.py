"""Rounds of active learning."""

from .._quantity import SERIES, Quantity

QUANTITIES = {
    "round": Quantity(SERIES, "1", "round of active learning", coordinate=True),
    "labels_used": Quantity(SERIES, "1", "labelled frames, those at the start included"),
    "labels_failed": Quantity(SERIES, "1", "structures that could not be labelled, so far"),
    "candidates": Quantity(SERIES, "1", "structures that were explored"),
    "new_candidates": Quantity(SERIES, "1", "structures that were sane and new"),
    "largest_uncertainty": Quantity(SERIES, "eV/Å", "largest uncertainty of new structures"),
    "mean_uncertainty": Quantity(SERIES, "eV/Å", "mean of the uncertainties of new structures"),
    "chosen_uncertainty": Quantity(SERIES, "eV/Å", "mean of the uncertainties of labelled structures"),
    "explored_force_error": Quantity(SERIES, "eV/Å", "RMS error of force components, before it was learned"),
    "test_energy_error": Quantity(SERIES, "eV/atom", "RMS error of energy per atom, test frames"),
    "test_force_error": Quantity(SERIES, "eV/Å", "RMS error of force components, test frames"),
    "round_seconds": Quantity(SERIES, "s", "wall time of the round"),
}
