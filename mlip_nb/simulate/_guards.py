"""Guards: a simulation that has gone wrong ends with its cause, before it fills a disk with nonsense."""

from collections.abc import Iterator
from typing import Annotated

import annotated_types
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from .. import units
from ..errors import SimulationError
from ..neighbors import Neighbors
from ..params import Energy, Params, Positive, Temperature
from ._advance import Frame
from ._base import AbstractIntegrator, MDState
from ._ring import over_beads
from ._schedule import Ramp

_AS_IT_BEGAN = 0.5
"""A structure that is dense by choice, as in reduced units, may come closer than it began by this factor."""
_HOTTER = 10.0
"""How many times hotter than it began a simulation may become, whatever the bound says."""


class Guards(Params):
    """Bounds that no sound simulation leaves; beyond one the run ends, says why, and keeps its frames."""

    drift: Annotated[Energy, Positive] = 0.2
    """Most the conserved quantity may wander, per atom; not watched while a target follows a schedule."""
    hottest: Temperature = 20000.0
    """Highest temperature, where that is more than ten times the first one."""
    closest: Annotated[float, annotated_types.Ge(0)] = 0.4
    """Shortest distance of two atoms, in parts of the sum of their covalent radii."""
    swelling: Annotated[float, annotated_types.Gt(1)] = 8.0
    """Factor by which the volume may grow or shrink."""


class Signs(eqx.Module):
    """What is looked at between two chunks."""

    closeness: Float[Array, ""]
    """Smallest distance over the sum of the covalent radii; infinite where nobody has a neighbour."""
    pair: Int[Array, "2"]
    """Whose, in the caller's order."""
    bead: Int[Array, ""]
    """And which bead of theirs; -1 for point particles."""
    temperature: Float[Array, ""]
    """k_B T, eV."""
    volume: Float[Array, ""]
    """Å³."""


class Watch:
    """The guards of one simulation, and how it was when it began."""

    def __init__(self, guards: Guards, integrator: AbstractIntegrator, numbers: np.ndarray):
        self._guards, self._timestep, self._numbers = guards, integrator.timestep, numbers
        self._first: Signs | None = None
        self._level: float | None = None
        self._known: PyTree = {}
        self._sound = 0

    def check(self, frames: Frame, now: Signs, step: int, known: PyTree) -> None:
        """Look at new frames and the present state.

        **Raises:** `SimulationError` with what, where, since when, and what to try.
        """
        self._first = self._first or now
        cause = next(self._causes(now, frames, known), None)
        if cause is not None:
            raise SimulationError(f"{cause} (all was well at {self._clock(self._sound)})")
        self._sound = step

    def _causes(self, now: Signs, frames: Frame, known: PyTree) -> Iterator[str]:
        first, guards = self._first, self._guards
        if now.closeness < min(guards.closest, _AS_IT_BEGAN * float(first.closeness)):
            cure = "check that the potential covers such distances, or take a shorter timestep"
            yield f"{closest(now, self._numbers)}; {cure}"
        hottest = max(units.to_internal(guards.hottest, "K"), _HOTTER * float(first.temperature))
        if now.temperature > hottest:
            kelvin = units.from_internal(float(now.temperature), "K")
            cure = "take a shorter timestep, relax the structure first, or raise hottest"
            yield f"the temperature ran away to {kelvin:.3g} K; {cure}"
        ratio = float(now.volume / first.volume) if first.volume > 0 else 1.0
        if not 1 / guards.swelling < ratio < guards.swelling:
            cure = "check the pressure, take a longer pressure time, or equilibrate at constant volume first"
            yield f"the volume is {ratio:.3g} times what it was; {cure}"
        yield from self._drift(frames, known)

    def _drift(self, frames: Frame, known: PyTree) -> Iterator[str]:
        """The conserved quantity is one only while nobody moves its targets."""
        if not eqx.tree_equal(known, self._known):
            self._known, self._level = known, None
        values = np.asarray(frames.conserved, float)
        if not len(values) or any(isinstance(value, Ramp) for value in known.values()):
            return
        if self._level is None:
            self._level = values[0]
        drift = (values - self._level) / len(self._numbers)
        # A quantity that is not finite, as where there is none, compares False.
        if (np.abs(drift) > self._guards.drift).any():
            worst = np.argmax(np.abs(drift) > self._guards.drift)
            yield f"the conserved quantity has drifted by {drift[worst]:+.3g} eV per atom " + (
                f"at {self._clock(int(frames.step[worst]))}; take a shorter timestep, or raise drift"
            )

    def _clock(self, step: int) -> str:
        return f"step {step}, {step * units.from_internal(self._timestep, 'fs'):g} fs"


def signs(state: MDState, table: Neighbors) -> Signs:
    """The vital signs of a state."""
    closeness, pairs = over_beads(lambda positions: _closest(state, table, positions), state.beads)
    bead = jnp.argmin(closeness)
    return Signs(
        closeness=closeness[bead],
        pair=pairs[bead],
        bead=bead.astype(jnp.int32) if state.ring is not None else jnp.full((), -1, jnp.int32),
        temperature=state.temperature,
        volume=jnp.abs(jnp.linalg.det(state.cell)),
    )


def closest(now: Signs, numbers: np.ndarray) -> str:
    """Which atoms are closest, of what bead, and how close."""
    if not np.isfinite(now.closeness):
        return "no atom has a neighbour"
    names = _names(now.pair, numbers, int(now.bead))
    return f"{names} are at {float(now.closeness):.0%} of the sum of their covalent radii"


def _closest(state: MDState, table: Neighbors, positions: Float[Array, "3 atoms"]):
    """Smallest distance over the sum of the covalent radii, and whose it is."""
    radii = _covalent_radii(positions.dtype)[state.numbers]

    def nearer(slot, best):
        along = table.displacements(positions, state.cell, slot)
        other = table.others[slot]
        square = sum(d * d for d in along) / (radii + radii[other]) ** 2
        nearest, partner = best
        closer = table.used(slot) & (square < nearest)
        return jnp.where(closer, square, nearest), jnp.where(closer, other, partner)

    own = jnp.arange(len(radii), dtype=table.others.dtype)
    nothing = jnp.full(radii.shape, jnp.inf, radii.dtype)
    nearest, partner = jax.lax.fori_loop(0, table.counts.max(), nearer, (nothing, own))
    column = jnp.argmin(nearest)
    return jnp.sqrt(nearest[column]), state.order[jnp.stack([own[column], partner[column]])]


def _covalent_radii(dtype) -> Float[Array, " elements"]:
    from ase.data import covalent_radii

    return jnp.asarray(covalent_radii, dtype)


def _names(pair, numbers: np.ndarray, bead: int) -> str:
    from ase.data import chemical_symbols

    first, second = (f"{int(atom)} ({chemical_symbols[int(numbers[int(atom)])]})" for atom in pair)
    return f"atoms {first} and {second}" + (f", bead {bead}," if bead >= 0 else "")
