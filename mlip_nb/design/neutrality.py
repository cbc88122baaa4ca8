"""Mixtures without a charge: oxidation states of the elements on all sites add up to zero, whatever the logits are."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from ..errors import InputError
from ..potentials import AbstractPotential
from ..system import System

_HALVINGS = 120
"""Of a bracket, until it is as narrow as numbers can be."""
_NOTHING = 1e-12
"""A charge that is none."""
_GRAIN = 1e-6
"""By which charges of whole elements are told apart."""


class Charges(eqx.Module):
    r"""Shares are $w_{as} \propto e^{z_{as} + \mu q_a}$ with the potential $\mu$ at which the charge is zero.

    The charge grows with $\mu$, so that there is one; its derivatives are those of the implicit function theorem.
    """

    states: Float[Array, " elements"]
    """Oxidation states of the elements that a site may be."""
    copies: Float[Array, " groups"]
    """How many sites have the same logits."""
    fixed: float = eqx.field(static=True)
    """Of all sites whose species is not varied."""

    def total(self, shares: Float[Array, "elements groups"]) -> Float[Array, ""]:
        """Of a cell."""
        return self.fixed + self.states @ shares @ self.copies

    def neutral(self, logits: Float[Array, "elements groups"]) -> Float[Array, "elements groups"]:
        """The same logits with the potential at which shares are neutral."""
        held = jax.lax.stop_gradient(logits)
        potential = self._potential(held)
        change = jax.grad(lambda mu: self._charge(held, mu))(potential)
        # One of Newton's steps, which is nothing but for its derivative.
        step = jnp.where(change > 0, self._charge(logits, potential) / jnp.where(change > 0, change, 1.0), 0.0)
        return logits + (potential - step) * self.states[:, None]

    def check(self) -> None:
        """**Raises:** `InputError` where no choice of one element for every site is neutral."""
        if self.rounded(np.zeros((len(self.states), len(self.copies)))) is None:
            raise InputError(
                "--charges: no choice of elements for the sites adds up to zero; take other oxidation states, or more "
                "sites"
            )

    def rounded(self, logits: Float[np.ndarray, "elements groups"]) -> Int[np.ndarray, " groups"] | None:
        """The likeliest choice of one element for every group that is neutral: site by site, the best way to every
        charge. None where there is none."""
        best: dict[int, tuple[float, tuple[int, ...]]] = {_grains(self.fixed): (0.0, ())}
        states, copies = np.asarray(self.states), np.asarray(self.copies)
        for group in range(logits.shape[1]):
            ways: dict[int, tuple[float, tuple[int, ...]]] = {}
            for charge, (worth, chosen) in best.items():
                for element, state in enumerate(states):
                    there = charge + _grains(state * copies[group])
                    way = (worth + copies[group] * logits[element, group], (*chosen, element))
                    ways[there] = max(ways.get(there, way), way, key=lambda one: one[0])
            best = ways
        return np.array(best[0][1]) if 0 in best else None

    def _charge(self, logits, potential) -> Float[Array, ""]:
        return self.total(jax.nn.softmax(logits + potential * self.states[:, None], axis=0))

    def _potential(self, logits) -> Float[Array, ""]:
        apart = jnp.abs(self.states[:, None] - self.states)
        closest = jnp.min(jnp.where(apart > _GRAIN, apart, jnp.inf))
        # Beyond, shares of all but one state are nothing.
        far = (jnp.max(logits) - jnp.min(logits) + 100.0) / closest

        def halved(_, ends):
            low, high = ends
            middle = (low + high) / 2
            below = self._charge(logits, middle) < 0
            return jnp.where(below, middle, low), jnp.where(below, high, middle)

        low, high = jax.lax.fori_loop(0, _HALVINGS, halved, (-far, far))
        return jnp.where(jnp.abs(self._charge(logits, 0.0)) < _NOTHING, 0.0, (low + high) / 2)


def charges_of(
    states: dict[str, float],
    system: System,
    potential: AbstractPotential,
    places: list[int],
    sites: Int[np.ndarray, " sites"],
    groups: Int[np.ndarray, " sites"],
) -> Charges:
    """For these places of elements and sites.

    **Raises:** `InputError` for an element without oxidation state, and where nothing can be neutral.
    """
    others = np.delete(np.asarray(system.symbols), sites)
    elements = [(potential.spec.elements or ())[place] for place in places]
    if missing := sorted({*elements, *others} - {*states}):
        raise InputError(f"--charges: the oxidation state of {missing[0]} is missing; give {missing[0]}=NUMBER, too")
    copies = np.bincount(groups).astype(float)
    fixed = sum(states[symbol] for symbol in others)
    made = Charges(jnp.asarray([states[symbol] for symbol in elements]), jnp.asarray(copies), float(fixed))
    made.check()
    return made


def _grains(charge: float) -> int:
    return round(float(charge) / _GRAIN)
