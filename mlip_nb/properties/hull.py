"""Convex hulls: what a phase falls apart into, and how much energy that sets free."""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from ..errors import InputError

_ROUNDING = 1e-9
"""eV/atom, of the programme: a phase so near to the hull is stable, and none lies below the hull it helps to span."""


@dataclass(frozen=True)
class Hull:
    """Phases against mixtures of all of them; energies in eV/atom."""

    formation: Float[np.ndarray, " phases"]
    """Less the same atoms in the most stable phase of each element."""
    above: Float[np.ndarray, " phases"]
    """Above the hull; zero for what is stable."""
    products: Float[np.ndarray, "phases phases"]
    """What each phase falls apart into: shares of the atoms."""
    chemical_potentials: Float[np.ndarray, "phases elements"]
    """Of the elements where the phase is, in eV: supporting planes of the hull."""


def convex_hull(
    shares: Float[np.ndarray, "phases elements"],
    energies: Float[np.ndarray, " phases"],
    elements: Sequence[str],
    names: Sequence[str] | None = None,
) -> Hull:
    r"""Phases of given composition (shares of the atoms, which add up to 1) and energy, eV/atom.

    $$E_\text{hull}(x) = \min_\lambda \sum_i \lambda_i E_i
    \quad\text{with}\quad \sum_i \lambda_i x_i = x,\ \lambda \ge 0,$$

    a linear programme, whose dual variables are the chemical potentials.

    ??? cite "Reference"
        S. P. Ong, L. Wang, B. Kang, G. Ceder, *Chem. Mater.* **20**, 1798 (2008), doi:10.1021/cm702327g

    **Raises:** `InputError` for an element without a phase of its own, or an energy that is not finite.
    """
    _check(shares, energies, elements, names)
    found = [cheapest_mixture(shares, energies, share) for share in shares]
    products, potentials = (np.array(part) for part in zip(*found, strict=True))
    pure = np.array([energies[shares[:, place] == 1].min() for place in range(shares.shape[1])])
    above = energies - products @ energies
    return Hull(energies - shares @ pure, np.where(above > _ROUNDING, above, 0.0), products, potentials)


def energy_above_hull(
    shares: Float[np.ndarray, "phases elements"], energies: Float[Array, " phases"], elements: Sequence[str]
) -> Float[Array, " phases"]:
    r"""The same number as `Hull.above` for JAX: its derivative by the energies is exact.

    At the minimum $\partial E_\text{hull}/\partial E_i = \lambda_i$ (envelope theorem), so that what a phase falls
    apart into may be held fixed.
    """

    def products(energies):
        return convex_hull(shares, np.asarray(energies), elements).products.astype(energies.dtype)

    shape = jax.ShapeDtypeStruct((len(shares), len(shares)), energies.dtype)
    fixed = jax.pure_callback(products, shape, jax.lax.stop_gradient(energies))
    return jnp.maximum(energies - jax.lax.stop_gradient(fixed) @ energies, 0.0)


def cheapest_mixture(
    shares: Float[np.ndarray, "phases elements"],
    energies: Float[np.ndarray, " phases"],
    share: Float[np.ndarray, " one"],
) -> tuple[Float[np.ndarray, " phases"] | None, Float[np.ndarray, " one"]]:
    """The mixture of least energy with these shares of elements, and the chemical potentials there; no mixture (None)
    where the phases cannot make it."""
    from scipy.optimize import linprog

    found = linprog(energies, A_eq=shares.T, b_eq=share, bounds=(0, None), method="highs")
    return found.x, found.eqlin.marginals


def _check(shares: np.ndarray, energies: np.ndarray, elements: Sequence[str], names: Sequence[str] | None) -> None:
    if len(wrong := np.flatnonzero(~np.isfinite(energies))):
        named = names[wrong[0]] if names is not None else str(wrong[0])
        raise InputError(f"phase {named} has the energy {energies[wrong[0]]}; leave it out, or repair its structure")
    for element, share in zip(elements, np.asarray(shares).T, strict=True):
        if not np.any(share == 1):
            raise InputError(f"no phase of pure {element} among {len(shares)}: formation energies need one; add it")


def compositions(symbols: Sequence[Shaped[np.ndarray, " atoms"]]) -> tuple[list[str], Float[np.ndarray, "phases all"]]:
    """Elements in alphabetical order, and their shares among the atoms of every phase."""
    elements = sorted({str(symbol) for phase in symbols for symbol in phase})
    return elements, np.array([[np.mean(np.asarray(phase) == element) for element in elements] for phase in symbols])
