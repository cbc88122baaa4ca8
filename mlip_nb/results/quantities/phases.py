"""Mixtures and the convex hull of phases."""

from .._quantity import Quantity

_MIXTURES = ("composition",)
_PHASES = ("potential", "phase")

QUANTITIES = {
    "fraction": Quantity(_MIXTURES, "1", "part of the second element", coordinate=True),
    "mixing_energy": Quantity(_MIXTURES, "eV/atom", "energy of mixing"),
    "mixing_energy_error": Quantity(_MIXTURES, "eV/atom", "standard error over random structures"),
    "mixing_volume": Quantity(_MIXTURES, "Å³", "volume of an atom"),
    "pair_mismatch": Quantity(_MIXTURES, "1", "largest deviation of pair correlations from those of a random alloy"),
    "redlich_kister": Quantity(("term",), "eV/atom", "coefficient of the Redlich-Kister curve"),
    "critical_fraction": Quantity((), "1", "part of the second element at the critical point"),
    "critical_temperature": Quantity((), "K", "critical temperature of the random mixture; 0: mixed at all"),
    "phase": Quantity(("phase",), "1", "structure, by its formula", coordinate=True),
    "share": Quantity(("phase", "element"), "1", "part of the atoms that are of the element", coordinate=True),
    "phase_energy": Quantity(_PHASES, "eV/atom", "energy"),
    "formation_energy": Quantity(_PHASES, "eV/atom", "energy less that of the elements"),
    "formation_energy_spread": Quantity(_PHASES, "eV/atom", "standard deviation over the members of a committee"),
    "energy_above_hull": Quantity(_PHASES, "eV/atom", "energy above the convex hull"),
    "energy_above_hull_spread": Quantity(_PHASES, "eV/atom", "standard deviation over the members of a committee"),
    "phase_products": Quantity(
        ("potential", "phase", "product"), "1", "what a phase falls apart into, parts of the atoms"
    ),
}
