"""Derivatives of forces at the cost of forces: the Hessian of the energy is symmetric.

The gradient of a derivative along a direction is the derivative of the gradient along it. With E(r, h, θ) of positions,
cell and parameters, a cotangent c of the forces asks for the gradient of -∂E along c, which is -d/dt ∇E(r + t c, h, θ):
one forward-mode derivative of the force loop. It only gathers, needs nothing but positions, and exists for loops of
dynamic length. The strain derivative is one along a direction, too: that in which the cotangent strains r and h.
"""

import dataclasses
import operator
from collections.abc import Callable
from functools import partial, reduce

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero
from jaxtyping import Array, Float, PyTree

from ..neighbors import complete_cell
from ._base import (
    AbstractGraphPotential,
    AbstractPotential,
    Edges,
    FastPath,
    Parts,
    forces_from,
)
from ._pair import AbstractPairPotential
from ._slots import look
from ._transposable import transposable

_MOVABLE = ("parameters", "positions", "cell")
"""What derivatives are taken by, in the order of the primals."""

Slopes = tuple[PyTree, Float[Array, "3 atoms"], Float[Array, "3 3"]]
"""Derivatives of an energy by parameters, positions and cell."""


def differentiable(potential: AbstractPotential) -> Callable[[Edges], Parts]:
    """`potential.measure` with derivatives in both modes, by parameters, positions and cell.

    A potential that is not one of a graph is differentiated as it is written, by its `compute`.
    """
    if not isinstance(potential, AbstractGraphPotential):
        return potential.compute
    parameters, rest = eqx.partition(potential, eqx.is_inexact_array)
    constants, form = eqx.partition(rest, eqx.is_array)
    surface = _Surface(form)

    @jax.custom_jvp
    def measure(*primals):
        return surface.parts(*primals)

    def rule(primals, tangents):
        values, moving = measure(*primals), _moving(primals, tangents)
        pulls = (surface.pull_energies, surface.pull_forces, surface.pull_strain)
        changes = [
            transposable(partial(surface.push, part), _only(moving, pull), primals, moving, like=values[part])
            for part, pull in enumerate(pulls)
        ]
        return values, tuple(changes)

    measure.defjvp(rule, symbolic_zeros=True)

    def parts(edges: Edges) -> Parts:
        table = jax.lax.stop_gradient(edges.neighbors)
        return measure(parameters, edges.positions, edges.cell, (constants, edges.numbers, table))

    return parts


class _Surface(eqx.Module):
    """Energy, forces and strain derivative, how they change along a direction, and the transposes of that.

    Primals are the parameters, positions, the cell, and what is not differentiated.
    """

    form: AbstractGraphPotential
    """The potential without its arrays."""

    def parts(self, *primals) -> Parts:
        """What `measure` gives."""
        potential, edges = self._unpacked(primals)
        return potential.measure(edges)

    def push(self, part: int, primals, moving: dict[str, PyTree]) -> Array:
        """The change of one of the parts."""
        parameters, positions, cell, fixed = primals
        points = dict(zip(_MOVABLE, primals, strict=False))
        surfaces = {
            # A fast path may take a table of pairs for symmetric, and a tangent of it need not be.
            "parameters": lambda p: self._computed(p, positions, cell, fixed)[part],
            "positions": lambda r: self.parts(parameters, r, cell, fixed)[part],
            "cell": lambda h: self.parts(parameters, positions, h, _any_cell(fixed))[part],
        }
        changes = [jax.jvp(surfaces[name], (points[name],), (along,))[1] for name, along in moving.items()]
        return reduce(operator.add, changes)

    def pull_energies(self, primals, cotangent) -> Slopes:
        """Of weighted energies of atoms."""
        return _weighted_slopes(*self._unpacked(primals), cotangent)

    def pull_forces(self, primals, cotangent) -> Slopes:
        """Along minus the cotangent."""
        parameters, positions, *rest = primals
        return jax.jvp(lambda moved: self._slopes(parameters, moved, *rest), (positions,), (-cotangent,))[1]

    def pull_strain(self, primals, cotangent) -> Slopes:
        """Along the strained positions and cell, which are themselves positions and cell once more."""
        parameters, positions, cell, fixed = primals
        (_, by_positions, by_cell), (change, of_positions, of_cell) = jax.jvp(
            lambda moved, deformed: self._slopes(parameters, moved, deformed, _any_cell(fixed)),
            (positions, cell),
            (cotangent @ positions, cell @ cotangent.T),
        )
        return change, of_positions + cotangent.T @ by_positions, of_cell + by_cell @ cotangent

    def _slopes(self, *primals) -> Slopes:
        return _slopes(*self._unpacked(primals))

    def _computed(self, *primals) -> Parts:
        potential, edges = self._unpacked(primals)
        return potential.compute(edges)

    def _unpacked(self, primals) -> tuple[AbstractGraphPotential, Edges]:
        parameters, positions, cell, (constants, numbers, table) = primals
        return eqx.combine(parameters, constants, self.form), Edges(positions, cell, numbers, table)


