"""Conversions agree with ASE's constants and invert each other; text is read as a person writes it."""

import contextlib

import ase.units
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlip_nb import units
from mlip_nb.errors import InputError

UNITS = [unit for row in units._INTERNAL.values() for unit in row]
NUMBERS = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("fs", ase.units.fs),
        ("ps", 1e3 * ase.units.fs),
        ("1/ps", 1e-3 / ase.units.fs),
        ("K", ase.units.kB),
        ("GPa", ase.units.GPa),
        ("bar", ase.units.bar),
        ("nm", ase.units.nm),
        ("bohr", ase.units.Bohr),
        ("Ha", ase.units.Hartree),
        ("Ry", ase.units.Rydberg),
        ("kJ/mol", ase.units.kJ / ase.units.mol),
        ("kcal/mol", ase.units.kcal / ase.units.mol),
    ],
)
def test_constants_agree_with_ase(unit, expected):
    # ASE uses CODATA 2014; the two differ in the seventh digit.
    assert units.to_internal(1.0, unit) == pytest.approx(expected, rel=1e-6)


def test_the_time_unit_follows_from_the_others():
    """1 amu Å²/time² is 1 eV."""
    speed = units.ANGSTROM_PER_FEMTOSECOND * 1e5  # 1e5 m/s is 1 Å/fs
    kinetic = 0.5 * speed**2 / 1e10
    joule = 0.5 * 1.66053906660e-27 * (1e5) ** 2
    assert kinetic == pytest.approx(joule / 1.602176634e-19, rel=1e-12)


@given(number=NUMBERS, unit=st.sampled_from(UNITS))
def test_conversion_inverts(number, unit):
    assert units.from_internal(units.to_internal(number, unit), unit) == pytest.approx(number, rel=1e-12)


@given(number=NUMBERS, unit=st.sampled_from(UNITS), space=st.sampled_from(["", " ", "  "]))
def test_a_number_in_its_own_unit_is_read_exactly(number, unit, space):
    written = unit.removeprefix("1") if not space else unit
    assert units.parse(f"{number!r}{space}{written}", unit) == number
    assert units.parse(f"{space}{number!r}", unit) == number


@given(number=NUMBERS, unit=st.sampled_from(UNITS), wanted=st.sampled_from(UNITS))
def test_units_of_one_dimension_convert_and_others_are_refused(number, unit, wanted):
    kind = {name: row for row, names in units._INTERNAL.items() for name in names}
    if kind[unit] == kind[wanted]:
        there = units.parse(f"{number!r} {unit}", wanted)
        assert units.parse(f"{there!r} {wanted}", unit) == pytest.approx(number, rel=1e-12)
    else:
        with pytest.raises(InputError, match="is no unit of"):
            units.parse(f"{number!r} {unit}", wanted)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("10ps", "fs", 1e4),
        ("2 GPa", "GPa", 2),
        ("10kbar", "GPa", 1),
        (".5nm", "Å", 5),
        ("1e-3ns", "fs", 1e3),
        ("+3", "K", 3),
    ]
    + [("2/ps", "1/fs", 2e-3), ("2 1/ps", "1/ps", 2), ("1 \u212b", "Å", 1), ("1 A\u030a", "Å", 1)],
)
def test_text_is_read(text, unit, value):
    assert units.parse(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", ["", "ps", "ten ps", "1 2", "1..2", "nan", "inf", "1,5", "--1", "1e"])
def test_what_is_not_a_number_is_refused(text):
    with pytest.raises(InputError, match=r"not a number|is no unit"):
        units.parse(text, "fs")


@given(text=st.text(max_size=12))
def test_no_text_breaks_the_reader(text):
    with contextlib.suppress(InputError):
        assert isinstance(units.parse(text, "fs"), float)
