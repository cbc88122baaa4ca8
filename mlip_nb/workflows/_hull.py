"""Formation energies and energies above the convex hull, of many structures by several potentials."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..learn import Labelled, predictions
from ..learn.members import committee_in, member_energies
from ..potentials import AbstractPotential
from ..properties.hull import compositions, convex_hull
from ..results import build_dataset
from ..system import System
from ._provenance import compared

if TYPE_CHECKING:
    import xarray as xr

_PARTS = {"formation_energy": "formation", "energy_above_hull": "above", "phase_products": "products"}


def hull(potentials: AbstractPotential | Mapping[str, AbstractPotential], structures: Sequence[System]) -> "xr.Dataset":
    """Energies of structures as they are, `[potential, phase]`, their convex hull and what they fall apart into.

    Of a committee, standard deviations over the hulls of its members come along: errors that phases have in common,
    such as those of an element, cancel as they do in the mean.

    **Raises:** `InputError` for fewer than two structures, elements that a potential does not cover, or an element
    without a structure of its own.
    """
    if isinstance(potentials, AbstractPotential):
        potentials = {potentials.spec.registered_name: potentials}
    if len(structures) < 2 or not potentials:
        raise InputError(f"a hull is spanned by two structures at least, of a potential; got {len(structures)}")
    frames = [Labelled(system, None, None, None, index=place) for place, system in enumerate(structures)]
    symbols, names = [np.array(system.symbols) for system in structures], _names(structures)
    elements, shares = compositions(symbols)
    atoms = np.array([len(one) for one in symbols])
    energies = {name: predictions(potential, frames).energies / atoms for name, potential in potentials.items()}
    hulls = [convex_hull(shares, one, elements, names) for one in energies.values()]
    spreads = [_spread(potential, structures, shares, elements, atoms) for potential in potentials.values()]
    return build_dataset(
        {
            "potential": np.array(list(potentials)),
            "phase": np.array(names),
            "element": np.array(elements),
            "share": shares,
            "phase_energy": np.stack(list(energies.values())),
            **{name: np.stack([getattr(one, part) for one in hulls]) for name, part in _PARTS.items()},
            "formation_energy_spread": np.stack([formation for formation, _ in spreads]),
            "energy_above_hull_spread": np.stack([above for _, above in spreads]),
        },
        attrs=compared("hull", potentials, frames),
    )


def _names(structures: Sequence[System]) -> list[str]:
    """Reduced formulas, counted where several structures have the same."""
    from ase.formula import Formula

    formulas = [Formula.from_list(system.symbols).reduce()[0].format("metal") for system in structures]
    return [
        f"{formula} ({formulas[:place].count(formula) + 1})" if formulas.count(formula) > 1 else formula
        for place, formula in enumerate(formulas)
    ]


def _spread(potential: AbstractPotential, structures, shares, elements, atoms) -> Float[np.ndarray, "2 phases"]:
    """Over the members of a committee; NaN for a single potential."""
    if (committee := committee_in(potential)) is None:
        return np.full((2, len(structures)), np.nan)
    hulls = [convex_hull(shares, one / atoms, elements) for one in member_energies(committee, structures)]
    return np.std([[one.formation, one.above] for one in hulls], axis=0, ddof=1)
