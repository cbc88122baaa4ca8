"""Values that quantities should have."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from .. import units
from ..errors import InputError, unknown
from .material import QUANTITIES, Material

_ZERO = 1e-9
"""A goal smaller than this is no scale for errors."""


def goal_of(text: str) -> tuple[str, float]:
    """Name and value of `bulk_modulus=90GPa`, in the unit of the quantity.

    **Raises:** `InputError` for an unknown quantity, one that is no number, or no value.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if name not in QUANTITIES:
        raise unknown("quantity", name, QUANTITIES)
    if not equals:
        raise InputError(f"{text!r} has no value; write for example {name}=1.0{QUANTITIES[name].unit}")
    return name, _number(value, QUANTITIES[name].unit)


def _number(value: str, unit: str) -> float:
    try:
        return float(value.removesuffix(unit).strip())
    except ValueError:
        pass
    try:
        return units.parse(value, unit)
    except KeyError:
        raise InputError(f"{value!r} is no number in {unit}") from None


def weight_of(text: str) -> tuple[str, float]:
    """Name and value of `bulk_modulus=2`.

    **Raises:** `InputError` for an unknown quantity, and for what is no number from zero on.
    """
    name, _, value = (part.strip() for part in text.partition("="))
    if name not in QUANTITIES:
        raise unknown("quantity", name, QUANTITIES)
    try:
        weight = float(value)
    except ValueError:
        weight = -1.0
    if not 0 <= weight < float("inf"):
        raise InputError(f"--weight {text!r} is no weight; write for example {name}=2, and zero for none")
    return name, weight


def _weighed(value: Any) -> Any:
    """`{"bulk_modulus": 2}`, `"bulk_modulus=2,volume=1"` and a list of texts are the same."""
    return tuple(f"{name}={number:.15g}" for name, number in dict(map(weight_of, _texts(value))).items())


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{name}={number}" for name, number in value.items()]
    return value.split(",") if isinstance(value, str) else list(value)


def _listed(value: Any) -> Any:
    """`{"bulk_modulus": 90}`, `"bulk_modulus=90GPa,volume=40"` and a list of texts are the same."""
    return tuple(f"{name}={number:.15g}" for name, number in dict(map(goal_of, _texts(value))).items())


Targets = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""Quantities and what they should be, as `name=value`."""


Weights = Annotated[tuple[str, ...], BeforeValidator(_weighed)]
"""Quantities and how much they count, as `name=value`."""


def scales(goals: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """Names, and what their errors are measured by: the goal itself, or one where that is zero."""
    return tuple((name, abs(goal) if abs(goal) > _ZERO else 1.0) for name, goal in goals.items())


def shares_wanted(text: str) -> dict[str, float]:
    """`Si=0.5,Ge=0.5` as shares.

    **Raises:** `InputError` for what is no share.
    """
    return _by_element(text, "--composition", "no share of an element; write Si=0.5")


def oxidation_states(text: str) -> dict[str, float]:
    """`Na=1,Cl=-1` as charges.

    **Raises:** `InputError` for what is no charge.
    """
    return _by_element(text, "--charges", "no oxidation state of an element; write Na=1")


def _by_element(text: str, flag: str, wrong: str) -> dict[str, float]:
    numbers = {}
    for part in text.split(",") if text else ():
        symbol, _, number = (piece.strip() for piece in part.partition("="))
        try:
            numbers[symbol] = float(number)
        except ValueError:
            raise InputError(f"{flag} {part!r} is {wrong}") from None
    return numbers


def composed(shares: dict[str, float]):
    """A constraint: a material has these shares of elements."""

    def differs(x: Material):
        import jax.numpy as jnp

        return jnp.stack([x.composition[symbol] - share for symbol, share in shares.items()])

    return differs
