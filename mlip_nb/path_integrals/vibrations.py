"""Vibrations of a relaxed structure: frequencies of its Hessian."""

import dataclasses
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..neighbors import Neighbors, finder
from ..potentials import AbstractPotential
from ..system import System, to_ase

if TYPE_CHECKING:
    import ase

_FORCE, _STEPS = 1e-4, 2000
"""eV/Å at which a structure is relaxed, and steps that may take."""
_DISPLACEMENT = 1e-3
"""Å, by which forces are differentiated where the potential has no derivatives of its own."""
_FLOATING = 1e-3
"""Part of the stiffest curvature below which a motion of the whole meets no resistance."""
_NEGATIVE = 1e-6
"""Part of the stiffest curvature up to which a negative one is rounding."""


def vibrations(system: System, potential: AbstractPotential) -> Float[np.ndarray, " modes"]:
    """Angular frequencies of the structure as the potential relaxes it in its cell, internal units, soft ones first.

    Translations and rotations of the whole are left out where nothing resists them, held atoms always. The Hessian is
    exact where the potential has derivatives, by differences of forces elsewhere.

    **Raises:** `InputError` where the structure does not relax, or is no minimum.
    """
    atoms, converged = relaxed(system, potential, force=_FORCE, steps=_STEPS)
    name = potential.spec.registered_name
    if not converged:
        raise InputError(f"{name} does not relax the structure to {_FORCE:g} eV/Å in {_STEPS} steps; relax it first")
    moves = np.repeat(np.ones(len(atoms), bool) if system.mobile is None else np.asarray(system.mobile), 3)
    weights = np.repeat(1 / np.sqrt(np.asarray(system.masses, float)), 3)
    curvature = weights[:, None] * _hessian(system, potential, atoms) * weights
    curvature = 0.5 * (curvature + curvature.T)[np.ix_(moves, moves)]
    inside = _inside(curvature, _motions_of_the_whole(atoms.positions, weights)) if moves.all() else np.eye(moves.sum())
    squares = np.linalg.eigvalsh(inside.T @ curvature @ inside)
    if wrong := int(np.sum(squares < -_NEGATIVE * squares[-1:])):
        raise InputError(f"{name} relaxes the structure to no minimum ({wrong} imaginary vibrations); displace atoms")
    return np.sqrt(np.maximum(squares, _NEGATIVE**2 * squares[-1:]))


def relaxed(system: System, potential: AbstractPotential, *, force: float, steps: int) -> "tuple[ase.Atoms, bool]":
    """The structure at rest in its cell, with the calculator, and whether no `force` (eV/Å) is larger."""
    from ase.optimize import FIRE

    atoms = to_ase(system)
    atoms.calc = potential.calculator()
    return atoms, bool(FIRE(atoms, logfile=None).run(fmax=force, steps=steps))


def _hessian(system: System, potential: AbstractPotential, atoms: "ase.Atoms") -> Float[np.ndarray, "all all"]:
    """eV/Å²."""
    if not potential.differentiable:
        return _by_differences(atoms)
    here = dataclasses.replace(system, positions=jnp.asarray(atoms.positions)).astype(potential.spec.state_precision)
    return np.asarray(_exact(here, potential, finder(potential.cutoff, 0.0).allocate(here)), float)


@eqx.filter_jit
def _exact(system: System, potential: AbstractPotential, table: Neighbors) -> Float[Array, "all all"]:
    def forces(positions):
        return potential.evaluate(dataclasses.replace(system, positions=positions), table).forces

    def row(direction):
        return -jax.jvp(forces, (system.positions,), (direction,))[1].ravel()

    size = system.positions.size
    return jax.lax.map(row, jnp.eye(size, dtype=system.positions.dtype).reshape(size, -1, 3))


def _by_differences(atoms: "ase.Atoms") -> Float[np.ndarray, "all all"]:
    sites, rows = atoms.positions.copy(), []
    for step in _DISPLACEMENT * np.eye(sites.size).reshape(-1, *sites.shape):
        pair = []
        for sign in (-1, 1):
            atoms.positions = sites + sign * step
            pair.append(atoms.get_forces(apply_constraint=False).ravel())
        rows.append((pair[0] - pair[1]) / (2 * _DISPLACEMENT))
    return np.array(rows)


def _motions_of_the_whole(positions: np.ndarray, weights: np.ndarray) -> Float[np.ndarray, "all motions"]:
    """Translations and rotations about the centre, mass-weighted, orthonormal; a column of zeros for none."""
    shifts = np.tile(np.eye(3), (len(positions), 1))
    arms = positions - np.average(positions, axis=0, weights=weights[::3] ** -2)
    turns = np.concatenate([np.cross(np.eye(3), arm).T for arm in arms])
    vectors = np.concatenate([shifts, turns], axis=1) / weights[:, None]
    basis, sizes, _ = np.linalg.svd(vectors, full_matrices=False)
    return basis * (sizes > 1e-6 * sizes[0])


def _inside(curvature: np.ndarray, whole: np.ndarray) -> Float[np.ndarray, "coordinates modes"]:
    """A basis of what is orthogonal to motions of the whole that nothing resists."""
    resistance, turned = np.linalg.eigh(whole.T @ curvature @ whole)
    vectors = whole @ turned
    there = np.linalg.norm(vectors, axis=0) > 0.5
    floating = vectors[:, there & (np.abs(resistance) <= _FLOATING * np.linalg.eigvalsh(curvature)[-1])]
    basis, _ = np.linalg.qr(np.concatenate([floating, np.eye(len(curvature))], axis=1))
    return basis[:, floating.shape[1] :]
