"""The structures of a reaction, and the same made of other isotopes."""

import dataclasses
from collections import Counter
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from ..errors import InputError
from ..params import Mass, Params
from ..path_integrals._landscape import Landscape
from ..path_integrals.stationary import Stationary, find_minimum, find_saddle
from ..potentials import AbstractPotential
from ..system import System

AS_GIVEN = "as given"
"""What the isotopologue with the masses of the structures is called."""


class Isotopologue:
    """The stationary points of a reaction: the saddle, reactants, and what they say of the barrier, eV."""

    def __init__(self, structures: Sequence[System], reactants: int, potential: AbstractPotential):
        """Saddle, reactants, and the product if there is one."""
        self.landscape, *basins = landscapes = [Landscape(one, potential) for one in structures]
        self.saddle: Stationary = find_saddle(self.landscape)
        names = [*["reactant"] * reactants, "product"]
        relaxed = [find_minimum(one, name) for one, name in zip(basins, names, strict=False)]
        self.reactants = relaxed[:reactants]
        self.height = self.saddle.energy - sum(one.energy for one in self.reactants)
        self.reverse = self.saddle.energy - relaxed[-1].energy if len(basins) > reactants else self.height
        places = (
            one.positions(found.x[None])[0] for one, found in zip(landscapes, [self.saddle, *relaxed], strict=True)
        )
        self.structures = [
            dataclasses.replace(one, positions=jnp.asarray(where))
            for one, where in zip(structures, places, strict=True)
        ]
        """As they are when relaxed: the same for all isotopologues."""


class _Substitution(Params):
    """`H:2.014`."""

    atoms: str
    """Symbol of an element, or the number of an atom."""
    mass: Mass
    """New mass."""


def check_same_atoms(saddle: System, reactants: Sequence[System], product: System | None) -> None:
    """**Raises:** `InputError` where the atoms of the reactants, or of the product, are not those of the saddle."""
    if not 1 <= len(reactants) <= 2:
        raise InputError(f"reactant: one structure, or two that meet; got {len(reactants)}")
    sides = {"reactant": reactants, **({"product": [product]} if product else {})}
    for name, structures in sides.items():
        there = [symbol for one in structures for symbol in one.symbols]
        if Counter(there) != Counter(saddle.symbols):
            told = " + ".join(one.formula for one in structures)
            raise InputError(f"the {name} is {told}, the saddle {saddle.formula}; both need the same atoms")
        if len(structures) == 1 and there != saddle.symbols:
            atom = next(i for i, pair in enumerate(zip(there, saddle.symbols, strict=True)) if len({*pair}) > 1)
            raise InputError(
                f"atom {atom} is {there[atom]} in the {name} and {saddle.symbols[atom]} in the saddle; give both in "
                "one order"
            )


def substituted(structures: Sequence[System], name: str) -> list[System]:
    """The structures with the masses of an isotopologue.

    **Raises:** `InputError` for what is no isotope, and for atoms that are not there.
    """
    if name == AS_GIVEN:
        return list(structures)
    for part in name.split("+"):
        structures = _replaced(structures, _read(part))
    return list(structures)


def _read(part: str) -> _Substitution:
    atoms, colon, mass = part.strip().partition(":")
    if not colon:
        raise InputError(f"isotopes: {part!r} has no mass; write an element or the number of an atom, as in H:2.014")
    return _Substitution(atoms=atoms, mass=mass)


def _replaced(structures: Sequence[System], new: _Substitution) -> list[System]:
    alike = len({len(one.numbers) for one in structures}) == 1
    if new.atoms.isdigit() and not alike:
        raise InputError(f"isotopes: atom {new.atoms} has no number of its own in two reactants; name an element")
    if new.atoms.isdigit():
        chosen = [np.arange(len(one.numbers)) == int(new.atoms) for one in structures]
    else:
        chosen = [np.array(one.symbols) == new.atoms for one in structures]
    if not chosen[0].any():
        raise InputError(f"isotopes: {new.atoms} is not in {structures[0].formula}; name an element or an atom from 0")
    return [
        dataclasses.replace(one, masses=jnp.where(jnp.asarray(mask), new.mass, one.masses))
        for one, mask in zip(structures, chosen, strict=True)
    ]
