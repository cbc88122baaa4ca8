"""Atoms in a cell, as an immutable pytree."""

import warnings
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from . import _jax, units  # noqa: F401 - sets JAX up
from ._table import Facts
from .errors import InputError

if TYPE_CHECKING:
    import ase

CLOSEST = 0.3
"""Atoms nearer than this, Å, are a mistake in the structure: the shortest bond there is, H2, has 0.74."""

FARTHEST = 1e8
"""Coordinates and lattice vectors beyond this, Å, are a mistake in the structure: one centimetre. Up to there double
precision still tells lengths of 1e-8 Å apart."""


class System(eqx.Module):
    """Atoms in a cell. Cartesian, unwrapped, Å and amu; lattice vectors in the rows of `cell`.

    A direction without periodic images may have a zero lattice vector. `momenta` are there when the
    source had velocities; a run draws them when they are not.
    """

    positions: Float[Array, "atoms 3"]
    numbers: Int[Array, " atoms"]
    masses: Float[Array, " atoms"]
    cell: Float[Array, "3 3"]
    momenta: Float[Array, "atoms 3"] | None = None
    pbc: tuple[bool, bool, bool] = eqx.field(static=True, default=(False, False, False))
    mobile: Bool[Array, " atoms"] | None = None
    """False for atoms that the structure holds in place; None when it holds none."""

    @property
    def symbols(self) -> list[str]:
        """Chemical symbols, one per atom."""
        from ase.data import chemical_symbols

        return [chemical_symbols[number] for number in np.asarray(self.numbers)]

    @property
    def formula(self) -> str:
        """Chemical formula, metals first."""
        from ase.formula import Formula

        return Formula.from_list(self.symbols).format("metal")

    @property
    def volume(self) -> Float[Array, ""]:
        """Cell volume, Å³; zero where no cell is defined."""
        return jnp.abs(jnp.linalg.det(self.cell))

    def astype(self, precision: str) -> "System":
        """The same system with its real numbers in `precision`."""
        floats, rest = eqx.partition(self, eqx.is_inexact_array)
        return eqx.combine(jax.tree.map(lambda leaf: leaf.astype(precision), floats), rest)

    def with_momenta(self, momenta: Float[Array, "atoms 3"]) -> "System":
        """The same atoms, moving with these momenta."""
        return System(self.positions, self.numbers, self.masses, self.cell, momenta, self.pbc, self.mobile)

    def __repr__(self) -> str:
        return f"System({self.formula}, {_counted(self)}, periodic along {_periodic(self)})"

    def _repr_html_(self) -> str:
        from ase.geometry import cell_to_cellpar

        lengths, angles = np.split(cell_to_cellpar(np.asarray(self.cell, float)), 2)
        cell = f"{_listed(lengths)} Å; {_listed(angles)}°" if np.any(lengths) else "none"
        facts = {
            "formula": self.formula,
            "atoms": _counted(self).removesuffix(" atoms"),
            "periodic along": _periodic(self),
            "cell": cell,
            "volume": f"{float(self.volume):.6g} Å³" if self.volume else None,
            "moving": "as the source says" if self.momenta is not None else "velocities are drawn when a run starts",
        }
        return Facts("System", facts)._repr_html_()


def _counted(system: System) -> str:
    held = "" if system.mobile is None else f", {int((~system.mobile).sum())} held in place"
    return f"{len(system.numbers)} atoms{held}"


def _periodic(system: System) -> str:
    return "".join(axis for axis, yes in zip("abc", system.pbc, strict=True) if yes) or "none"


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{value:.5g}" for value in values)


def from_ase(atoms: "ase.Atoms") -> System:
    """The system of an `ase.Atoms`; its momenta come along when it has any, and atoms held by `FixAtoms`.

    Other constraints are not known here, and a warning says that they are left out.

    **Raises:** `InputError` for what no potential could evaluate (see `check`).
    """
    momenta = atoms.arrays.get("momenta")
    system = System(
        positions=jnp.asarray(atoms.positions, float),
        numbers=jnp.asarray(atoms.numbers, np.int32),
        masses=jnp.asarray(atoms.get_masses(), float),
        cell=jnp.asarray(atoms.cell.array, float),
        momenta=None if momenta is None else jnp.asarray(momenta, float),
        pbc=tuple(bool(periodic) for periodic in atoms.pbc),
        mobile=_mobile(atoms),
    )
    check(system)
    return system


def _mobile(atoms: "ase.Atoms") -> Bool[Array, " atoms"] | None:
    from ase.constraints import FixAtoms

    mobile = np.ones(len(atoms), bool)
    for constraint in atoms.constraints:
        if isinstance(constraint, FixAtoms):
            mobile[constraint.index] = False
        else:
            name = type(constraint).__name__
            warnings.warn(f"the constraint {name} is left out; only FixAtoms is kept", stacklevel=3)
    return None if mobile.all() else jnp.asarray(mobile)


def to_ase(system: System) -> "ase.Atoms":
    """The `ase.Atoms` of a system, float64; atoms held in place have ASE's `FixAtoms`."""
    import ase
    from ase.constraints import FixAtoms

    atoms = ase.Atoms(
        numbers=np.asarray(system.numbers),
        positions=np.asarray(system.positions, float),
        cell=np.asarray(system.cell, float),
        pbc=system.pbc,
    )
    atoms.set_masses(np.asarray(system.masses, float))
    if system.momenta is not None:
        atoms.set_momenta(np.asarray(system.momenta, float))
    if system.mobile is not None:
        atoms.set_constraint(FixAtoms(mask=~np.asarray(system.mobile)))
    return atoms


