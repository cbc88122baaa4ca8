"""Force constants of supercells by exact derivatives, handed to phonopy."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from pydantic import model_validator

from .. import units
from ..errors import InputError
from ..params import Count, Length
from ..potentials import AbstractPotential
from ..statics import Surface, acoustic, hessian_product, in_turns
from ..system import System, from_ase
from ._at_rest import check_crystal
from ._polar import born_charges, tensor
from ._property import Property

if TYPE_CHECKING:
    from phonopy import Phonopy
    from phonopy.structure.atoms import PhonopyAtoms

_MOST_ATOMS = 4096
TOLERANCE = 1e-3
"""Å, for symmetry: a relaxed structure has it to the accuracy of the forces."""
_SAME_MASS = 1e-6
_SKIN = 0.5
"""Å: with it cells of several volumes share one compiled program."""


class Supercell(Property):
    """How far force constants reach."""

    length: Length = 12.0
    """Least distance of opposite faces of the supercell: force constants die off well within half of it."""
    supercell: tuple[Count, Count, Count] | None = None
    """Copies of the cell along its three vectors, in place of the length."""
    mesh: Length = 60.0
    """How dense wave vectors are: that of a supercell so long, which meshes of phonopy are named by."""
    born_charges: tuple[str, ...] = ()
    """Born charges in units of e, of elements or of atoms by number, such as Na:1.09,Cl:-1.09 or Ti:7.1/7.1/5.8; with
    `dielectric` they split longitudinal and transverse optical vibrations."""
    dielectric: tuple[float, ...] = ()
    """Dielectric tensor of the electrons: one number, three, or nine."""

    @model_validator(mode="after")
    def _both_or_none(self) -> "Supercell":
        if bool(self.born_charges) != bool(self.dielectric):
            given, other = ("born_charges", "dielectric") if self.born_charges else ("dielectric", "born_charges")
            raise ValueError(f"{given} come with {other}; give both or none")
        return self

    def check(self, system: System, potential: AbstractPotential, what: str) -> None:
        """Before anything is compiled.

        **Raises:** `InputError` for what is no crystal, potentials without second derivatives, a supercell that is too
        large, and charges that are not those of the atoms.
        """
        check_crystal(system, potential, what)
        self.copies(system)
        if self.born_charges:
            born_charges(self.born_charges, system)
            _check_dielectric(tensor(self.dielectric, "dielectric"))

    def copies(self, system: System) -> tuple[int, ...]:
        """Along each lattice vector.

        **Raises:** `InputError` for a supercell that is too large.
        """
        heights = 1 / np.linalg.norm(np.linalg.inv(np.asarray(system.cell, float)), axis=0)
        copies = self.supercell or tuple(int(n) for n in np.ceil(self.length / heights - 1e-6))
        if (atoms := len(system.numbers) * int(np.prod(copies))) > _MOST_ATOMS:
            name, cure = ("supercell", "smaller") if self.supercell else ("length", "shorter")
            raise InputError(f"{name}: a supercell of {atoms} atoms, at most {_MOST_ATOMS} are taken; make it {cure}")
        return copies

    def polarise(self, phonons: "Phonopy", system: System) -> None:
        """Give phonopy the charges, if there are some: those that have the symmetry of the crystal.

        ??? cite "Reference"
            X. Gonze, C. Lee, *Phys. Rev. B* **55**, 10355 (1997), doi:10.1103/PhysRevB.55.10355
        """
        from phonopy.structure.symmetry import symmetrize_borns_and_epsilon

        if not self.born_charges:
            return
        charges, dielectric = symmetrize_borns_and_epsilon(
            born_charges(self.born_charges, system),
            tensor(self.dielectric, "dielectric"),
            phonons.unitcell,
            primitive=phonons.primitive,
            supercell_matrix=phonons.supercell_matrix,
            symprec=TOLERANCE,
        )
        phonons.nac_params = {"born": charges, "dielectric": dielectric, "factor": units.COULOMB, "method": "gonze"}


class Crystals:
    """Phonons of crystals of the same atoms: what the first compiles serves all."""

    def __init__(self, potential: AbstractPotential, settings: Supercell):
        self.potential, self.settings = potential, settings
        self._surface: Surface | None = None
        # Cells of several sizes get supercells of one shape, or else sums over them jump from one to the next.
        self._copies: tuple[int, ...] | None = None

    def phonons(self, system: System) -> "Phonopy":
        """Of a structure at rest, with its force constants.

        **Raises:** `InputError` for a supercell that is too large, and for isotopes of one element.
        """
        self._copies = self._copies or self.settings.copies(system)
        phonons = empty(system, self._copies)
        large, own = _undescribed(phonons.supercell), jnp.asarray(phonons.primitive.p2s_map)
        large = large.astype(self.potential.spec.state_precision)
        self._surface = self._table(large)
        phonons.forces = _answers(self._surface, large.positions, large.cell, _moves(phonons))
        phonons.produce_force_constants(calculate_full_force_constants=False, show_drift=False)
        phonons.force_constants = np.asarray(acoustic(jnp.asarray(phonons.force_constants), own), float)
        self.settings.polarise(phonons, system)
        return phonons

    def _table(self, system: System) -> Surface:
        former = self._surface
        return Surface.of(system, self.potential, _SKIN) if former is None else former.renewed(system)


def empty(system: System, copies: Sequence[int]) -> "Phonopy":
    """Of a crystal and its supercell, without force constants.

    **Raises:** `InputError` for isotopes of one element.
    """
    from phonopy import Phonopy
    from phonopy.structure.cells import guess_primitive_matrix

    cell = described(system)
    primitive = guess_primitive_matrix(cell, symprec=TOLERANCE)
    return Phonopy(cell, np.diag(copies), primitive_matrix=primitive, symprec=TOLERANCE)


def _moves(phonons: "Phonopy") -> Float[Array, "moves atoms 3"]:
    """Displacements of single atoms of which symmetry makes all others; of one Å, for answers are linear."""
    phonons.generate_displacements(distance=1.0, is_plusminus=False)
    moved = np.array(phonons.displacements, float)
    moves = np.zeros((len(moved), len(phonons.supercell), 3))
    moves[np.arange(len(moved)), moved[:, 0].astype(int)] = moved[:, 1:]
    return jnp.asarray(moves)


def _answers(surface: Surface, positions, cell, moves: Float[Array, "moves atoms 3"]) -> np.ndarray:
    """Forces by first order, exactly."""
    return -np.asarray(_products(surface, positions, cell, moves.astype(positions.dtype)), float)


@eqx.filter_jit
def _products(surface: Surface, positions, cell, moves):
    return in_turns(lambda move: hessian_product(surface.slopes, positions, cell, move), moves)


def _check_dielectric(values: np.ndarray) -> None:
    lowest = float(np.linalg.eigvalsh((values + values.T) / 2).min())
    if lowest < 1:
        raise InputError(f"dielectric: a constant of {lowest:.3g} in one direction; that of a vacuum is 1, give more")


def described(system: System) -> "PhonopyAtoms":
    from phonopy.structure.atoms import PhonopyAtoms

    _check_masses(system)
    cell = np.asarray(system.cell, float)
    return PhonopyAtoms(
        symbols=system.symbols,
        masses=np.asarray(system.masses, float),
        cell=cell,
        scaled_positions=np.asarray(system.positions, float) @ np.linalg.inv(cell),
    )


def _check_masses(system: System) -> None:
    """Symmetry is that of elements: isotopes would be taken for each other."""
    masses, symbols = np.asarray(system.masses, float), np.array(system.symbols)
    for element in sorted(set(system.symbols)):
        lightest, heaviest = np.min(masses[symbols == element]), np.max(masses[symbols == element])
        if heaviest - lightest > _SAME_MASS * heaviest:
            raise InputError(
                f"atoms of {element} have masses of {lightest:g} to {heaviest:g} amu; phonopy takes those of one "
                "element for alike, give them one mass"
            )


def _undescribed(atoms: "PhonopyAtoms") -> System:
    import ase

    return from_ase(
        ase.Atoms(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell, masses=atoms.masses, pbc=True)
    )
