"""Crystals of one element as a potential has them: size, elasticity, optical mode, vacancy."""

from dataclasses import dataclass

import jax
import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.optimize import BFGS

from mlip_nb import units
from mlip_nb.learn import Labelled, predictions
from mlip_nb.potentials import AbstractPotential, potential
from mlip_nb.system import from_ase

_STRAIN, _DISPLACEMENT = 0.005, 0.01
"""Of central differences: none, and Å."""
_SIZES = np.linspace(0.97, 1.03, 13)
_CALM = 0.005
"""eV/Å: forces after a relaxation."""
_ALONG, _SHEAR = np.diag([1.0, 0, 0]), np.array([[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0]])


@dataclass(frozen=True)
class Crystal:
    """A cubic crystal in the cell it was given; GPa where nothing else is said."""

    lattice: float
    """Where there would be no stress, Å; within 3 % of the cell."""
    pressure: float
    c11: float
    c12: float
    c44: float
    """Slopes of stress by strain, atoms where the strain puts them."""
    c44_relaxed: float
    """The same with atoms where no force acts on them."""
    optical: float
    """Frequency of one sublattice against the other, THz; NaN where there is one lattice."""

    @property
    def bulk(self) -> float:
        """Bulk modulus."""
        return (self.c11 + 2 * self.c12) / 3


def committee_of(name: str) -> list[AbstractPotential]:
    """The mean of a potential's members, and each of them; double precision, one compiled program for all members."""
    inner = potential(name, precision="float64").inner
    return [inner, *(jax.tree.map(lambda leaf, k=k: leaf[k], inner.members) for k in range(inner.spec.members))]


def crystal(symbol: str, cell: float, model: AbstractPotential) -> Crystal:
    """At a lattice constant, Å. Everything is a derivative of stresses and forces of primitive cells."""
    primitive = bulk(symbol, a=cell)
    strained = [_strained(primitive, sign * _STRAIN * kind) for kind in (_ALONG, _SHEAR) for sign in (1, -1)]
    moved = [_moved(primitive, sign * _DISPLACEMENT) for sign in (1, -1)]
    sizes = [bulk(symbol, a=cell * size) for size in _SIZES]
    found = predictions(model, [_frame(atoms) for atoms in (primitive, *strained, *moved, *sizes)])
    stresses = found.stresses / units.GIGAPASCAL
    forces = found.forces.reshape(len(stresses), len(primitive), 3)[:, 0]
    along, shear = ((stresses[k] - stresses[k + 1]) / (2 * _STRAIN) for k in (1, 3))
    spring = -(forces[5, 0] - forces[6, 0]) / (2 * _DISPLACEMENT)
    pulled = (forces[3, 2] - forces[4, 2]) / (2 * _STRAIN)
    softening = pulled**2 / spring / primitive.get_volume() / units.GIGAPASCAL if len(primitive) > 1 else 0.0
    return Crystal(
        lattice=cell * _root(-np.trace(stresses[7:], axis1=1, axis2=2) / 3),
        pressure=float(-np.trace(stresses[0]) / 3),
        c11=float(along[0, 0]),
        c12=float(along[1, 1]),
        c44=float(shear[0, 1]),
        c44_relaxed=float(shear[0, 1] - softening),
        optical=_frequency(spring, primitive),
    )


def vacancy_energy(symbol: str, lattice: float, model: AbstractPotential, repeat: int) -> float:
    """To take one atom from a supercell of conventional cells to the crystal, eV; relaxed at constant volume."""
    perfect = bulk(symbol, a=lattice, cubic=True).repeat(repeat)
    rest = perfect.copy()
    del rest[0]
    # Off the symmetric arrangement, which may be a saddle.
    rest.rattle(0.02, seed=0)
    rest.calc = model.calculator()
    assert BFGS(rest, logfile=None).run(fmax=_CALM, steps=300), f"{symbol}: forces are not below {_CALM} eV/Å"
    whole = predictions(model, [_frame(perfect)]).energies[0] / len(perfect)
    return float(rest.get_potential_energy() - len(rest) * whole)


def _frame(atoms: Atoms) -> Labelled:
    return Labelled(from_ase(atoms), None, None, None)


def _strained(atoms: Atoms, strain: np.ndarray) -> Atoms:
    strained = atoms.copy()
    strained.set_cell(atoms.cell.array @ (np.eye(3) + strain), scale_atoms=True)
    return strained


def _moved(atoms: Atoms, distance: float) -> Atoms:
    moved = atoms.copy()
    moved.positions[0, 0] += distance
    return moved


def _root(pressures: np.ndarray) -> float:
    """The size at which the pressure vanishes; NaN when there is none."""
    fit = np.polynomial.Polynomial.fit(_SIZES, pressures, 5)
    inside = [root.real for root in fit.roots() if abs(root.imag) < 1e-9 and _SIZES[0] < root.real < _SIZES[-1]]
    return float(inside[0]) if len(inside) == 1 else np.nan


def _frequency(spring: float, primitive: Atoms) -> float:
    if len(primitive) == 1:
        return np.nan
    # Both atoms move: the reduced mass is half of one.
    return float(units.from_internal(np.sqrt(2 * spring / primitive.get_masses()[0]) / (2 * np.pi), "THz"))