def check(system: Any) -> None:
    """Refuse, before anything is compiled, what cannot be simulated.

    **Raises:** `InputError` that names the atom or the lattice vectors and the next action.
    """
    if not isinstance(system, System):
        raise InputError(f"{type(system).__name__} is no System; mlip_nb.load makes one of it")
    positions, cell = np.asarray(system.positions, float), np.asarray(system.cell, float)
    if not len(positions):
        raise InputError("the structure has no atoms; load one that has")
    _check_atoms(system)
    _check_cell(cell, system.pbc)
    _check_overlap(positions, cell, system.pbc)


def _check_atoms(system: System) -> None:
    numbers, masses = np.asarray(system.numbers), np.asarray(system.masses)
    for name in ("positions", "momenta", "masses"):
        if (values := getattr(system, name)) is not None:
            bad = ~np.isfinite(np.asarray(values).reshape(len(numbers), -1)).all(axis=1)
            _refuse_atom(bad, f"has {name} that are not finite", values, "mend the structure")
    far = (np.abs(np.asarray(system.positions)) > FARTHEST).any(axis=1)
    _refuse_atom(far, f"is farther than {FARTHEST:g} Å from the origin", system.positions, "check the unit, Å")
    _refuse_atom(~np.isin(numbers, np.arange(1, 119)), "has no known element", numbers, "set its symbol")
    _refuse_atom(masses <= 0, "has a mass that is not positive", masses, "set its mass, amu")


def _refuse_atom(bad: np.ndarray, what: str, values: Array | np.ndarray, cure: str) -> None:
    if bad.any():
        atom = int(bad.argmax())
        raise InputError(f"atom {atom} {what} ({np.asarray(values)[atom]}); {cure}")


def _check_cell(cell: np.ndarray, pbc: tuple[bool, bool, bool]) -> None:
    if not np.isfinite(cell).all():
        raise InputError(f"the cell has entries that are not finite ({cell.tolist()}); set a cell or pbc=False")
    if (np.abs(cell) > FARTHEST).any():
        raise InputError(
            f"the cell has lattice vectors longer than {FARTHEST:g} Å ({cell.tolist()}); check the unit, Å"
        )
    periodic = cell[list(pbc)]
    lengths = np.linalg.norm(periodic, axis=1)
    spanned = np.sqrt(np.abs(np.linalg.det(periodic @ periodic.T))) if len(periodic) else 1.0
    if len(periodic) and spanned <= 1e-8 * max(np.prod(lengths), 1e-300):
        raise InputError(
            f"the periodic lattice vectors {periodic.tolist()} span no volume; "
            "set a cell with atoms.center(vacuum=...), or pbc=False"
        )


def _check_overlap(positions: np.ndarray, cell: np.ndarray, pbc: tuple[bool, bool, bool]) -> None:
    """Atoms at one place have infinite forces; found by a tree in a second for a million, before any compilation."""
    from scipy.spatial import KDTree

    atoms, points = _with_images(positions, cell, pbc)
    distances, nearest = KDTree(points).query(points[: len(positions)], k=2, distance_upper_bound=CLOSEST)
    # The nearest point is the atom itself, or another at the very same place.
    first = distances[:, 1].argmin()
    if distances[first, 1] < CLOSEST:
        second = next(atoms[point] for point in nearest[first] if point != first)
        raise InputError(
            f"atoms {first} and {second} overlap ({distances[first, 1]:.3f} Å apart); "
            "remove one of them, or check the cell and pbc"
        )


def _with_images(positions: np.ndarray, cell: np.ndarray, pbc: tuple[bool, bool, bool]):
    """Atoms in the cell and, for each of its faces, images of those so near to it that they may touch another."""
    from ase.cell import Cell

    atoms = np.arange(len(positions))
    complete = np.array(Cell(cell).complete())
    fractional = positions @ np.linalg.inv(complete)
    fractional -= np.where(pbc, np.floor(fractional), 0)
    near = CLOSEST * np.linalg.norm(np.linalg.inv(complete), axis=0)
    for axis in np.flatnonzero(pbc):
        sides = [(fractional[:, axis] < near[axis], 1), (fractional[:, axis] > 1 - near[axis], -1)]
        images = [fractional[close] + shift * np.eye(3)[axis] for close, shift in sides]
        atoms = np.concatenate([atoms, *(atoms[close] for close, _ in sides)])
        fractional = np.concatenate([fractional, *images])
    return atoms, fractional @ complete


def velocities(
    momenta: Float[Array | np.ndarray, "*frame atoms 3"], masses: Float[Array | np.ndarray, "atoms 1"]
) -> Float[Array | np.ndarray, "*frame atoms 3"]:
    """Velocities, Å/fs, as they are stored."""
    return momenta / masses / units.ANGSTROM_PER_FEMTOSECOND


def momenta_from_velocities(
    velocities: Float[Array | np.ndarray, "*frame atoms 3"], masses: Float[Array | np.ndarray, "atoms 1"]
) -> Float[Array | np.ndarray, "*frame atoms 3"]:
    """Momenta, internal units, of velocities in Å/fs: the inverse of `velocities`, to the last rounding."""
    return velocities * units.ANGSTROM_PER_FEMTOSECOND * masses
