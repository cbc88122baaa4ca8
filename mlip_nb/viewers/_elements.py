"""Colour and size of the elements: one table for the picture in a notebook and the one in a file."""

import numpy as np

COLOURS = {
    "H": "#f4f4f4",
    "Li": "#b08ce0",
    "Be": "#b9d977",
    "B": "#f0a58f",
    "C": "#474c52",
    "N": "#2f62d9",
    "O": "#d63a2f",
    "F": "#9ae0c6",
    "Na": "#8f6fd1",
    "Mg": "#6fae3c",
    "Al": "#a9b7c6",
    "Si": "#d9b27c",
    "P": "#ef8a17",
    "S": "#f3d32c",
    "Cl": "#35c26f",
    "K": "#7450b8",
    "Ca": "#4e9a2c",
    "Ti": "#9aa4b0",
    "V": "#8c97a8",
    "Cr": "#7f8fb0",
    "Mn": "#9a7fb5",
    "Fe": "#c8682c",
    "Co": "#e07aa0",
    "Ni": "#5fb28a",
    "Cu": "#c77c48",
    "Zn": "#7d85b5",
    "Ga": "#b98d8d",
    "Ge": "#7d9c8c",
    "As": "#b070c8",
    "Se": "#e0952c",
    "Br": "#9c3f2c",
    "Zr": "#86c5c8",
    "Mo": "#4fa8a8",
    "Pd": "#4f7f94",
    "Ag": "#c4ccd4",
    "Cd": "#e8d48c",
    "In": "#a57f83",
    "Sn": "#74848e",
    "Sb": "#9a68b0",
    "Te": "#c98215",
    "I": "#7d2a8c",
    "W": "#2f86c2",
    "Pt": "#b5bcd0",
    "Au": "#eebc2e",
    "Hg": "#a9a9c0",
    "Pb": "#575b66",
    "Bi": "#9a54a8",
}
"""Near the customary hues, but of different lightness where these are hard to tell apart for some eyes."""

_FAMILIES = {
    (2, 10, 18, 36, 54, 86): ("#bfeaf2", "#3f8fa8"),
    (3, 11, 19, 37, 55, 87): ("#b08ce0", "#3c2080"),
    (4, 12, 20, 38, 56, 88): ("#b9d977", "#1f5c14"),
    tuple(range(21, 31)): ("#9aa4b0", "#5f7f94"),
    tuple(range(39, 49)): ("#86c5c8", "#4f6f94"),
    tuple(range(57, 72)): ("#a8f0dc", "#12805f"),
    tuple(range(72, 81)): ("#7fb4e6", "#98a0b8"),
    tuple(range(89, 104)): ("#8fb0ff", "#5a1a70"),
}
"""Elements without a colour of their own: from the first of a family to its last."""
_OTHER = "#d070a0"


def colour(number: int) -> str:
    """The colour of an element, `#rrggbb`."""
    from ase.data import chemical_symbols

    symbol = chemical_symbols[number] if number < len(chemical_symbols) else ""
    return COLOURS.get(symbol) or _family_colour(number)


def radius(number: int) -> float:
    """Covalent radius, Å. After B. Cordero et al., Dalton Trans. 2832 (2008), as ASE has it."""
    from ase.data import covalent_radii

    return float(covalent_radii[number]) if 0 < number < len(covalent_radii) else 1.0


def _family_colour(number: int) -> str:
    for members, (first, last) in _FAMILIES.items():
        if number in members:
            return _between(first, last, members.index(number) / (len(members) - 1))
    return _OTHER


def _between(first: str, last: str, share: float) -> str:
    ends = np.array([[int(end[at : at + 2], 16) for at in (1, 3, 5)] for end in (first, last)])
    return "#" + "".join(f"{round(byte):02x}" for byte in ends[0] + share * (ends[1] - ends[0]))
