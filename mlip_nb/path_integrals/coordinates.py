"""Reaction coordinates: what tells products from reactants."""

import abc
import math
from collections.abc import Callable, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError, unknown
from ..system import System

Function = Callable[[Float[Array, "atoms 3"]], Float[Array, ""]]

_AXES = {"x": 0, "y": 1, "z": 2}
_HOW = {
    "distance": "distance:0,1",
    "difference": "difference:0,1,2 (of the distances 0-1 and 1-2) or difference:0,1,2,3 (of 0-1 and 2-3)",
    **{axis: f"{axis}:0" for axis in _AXES},
}
"""How each kind is written."""


class AbstractCoordinate(eqx.Module):
    """A smooth function of positions."""

    unit: eqx.AbstractVar[str]

    @abc.abstractmethod
    def __call__(self, positions: Float[Array, "atoms 3"]) -> Float[Array, ""]:
        """Its value; positions unwrapped, in the caller's order."""


class Cartesian(AbstractCoordinate):
    """One coordinate of one atom, Å."""

    atom: int = eqx.field(static=True)
    axis: int = eqx.field(static=True)
    unit: str = eqx.field(static=True, default="Å")

    def __call__(self, positions: Float[Array, "atoms 3"]) -> Float[Array, ""]:
        """Where it is."""
        return positions[self.atom, self.axis]


class Distance(AbstractCoordinate):
    """Between two atoms, Å: always the same images of them, those that are nearest at the start."""

    pair: tuple[int, int] = eqx.field(static=True)
    image: Float[Array, "3"]
    """Å from the second atom to its image."""
    unit: str = eqx.field(static=True, default="Å")

    def __call__(self, positions: Float[Array, "atoms 3"]) -> Float[Array, ""]:
        """How far they are apart."""
        first, second = self.pair
        along = positions[second] + self.image.astype(positions.dtype) - positions[first]
        return jnp.sqrt(jnp.sum(along**2))


class Difference(AbstractCoordinate):
    """Of two distances, Å: of the bond that breaks less that of the one that forms."""

    breaking: Distance
    forming: Distance
    unit: str = eqx.field(static=True, default="Å")

    def __call__(self, positions: Float[Array, "atoms 3"]) -> Float[Array, ""]:
        """Negative while the first bond is the shorter one."""
        return self.breaking(positions) - self.forming(positions)


class Given(AbstractCoordinate):
    """A function of the caller's, in a unit that only the caller knows."""

    function: Function = eqx.field(static=True)
    unit: str = eqx.field(static=True, default="1")

    def __call__(self, positions: Float[Array, "atoms 3"]) -> Float[Array, ""]:
        """What it gives."""
        return self.function(positions)


def coordinate_of(given: str | Function, system: System) -> AbstractCoordinate:
    """The coordinate that is named, such as `distance:0,1`, or that a differentiable function of positions is.

    **Raises:** `InputError` for a name or atoms that there are not, and for what has no value or slope at the system.
    """
    coordinate = Given(given) if callable(given) else _named(str(given), system)
    label = "the coordinate" if callable(given) else f"coordinate {given!r}"
    _check(coordinate, label, system)
    return coordinate


def _named(text: str, system: System) -> AbstractCoordinate:
    kind, _, rest = text.partition(":")
    if kind not in _HOW:
        raise unknown("coordinate", kind, _HOW)
    atoms = _atoms(text, kind, rest, len(system.numbers))
    if kind in _AXES and len(atoms) == 1:
        return Cartesian(atoms[0], _AXES[kind])
    if kind == "distance" and len(atoms) == 2:
        return _distance(atoms, system)
    if kind == "difference" and len(atoms) in (3, 4):
        return Difference(_distance(atoms[:2], system), _distance(atoms[-2:], system))
    raise InputError(f"coordinate {text!r} has {len(atoms)} atoms; write {_HOW[kind]}")


def _atoms(text: str, kind: str, rest: str, count: int) -> list[int]:
    try:
        atoms = [int(item) for item in rest.split(",")]
    except ValueError:
        raise InputError(f"coordinate {text!r} names no atoms; write {_HOW[kind]}") from None
    if wrong := [atom for atom in atoms if not 0 <= atom < count]:
        raise InputError(f"coordinate {text!r}: there is no atom {wrong[0]}; atoms are 0 to {count - 1}")
    return atoms


def _distance(pair: Sequence[int], system: System) -> Distance:
    first, second = pair
    cell, periodic = np.asarray(system.cell, float), np.asarray(system.pbc)
    image = np.zeros(3)
    if periodic.any():
        from ase.geometry import find_mic

        along = np.asarray(system.positions[second] - system.positions[first], float)
        image = find_mic(along, cell, periodic)[0] - along
    return Distance((first, second), jnp.asarray(image))


def _check(coordinate: AbstractCoordinate, label: str, system: System) -> None:
    """**Raises:** `InputError` for no number, or a slope that vanishes for all atoms that move."""
    try:
        value, slope = jax.value_and_grad(coordinate)(jnp.asarray(system.positions))
    except TypeError as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{label} is not one differentiable number of positions [atoms 3]: {reason}") from error
    if not math.isfinite(value):
        raise InputError(f"{label} is {float(value)} at this structure; give one that is finite and smooth there")
    moving = np.asarray(slope) if system.mobile is None else np.asarray(slope)[np.asarray(system.mobile)]
    if not np.isfinite(moving).all() or not np.abs(moving).max(initial=0) > 0:
        raise InputError(f"{label} has no slope by atoms that move at this structure; give one that depends on them")
