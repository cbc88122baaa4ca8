"""Inside: Å, eV, amu and the time unit that follows. One named conversion per outside unit.

Multiply a number in an outside unit by its constant to come inside; divide to go back.
Constants: CODATA 2018 (exact e, k_B, h, N_A).
"""

import math
import re
import unicodedata

from .errors import InputError

_ELECTRON_VOLT_SI = 1.602176634e-19
_AMU_SI = 1.66053906660e-27
_TIME_SI = 1e-10 * (_AMU_SI / _ELECTRON_VOLT_SI) ** 0.5

BOLTZMANN = 1.380649e-23 / _ELECTRON_VOLT_SI
"""k_B in eV/K."""

HBAR = 6.62607015e-34 / (2 * math.pi) / _ELECTRON_VOLT_SI / _TIME_SI
"""ħ in eV times the time unit."""

FEMTOSECOND = 1e-15 / _TIME_SI
GIGAPASCAL = 1e9 * 1e-30 / _ELECTRON_VOLT_SI
ANGSTROM_PER_FEMTOSECOND = 1 / FEMTOSECOND
KELVIN = BOLTZMANN
"""Temperatures are energies inside: k_B T in eV."""

BOHR = 0.529177210903
COULOMB = 27.211386245988 * BOHR
"""e²/4πε₀, eV Å."""
KILOJOULE_PER_MOLE = 1e3 / (6.02214076e23 * _ELECTRON_VOLT_SI)

_INTERNAL = {
    "time": {"fs": FEMTOSECOND, "ps": 1e3 * FEMTOSECOND, "ns": 1e6 * FEMTOSECOND},
    "rate": {"1/fs": 1 / FEMTOSECOND, "1/ps": 1e-3 / FEMTOSECOND, "THz": 1e-3 / FEMTOSECOND},
    "temperature": {"K": KELVIN},
    "pressure": {
        "GPa": GIGAPASCAL,
        "MPa": 1e-3 * GIGAPASCAL,
        "kbar": 0.1 * GIGAPASCAL,
        "bar": 1e-4 * GIGAPASCAL,
        "atm": 1.01325e-4 * GIGAPASCAL,
        "eV/Å³": 1.0,
    },
    "compressibility": {"1/GPa": 1 / GIGAPASCAL, "1/bar": 1e4 / GIGAPASCAL, "1/kbar": 10 / GIGAPASCAL},
    "length": {"Å": 1.0, "A": 1.0, "nm": 10.0, "bohr": BOHR},
    "inverse length": {"1/Å": 1.0, "1/A": 1.0},
    "viscosity": {"mPa·s": 1e3 * GIGAPASCAL * FEMTOSECOND, "mPa*s": 1e3 * GIGAPASCAL * FEMTOSECOND},
    "energy": {
        "eV": 1.0,
        "meV": 1e-3,
        "kJ/mol": KILOJOULE_PER_MOLE,
        "kcal/mol": 4.184 * KILOJOULE_PER_MOLE,
        "Ha": 27.211386245988,
        "Ry": 13.605693122994,
    },
    "heat flux": {"eV·Å/fs": 1 / FEMTOSECOND, "eV*A/fs": 1 / FEMTOSECOND},
    # Temperatures are energies: k_B is in the unit.
    "thermal conductivity": {"W/(m·K)": 1e-10 * _TIME_SI / 1.380649e-23, "W/(m*K)": 1e-10 * _TIME_SI / 1.380649e-23},
    "surface energy": {"J/m²": 1e-20 / _ELECTRON_VOLT_SI, "eV/Å²": 1.0},
    "force": {"eV/Å": 1.0, "eV/A": 1.0, "meV/Å": 1e-3},
    "mass": {"amu": 1.0},
    # Never inside: time on the clock on the wall.
    "wall time": {"s": 1.0, "min": 60.0, "h": 3600.0},
}
"""Dimension -> unit -> factor to internal. The first unit of a row is the one of bare numbers."""

_FACTORS = {unit: (kind, factor) for kind, row in _INTERNAL.items() for unit, factor in row.items()}
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S*)\s*")


def to_internal(value: float, unit: str) -> float:
    """A number in `unit`, inside."""
    return value * _FACTORS[unit][1]


def from_internal(value, unit: str):
    """An inside number or array, in `unit`."""
    return value / _FACTORS[unit][1]


def parse(text: str, unit: str) -> float:
    """`"10ps"` as a number in `unit` (say fs); a bare number has `unit` already."""
    # Keyboards and documents write Å in three ways.
    match = _QUANTITY.fullmatch(unicodedata.normalize("NFC", text))
    if match is None:
        raise InputError(f"{text!r} is not a number with an optional unit; write for example '10{unit}'")
    number, given = float(match[1]), match[2] or unit
    # "2/ps" is what people write for 2 1/ps.
    given = f"1{given}" if given.startswith("/") else given
    kind = _FACTORS[unit][0]
    if given not in _INTERNAL[kind]:
        raise InputError(f"{text!r}: {given!r} is no unit of {kind}; known: {', '.join(_INTERNAL[kind])}")
    return number * _ratio(given, unit)


def _ratio(unit: str, other: str) -> float:
    """How many `other` a `unit` has; 14 digits, so that 1 ps is 1000 fs and not 1000.0000000000001."""
    return float(f"{_FACTORS[unit][1] / _FACTORS[other][1]:.14g}")
