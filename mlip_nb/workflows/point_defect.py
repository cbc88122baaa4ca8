"""Formation energies of point defects, in supercells of growing size."""

import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

import annotated_types
import numpy as np

from ..errors import InputError
from ..params import Count, Energy
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..statics.defects import substituted, with_interstitial, without
from ..system import System, check, from_ase, to_ase
from ._property import Property
from ._statics import FRAMES, end_of, origin, unbroken
from .relax import Relax

if TYPE_CHECKING:
    import xarray as xr

Reservoirs = Mapping[str, float]
"""Energy of an atom, eV, of elements whose reservoir is not the crystal itself."""


class PointDefect(Property):
    r"""The energy of a point defect, at the volume of the crystal:

    $$E_f = E_\text{defect} - E_\text{crystal} - \sum_i \Delta n_i \mu_i$$

    with $\Delta n_i$ atoms more of element i, from a reservoir where an atom has the energy $\mu_i$.
    """

    verb: ClassVar[str]
    supercells: Annotated[tuple[Count, ...], annotated_types.MinLen(1)] = (2,)
    """Repeats of the structure along each vector; several make a series that is extrapolated in 1/atoms."""
    chemical_potentials: tuple[str, ...] = ()
    """Energies of an atom in its reservoir, eV, such as Ge=-4.6; that of the crystal where it is of one element."""
    expected: Energy | None = None
    """Formation energy to compare with; within 0.05 eV it passes."""
    relax_crystal: bool = True
    """Relax cell and positions of the perfect crystal first."""
    relaxation: Relax = Relax(moving="positions")
    """How the defect relaxes; displaced starts (--rattle) find what a symmetric start does not."""

    @abstractmethod
    def made(self, crystal: System, repeat: int) -> System:
        """The crystal, so many repeats of the structure along each vector, with its defect."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Formation energies by supercell; the two frames are start and end of the largest.

        **Raises:** `InputError` for what is not periodic, and for an element without a chemical potential.
        """
        reservoirs = self._check(system)
        start = end_of(unbroken(Relax(check=False).of(system, potential)), system) if self.relax_crystal else system
        cases = [self._case(start, repeat, potential, reservoirs) for repeat in sorted(self.supercells)]
        rows = {name: np.array([row[name] for row, _ in cases]) for name in cases[0][0]}
        frames = {name: cases[-1][1][name].values for name in FRAMES if name in cases[-1][1]}
        return build_dataset(
            {**frames, **rows, **_limit(rows)},
            attrs={
                **origin(self.verb, self, system, potential),
                "chemical_potentials": json.dumps(dict(reservoirs)),
                **({} if self.expected is None else {"expected": self.expected}),
            },
        )

    def _check(self, system: System) -> Reservoirs:
        check(system)
        if not all(system.pbc):
            raise InputError("a point defect needs a crystal, periodic in all directions; give it a cell")
        if self.relaxation.moving != "positions":
            raise InputError("moving: the volume is that of the crystal; leave --moving at positions")
        reservoirs = dict(_reservoir(text) for text in self.chemical_potentials)
        crystal = _repeated(system, repeat := min(self.supercells))
        for element, _ in _changes(crystal, self.made(crystal, repeat)):
            if element not in reservoirs and set(system.symbols) != {element}:
                raise InputError(
                    f"the reservoir of {element} is not known: {system.formula} is not {element} alone; give "
                    f"--chemical-potentials {element}=ENERGY"
                )
        return reservoirs

    def _case(self, start: System, repeat: int, potential: AbstractPotential, reservoirs: Reservoirs):
        """One supercell: its row, and the relaxation of its defect."""
        crystal = _repeated(start, repeat)
        defect = self.made(crystal, repeat)
        relaxed = unbroken(self.relaxation.of(defect, potential))
        energies = relaxed["start_enthalpy"].values
        perfect, changes = float(potential.evaluate(crystal).energy), _changes(crystal, defect)

        def formation(with_defect):
            atoms = sum(change * reservoirs.get(element, perfect / len(crystal.numbers)) for element, change in changes)
            return with_defect - perfect - atoms

        row = {
            "supercell": len(crystal.numbers),
            "unrelaxed_defect_energy": formation(float(relaxed["potential_energy"].values[0])),
            "trapped_defect_energy": formation(energies[0]),
            "defect_energy": formation(np.nanmin(energies)),
            "defect_curvature": float(relaxed.get("lowest_curvature", np.nan)),
        }
        return row, relaxed


class Vacancy(PointDefect):
    """One atom less."""

    verb = "vacancy"
    atom: int = 0
    """Which one, counted from 0 in the structure as it is given."""

    def made(self, crystal: System, repeat: int) -> System:
        """Without the atom."""
        return without(crystal, self.atom)


class Substitution(PointDefect):
    """Another element on a site."""

    verb = "substitution"
    element: str
    """Symbol of the element that comes in."""
    atom: int = 0
    """Whose place it takes, counted from 0 in the structure as it is given."""

    def made(self, crystal: System, repeat: int) -> System:
        """With the other element."""
        return substituted(crystal, self.atom, self.element)


class Interstitial(PointDefect):
    """One atom more."""

    verb = "interstitial"
    element: str | None = None
    """Symbol of the element that comes in; that of the crystal where it has one only."""
    place: tuple[float, float, float] | None = None
    """Where, in parts of the lattice vectors of the structure as it is given; the largest hole without it."""

    def made(self, crystal: System, repeat: int) -> System:
        """With the atom more: at the place in the first cell, or in the largest hole."""
        kinds = sorted(set(crystal.symbols))
        if self.element is None and len(kinds) > 1:
            raise InputError(f"element: {' or '.join(kinds)}, or another one? give --element")
        place = None if self.place is None else np.array(self.place) / repeat
        return with_interstitial(crystal, self.element or kinds[0], place)


def _changes(crystal: System, defect: System) -> tuple[tuple[str, int], ...]:
    """Atoms more of each element; fewer are negative."""
    more = Counter(defect.symbols)
    more.subtract(crystal.symbols)
    return tuple((element, change) for element, change in sorted(more.items()) if change)


def _reservoir(text: str) -> tuple[str, float]:
    element, _, energy = text.partition("=")
    try:
        return element.strip(), float(energy)
    except ValueError:
        raise InputError(f"chemical_potentials: {text!r} is not like Si=-5.42; give element and energy in eV") from None


def _repeated(system: System, repeat: int) -> System:
    return from_ase(to_ase(system).repeat(repeat))


def _limit(rows: Mapping[str, np.ndarray]) -> dict[str, float]:
    """By a straight line in the number of defects per atom, which elastic images follow."""
    if len(rows["supercell"]) < 2:
        return {}
    return {"defect_energy_limit": float(np.polyfit(1 / rows["supercell"], rows["defect_energy"], 1)[1])}