def _moving(primals, tangents) -> dict[str, PyTree]:
    """Tangents of what moves at all; in a constant cell nobody asks for derivatives by it."""
    return {
        name: jax.tree.map(lambda p, t: jnp.zeros_like(p) if _rests(t) else t, primal, tangent, is_leaf=_rests)
        for name, primal, tangent in zip(_MOVABLE, primals, tangents, strict=False)
        if not all(map(_rests, jax.tree.leaves(tangent, is_leaf=_rests)))
    }


def _rests(tangent) -> bool:
    return isinstance(tangent, SymbolicZero)


def _only(moving: dict[str, PyTree], pull: Callable) -> Callable:
    """What a transpose has to give: slopes by what moves."""

    def pulled(primals, cotangent):
        slopes = dict(zip(_MOVABLE, pull(primals, cotangent), strict=True))
        return {name: slopes[name] for name in moving}

    return pulled


def _any_cell(fixed):
    """The same with a table that does not take the cell for diagonal: its derivatives are not."""
    constants, numbers, table = fixed
    grid = dataclasses.replace(table.grid, orthorhombic=False)
    return constants, numbers, dataclasses.replace(table, grid=grid)


def _slopes(potential: AbstractGraphPotential, edges: Edges) -> Slopes:
    """Of the total energy, by the fast path where there is one."""
    if not isinstance(potential, FastPath):
        return _weighted_slopes(potential, edges, jnp.ones_like(edges.positions[0]))
    _, forces, strain = potential.measure(edges)
    by_parameters = _folded_slope if isinstance(potential, AbstractPairPotential) else _slope
    return by_parameters(potential, edges), -forces, _by_cell(edges, -forces, strain)


def _weighted_slopes(potential: AbstractGraphPotential, edges: Edges, weights: Float[Array, " atoms"]) -> Slopes:
    """Of the energies of atoms times weights, by autodiff of the one method."""
    table, vectors = edges.neighbors, jnp.stack(edges.vectors())
    parameters, rest = eqx.partition(potential, eqx.is_inexact_array)

    def energy(parameters, vectors):
        whole = eqx.combine(parameters, rest)
        return jnp.sum(weights * whole.atomic_energies(whole.graph(edges, vectors)))

    by_parameters, by_vectors = jax.grad(energy, argnums=(0, 1))(parameters, vectors)
    by_positions = -forces_from(by_vectors, table)
    strain = jnp.einsum("aij,bij->ab", by_vectors, vectors)
    return by_parameters, by_positions, _by_cell(edges, by_positions, strain)


def _slope(potential: AbstractGraphPotential, edges: Edges) -> PyTree:
    """By parameters alone."""
    return _weighted_slopes(potential, edges, jnp.ones_like(edges.positions[0]))[0]


def _folded_slope(potential: AbstractPairPotential, edges: Edges) -> PyTree:
    """The same for pairs, slot by slot: nothing of the size of the table is made."""
    species = potential.species(edges.numbers)
    parameters, rest = eqx.partition(potential, eqx.is_inexact_array)

    def add(index, total):
        slot = look(edges, index, potential.cutoff)
        other = slot.gather(species)

        def energy(parameters):
            pairs = eqx.combine(parameters, rest).pair_energy(slot.r2, species, other)
            return 0.5 * jnp.sum(jnp.where(slot.inside, pairs, 0))

        return jax.tree.map(jnp.add, total, jax.grad(energy)(parameters))

    return edges.fold(add, jax.tree.map(jnp.zeros_like, parameters))


def _by_cell(edges: Edges, by_positions: Float[Array, "3 atoms"], strain: Float[Array, "3 3"]) -> Float[Array, "3 3"]:
    r"""∂E/∂h at fixed positions, from dE/dε = Σ_i ∂E/∂r_i ⊗ r_i + Σ_k ∂E/∂h_k ⊗ h_k."""
    pbc = edges.neighbors.grid.pbc
    remainder = strain - by_positions @ edges.positions.T
    return jnp.where(jnp.array(pbc)[:, None], (remainder @ jnp.linalg.inv(complete_cell(edges.cell, pbc))).T, 0)
