"""What a design may change, declared once and packed into a vector of numbers near one."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Int, PRNGKeyArray

from .. import units
from ..errors import InputError, unknown
from ..potentials import AbstractPotential
from ..statics import Symmetry
from ..system import System
from .freedom import Freedom, freedom_of
from .medium import Arrangement, Medium, shares_of
from .neutrality import Charges, charges_of

SCALES = ("length", "energy")
"""Parameters that every potential has: all its lengths, all its energies."""
_LEAST = 1e-3
"""Share of an element below which its logit moves no faster."""


class Change(eqx.Module):
    """One design, as differences from the structure it began with; None for what is not varied."""

    along: Float[Array, " coordinates"] | None = None
    """Coordinates of positions and cell, Å."""
    logits: Float[Array, "elements groups"] | None = None
    """Logarithms of the shares of elements, up to a constant of each site."""
    exponents: dict[str, Array] | None = None
    """Logarithms of parameters over what they were."""
    pressure: Float[Array, ""] | None = None
    """GPa over ten."""


class Variables(eqx.Module):
    """How a vector becomes a design."""

    system: System
    potential: AbstractPotential
    freedom: Freedom | None
    sites: Float[Array, " sites"] | None
    """Atoms whose species is varied."""
    elements: Float[Array, " elements"] | None
    """Places of the elements that they may be, among those of the potential."""
    groups: Int[Array, " sites"] | None = None
    """Sites with one number have one species."""
    charges: Charges | None = None
    """None: whatever their charge."""
    parameters: tuple[str, ...] = eqx.field(static=True, default=())
    varies_pressure: bool = eqx.field(static=True, default=False)
    outside: float = eqx.field(static=True, default=0.0)
    """Pressure at the start, eV/Å³."""

    @property
    def blank(self) -> Change:
        """No change at all: of species, all elements alike."""
        return Change(
            None if self.freedom is None else jnp.zeros(self.freedom.size),
            None if self.sites is None else jnp.zeros((len(self.elements), int(np.asarray(self.groups).max()) + 1)),
            {name: jnp.zeros_like(_leaf(self.potential, name)) for name in self.parameters} or None,
            jnp.zeros(()) if self.varies_pressure else None,
        )

    @property
    def size(self) -> int:
        """How many numbers."""
        return len(ravel_pytree(self.blank)[0])

    def change(self, vector: Float[Array, " numbers"]) -> Change:
        """Unpacked."""
        return ravel_pytree(self.blank)[1](vector)

    def packed(self, change: Change) -> Float[Array, " numbers"]:
        """As a vector."""
        return ravel_pytree(change)[0]

    def start(self, key: PRNGKeyArray, noise: float) -> Float[Array, " numbers"]:
        """Near the structure, at random; of species near the even mixture."""
        return noise * jax.random.normal(key, (self.size,))

    def medium(self, change: Change, sharpness: Float[Array, ""]) -> Medium:
        """What it is made of; shares are those of logits times the sharpness."""
        exponents = change.exponents or {}
        scales = {name: jnp.exp(exponents.get(name, jnp.zeros(()))) for name in SCALES}
        potential, weights = self._with_parameters(exponents), self._weights(change, sharpness)
        return Medium(potential, weights, *scales.values(), self._pressure(change))

    def arrangement(self, change: Change) -> Arrangement:
        """Where atoms are before anything relaxes."""
        start = Arrangement(self.system.positions, self.system.cell)
        return start if self.freedom is None else self.freedom.changed(change.along, start)

    def shares(self, change: Change, sharpness=1.0) -> Float[Array, "elements groups"]:
        """Of the elements that a site may be."""
        logits = sharpness * change.logits
        return jax.nn.softmax(logits if self.charges is None else self.charges.neutral(logits), axis=0)

    def leverage(self, vector: Float[np.ndarray, " numbers"], sharpness: float) -> Float[np.ndarray, " numbers"]:
        """Shares of elements where numbers are logits, not less than a small one; ones elsewhere."""
        change = self.change(jnp.asarray(vector))
        ones = jax.tree.map(jnp.ones_like, change)
        if change.logits is not None:
            shares = jnp.maximum(self.shares(change, sharpness), _LEAST)
            ones = eqx.tree_at(lambda c: c.logits, ones, shares)
        return np.asarray(self.packed(ones))

    def _pressure(self, change: Change) -> Float[Array, ""] | None:
        if change.pressure is None:
            return jnp.asarray(self.outside) if self.outside else None
        return jnp.asarray(self.outside) + units.to_internal(10.0, "GPa") * change.pressure

    def _weights(self, change: Change, sharpness) -> Float[Array, "elements atoms"] | None:
        if self.sites is None:
            return None
        fixed = jnp.asarray(shares_of(self.system, self.potential))
        shares = self.shares(change, sharpness)[:, self.groups]
        varied = jnp.zeros((len(fixed), len(self.sites))).at[self.elements].set(shares)
        return fixed.at[:, self.sites].set(varied)

    def _with_parameters(self, exponents: dict[str, Array]) -> AbstractPotential:
        potential = self.potential
        for name in (name for name in self.parameters if name not in SCALES):
            leaf, exponent = _leaf(potential, name), exponents[name]
            # A table of pairs stays the same in either order.
            even = (exponent + exponent.T) / 2 if exponent.ndim == 2 and len(set(exponent.shape)) == 1 else exponent
            potential = eqx.tree_at(lambda p, name=name: getattr(p, name), potential, leaf * jnp.exp(even))
        return potential


def variables_of(
    system: System,
    potential: AbstractPotential,
    vary: tuple[str, ...],
    *,
    cell: str = "full",
    elements: tuple[str, ...] = (),
    sites: np.ndarray | None = None,
    parameters: tuple[str, ...] = (),
    pressure: float = 0.0,
    symmetry: Symmetry | None = None,
    charges: dict[str, float] | None = None,
) -> Variables:
    """Of `positions`, `cell`, `species`, `parameters` and `pressure` those that are varied.

    With a `symmetry` what is varied keeps it; with `charges`, oxidation states of elements, species are neutral.

    **Raises:** `InputError` for what the structure or the potential does not have.
    """
    moves = {"positions", "cell"} & {*vary}
    if "cell" in moves and not any(system.pbc):
        raise InputError("--vary cell: nothing is periodic, so there is no cell to vary; leave it out")
    cell = cell if "cell" in moves else "fixed"
    free = freedom_of(system, positions="positions" in moves, cell=cell, symmetry=symmetry)
    if "species" in vary:
        shares_of(system, potential)
    places = _places(potential, elements) if "species" in vary else None
    chosen = np.arange(len(system.numbers)) if sites is None else sites
    groups = np.unique(chosen if symmetry is None else symmetry.orbits[chosen], return_inverse=True)[1]
    for name in parameters:
        _leaf(potential, name)
    return Variables(
        system,
        potential,
        free if moves else None,
        None if places is None else jnp.asarray(chosen),
        None if places is None else jnp.asarray(places),
        None if places is None else jnp.asarray(groups),
        charges_of(charges, system, potential, places, chosen, groups) if charges and places else None,
        parameters,
        "pressure" in vary,
        pressure,
    )


def _places(potential: AbstractPotential, elements: tuple[str, ...]) -> list[int]:
    known = potential.spec.elements or ()
    if missing := [symbol for symbol in elements if symbol not in known]:
        raise InputError(
            f"--elements {missing[0]}: {potential.spec.registered_name} covers {potential.spec.coverage}; choose among "
            "these, or take another potential"
        )
    if len(elements or known) < 2:
        raise InputError("--vary species needs two elements or more to choose from; give --elements, such as Si,Ge")
    return [known.index(symbol) for symbol in elements or known]


def _leaf(potential: AbstractPotential, name: str) -> Any:
    """**Raises:** `InputError` for a parameter that it does not have."""
    if name in SCALES:
        return jnp.zeros(())
    value = getattr(potential, name, None)
    if not eqx.is_inexact_array(value):
        arrays = [field for field, one in vars(potential).items() if eqx.is_inexact_array(one)]
        raise unknown(f"parameter of {potential.spec.registered_name}", name, [*SCALES, *arrays])
    return value
