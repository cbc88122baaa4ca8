"""What an attack may do to a structure: move atoms, strain the cell, both within bounds."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from ase.data import covalent_radii
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ..neighbors import Neighbors, finder
from ..potentials import AbstractGraphPotential, Edges, Graph
from ..statics import Symmetry, rigid_motions
from ..system import System

_TINY = 1e-300
"""What keeps a division by nothing finite."""
_BONDED = 1.2
"""Atoms are bonded that are nearer than so many sums of their covalent radii."""


class Perturbation(eqx.Module):
    r"""Atoms go to $(1 + \eta)(r + \delta)$, lattice vectors to $(1 + \eta) h$."""

    displacements: Float[Array, "atoms 3"]
    r"""δ, Å."""
    strain: Float[Array, "3 3"]
    r"""η, symmetric."""

    @property
    def lengths(self) -> Float[Array, " atoms"]:
        """Of the displacements, Å."""
        return jnp.sqrt(jnp.sum(self.displacements**2, axis=-1))

    @property
    def bending(self) -> Float[Array, ""]:
        """Norm of the strain."""
        return jnp.sqrt(jnp.sum(self.strain**2))

    def __add__(self, other: "Perturbation") -> "Perturbation":
        return jax.tree.map(jnp.add, self, other)

    def __mul__(self, factor) -> "Perturbation":
        return jax.tree.map(lambda leaf: factor * leaf, self)


class Bounds(eqx.Module):
    """How far it may go, and what it must leave alone."""

    radius: Float[Array, ""]
    """Longest displacement of an atom, Å."""
    strain: Float[Array, ""]
    """Largest norm of the strain."""
    mobile: Bool[Array, " atoms"]
    rigid: Float[Array, "motions atoms 3"]
    """Motions of the whole that change nothing, orthonormal."""
    symmetry: Symmetry | None = None
    """What is kept of the symmetry of the structure, if anything."""

    @classmethod
    def of(cls, system: System, radius: float, strain: float, symmetry: Symmetry | None = None) -> "Bounds":
        """Without translations, and without rotations where nothing is periodic; of held atoms none at all."""
        everybody = jnp.ones(len(system.numbers), bool)
        mobile = everybody if system.mobile is None else jnp.asarray(system.mobile)
        rigid = rigid_motions(system) if bool(mobile.all()) else np.zeros((0, len(system.numbers), 3))
        return cls(jnp.asarray(float(radius)), jnp.asarray(float(strain)), mobile, jnp.asarray(rigid), symmetry)

    def projected(self, one: Perturbation) -> Perturbation:
        """The nearest that is allowed: what moves the whole is taken out, too long displacements are cut."""
        free = self._free(one)
        # Cutting each by itself brings a little motion of the whole back, which changes nothing.
        cut = jnp.minimum(1.0, self.radius / jnp.maximum(free.lengths, _TINY))
        bent = jnp.minimum(1.0, self.strain / jnp.maximum(free.bending, _TINY))
        return Perturbation(cut[:, None] * free.displacements, bent * free.strain)

    def uphill(self, slope: Perturbation) -> Perturbation:
        """A step of the bounds' own size: no atom goes farther than the radius, and most go as far as that.

        Atoms with less than the usual slope go less far: those that are at their summit would leap over it.
        """
        free = self._free(slope)
        usual = jnp.sqrt(jnp.mean(free.lengths**2))
        unit = free.displacements / jnp.maximum(jnp.maximum(free.lengths, usual), _TINY)[:, None]
        return Perturbation(self.radius * unit, self.strain / jnp.maximum(free.bending, _TINY) * free.strain)

    def random(self, key: PRNGKeyArray, like: Float[Array, " atoms"], strain: Float[Array, ""]) -> Perturbation:
        """In random directions, as long as `like` says."""
        first, second = jax.random.split(key)
        bent = jax.random.normal(second, (3, 3))
        # What symmetry takes away is taken before lengths are set, or chance would be shorter.
        drawn = self._free(Perturbation(jax.random.normal(first, self.rigid.shape[1:]), bent + bent.T))
        scaled = drawn.displacements * (like / jnp.maximum(drawn.lengths, _TINY))[:, None]
        return self.projected(Perturbation(scaled, strain / jnp.maximum(drawn.bending, _TINY) * drawn.strain))

    def _free(self, one: Perturbation) -> Perturbation:
        """Of atoms that may move, without motions of the whole; the symmetric part of the strain."""
        moved, bent = jnp.where(self.mobile[:, None], one.displacements, 0), 0.5 * (one.strain + one.strain.T)
        moved = moved - jnp.einsum("man,mbk,bk->an", self.rigid, self.rigid, moved)
        if self.symmetry is None:
            return Perturbation(moved, bent)
        return Perturbation(self.symmetry.vectors(moved), self.symmetry.tensor(bent))


class Stage(eqx.Module):
    """The structure with a table of neighbours that serves wherever the bounds let it go."""

    system: System
    neighbors: Neighbors
    touching: Float[Array, " elements"]
    """Covalent radii by atomic number, Å."""
    bonds: Float[Array, "slots atoms"]
    """Lengths of bonds before anything moves, Å; infinite where there is none."""

    @classmethod
    def of(cls, system: System, potential: AbstractGraphPotential, bounds: Bounds) -> "Stage":
        """With a skin for two atoms that go apart and a cell that shrinks."""
        away = 2 * float(bounds.radius) + 2 * float(bounds.strain) * (potential.cutoff + 2 * float(bounds.radius))
        neighbors = finder(potential.cutoff, 1.05 * away + 0.01).allocate(system)
        # A strain shears: the table must not take the cell for a straight one, nor do derivatives by it.
        neighbors = dataclasses.replace(neighbors, grid=dataclasses.replace(neighbors.grid, orthorhombic=False))
        bare = cls(system, neighbors, jnp.asarray(covalent_radii), jnp.zeros(neighbors.others.shape))
        return dataclasses.replace(bare, bonds=_bonds(bare, potential))

    def moved(self, by: Perturbation) -> System:
        """The structure as it is then."""
        deformation = jnp.eye(3) + by.strain
        positions = (self.system.positions + by.displacements) @ deformation.T
        return eqx.tree_at(lambda s: (s.positions, s.cell), self.system, (positions, self.system.cell @ deformation.T))

    def graph(self, potential: AbstractGraphPotential, by: Perturbation) -> Graph:
        """What a potential sees of it, in the order of the table."""
        moved, order = self.moved(by), self.neighbors.order
        edges = Edges(moved.positions[order].T, moved.cell, moved.numbers[order], self.neighbors)
        vectors = jnp.stack(edges.vectors())
        precise = potential.spec.precision == "float64"
        return potential.graph(edges, vectors if precise else vectors.astype(jnp.float32))

    def closest(self, graph: Graph) -> Float[Array, ""]:
        """The shortest distance of two atoms over the sum of their covalent radii."""
        return jnp.min(jnp.where(graph.mask, graph.distances / self._contacts(graph), jnp.inf))

    def stretch(self, graph: Graph) -> Float[Array, ""]:
        """How much longer or shorter a bond has become, relative to its length; the largest of all."""
        return jnp.max(jnp.where(jnp.isfinite(self.bonds), jnp.abs(graph.distances / self.bonds - 1), 0))

    def bonded(self, graph: Graph) -> Float[Array, "slots atoms"]:
        """Lengths of bonds, Å; infinite where there is none."""
        near = graph.mask & (graph.distances < _BONDED * self._contacts(graph))
        return jnp.where(near, graph.distances, jnp.inf).astype(self.system.positions.dtype)

    def _contacts(self, graph: Graph) -> Float[Array, "slots atoms"]:
        """Sums of covalent radii, Å."""
        radii = self.touching[self.system.numbers[self.neighbors.order]]
        return radii + graph.gather(radii)


@eqx.filter_jit
def _bonds(stage: Stage, potential: AbstractGraphPotential) -> Float[Array, "slots atoms"]:
    atoms = stage.system.positions
    return stage.bonded(stage.graph(potential, Perturbation(jnp.zeros_like(atoms), jnp.zeros((3, 3), atoms.dtype))))
