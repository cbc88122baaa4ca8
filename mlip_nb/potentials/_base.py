"""What a potential is: one method over a graph; energy, forces and stress follow by autodiff."""

import abc
import dataclasses
import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Shaped

from .._table import Facts
from ..errors import InputError
from ..neighbors import Neighbors, block_of, complete_cell, finder, share_of
from ..system import System
from ._spec import PotentialSpec, covering

if TYPE_CHECKING:
    import ase.calculators.calculator


class Graph(eqx.Module):
    """What a potential sees: atoms and edges; no cell, no periodic boundary.

    Edges are slot-major: column = atom, row = slot. Unused slots and neighbours beyond the cutoff have
    `mask` False and a vector longer than the cutoff.
    """

    vectors: Float[Array, "3 slots atoms"]
    """Å, from the atom to its neighbour."""
    others: Int[Array, "slots atoms"]
    reverse: Int[Array, "slots atoms"]
    mask: Bool[Array, "slots atoms"]
    species: Int[Array, " atoms"] | Float[Array, "species atoms"]
    """Places in the potential's list of elements; or their weights, for potentials that know mixtures."""

    @property
    def is_mixed(self) -> bool:
        """Whether sites are mixtures of elements."""
        return jnp.issubdtype(self.species.dtype, jnp.floating)

    @property
    def distances(self) -> Float[Array, "slots atoms"]:
        """Lengths of the edges, Å; beyond the cutoff where `mask` is False."""
        return jnp.sqrt(jnp.sum(self.vectors**2, axis=0))

    def gather(self, values: Float[Array, "*features atoms"]) -> Float[Array, "*features slots atoms"]:
        """A quantity of atoms, at the far end of each edge."""
        return _gather(values, self.others, self.reverse, self.mask)


def kinds_of_pairs(graph: Graph) -> tuple[Int[Array, "own other slots atoms"], Int[Array, "own other slots atoms"]]:
    """Species at both ends of every edge, for all that two sites of a mixture may be."""
    count, edges = len(graph.species), graph.mask.shape
    kinds = jnp.arange(count)
    own, other = kinds[:, None, None, None], kinds[None, :, None, None]
    return jnp.broadcast_to(own, (count, count, *edges)), jnp.broadcast_to(other, (count, count, *edges))


@jax.custom_vjp
def _gather(values, others, reverse, mask):
    return values.at[..., others].get(mode="promise_in_bounds")


def _gather_forward(values, others, reverse, mask):
    # The plain gather: through the one with a rule of its own forward mode over this would be refused.
    return values.at[..., others].get(mode="promise_in_bounds"), (others, reverse, mask)


def _gather_backward(residuals, cotangents):
    # The edge i -> j gave j's value to i; seen from j that is its opposite edge. No scatter.
    others, reverse, mask = residuals
    back = at_opposite_edge(jnp.where(mask, cotangents, 0), others, reverse)
    return jnp.sum(jnp.where(mask, back, 0), axis=-2), None, None, None


_gather.defvjp(_gather_forward, _gather_backward)


def at_opposite_edge(
    values: Float[Array, "*features slots atoms"], others: Int[Array, "slots atoms"], reverse: Int[Array, "slots atoms"]
) -> Float[Array, "*features slots atoms"]:
    """A quantity of edges, at the edge that points the other way."""
    flat = values.reshape(*values.shape[:-2], -1)
    return flat.at[..., reverse * values.shape[-1] + others].get(mode="promise_in_bounds")


def forces_from(gradient: Float[Array, "3 slots atoms"], table: "Graph | Neighbors") -> Float[Array, "3 atoms"]:
    """Forces from the gradient of the energy with respect to edge vectors, which is zero in unused slots."""
    return jnp.sum(gradient - at_opposite_edge(gradient, table.others, table.reverse), axis=1)


class Edges(eqx.Module):
    """A system in table order together with its neighbour table: all the geometry there is."""

    positions: Float[Array, "3 atoms"]
    cell: Float[Array, "3 3"]
    numbers: Int[Array, " atoms"]
    neighbors: Neighbors
    hydrostatic: bool = eqx.field(static=True, default=False)
    """True: of the strain derivative only the trace is asked for, and a third of it on the diagonal will do."""
    begin: Int[Array, ""] | int = 0
    size: int | None = eqx.field(static=True, default=None)
    """Only so many atoms are asked for, from `begin` on; None: all."""

    def vectors(self, slot=slice(None)) -> list[Float[Array, "*slots own_atoms"]]:
        """x, y, z from atoms to neighbours, Å; one slot or all."""
        return self.neighbors.displacements(self.positions, self.cell, slot, self._block)

    def others(self, slot=slice(None)) -> Int[Array, "*slots own_atoms"]:
        """The neighbours; one slot or all."""
        return block_of(self.neighbors.others[slot], self._block)

    def own(self, values: Shaped[Array, "*features atoms"]) -> Shaped[Array, "*features own_atoms"]:
        """A quantity of all atoms, for those that are asked for."""
        return block_of(values, self._block)

    def block(self, begin: Int[Array, ""] | int, size: int) -> "Edges":
        """Those of some atoms; positions and numbers are still everybody's."""
        return self if size == len(self.numbers) else dataclasses.replace(self, begin=begin, size=size)

    def mine(self) -> "Edges":
        """Those of this device's share of the atoms."""
        return self.block(*share_of(len(self.numbers)))

    @property
    def _block(self) -> "tuple[Int[Array, ''] | int, int] | None":
        return None if self.size is None else (self.begin, self.size)

    def wrapped(self) -> Float[Array, "3 atoms"]:
        """Positions seen from the first atom and, where no image is written down, brought inside the cell.

        Small numbers keep more digits; the edges stay what they are.
        """
        table = self.neighbors
        # Not differentiated: edges do not depend on where one stands.
        positions = self.positions - jax.lax.stop_gradient(self.positions[:, :1])
        if table.shifts is not None or not any(table.grid.pbc):
            return positions
        basis = complete_cell(self.cell, table.grid.pbc)
        images = jnp.floor(jnp.linalg.inv(basis).T @ positions)
        return positions - basis.T @ jnp.where(jnp.array(table.grid.pbc)[:, None], images, 0)

    def fold(self, body, start):
        """`start` carried through `body(slot, carry)` for every slot in use; not reverse-differentiable."""
        return jax.lax.fori_loop(0, self.neighbors.counts.max(), body, start)


class Evaluation(eqx.Module):
    """Energy and its derivatives, in the order of the system that was asked about."""

    energy: Float[Array, ""]
    """eV."""
    energies: Float[Array, " atoms"]
    """Energy of each atom, eV; they sum to `energy`. How it is shared out is the potential's choice."""
    forces: Float[Array, "atoms 3"]
    """eV/Å."""
    stress: Float[Array, "3 3"] | None
    """Configurational part, eV/Å³, tension positive; None when it was not asked for or there is no volume."""


Parts = tuple[Float[Array, " atoms"], Float[Array, "3 atoms"], Float[Array, "3 3"]]
"""Energies of atoms (eV), forces (eV/Å), strain derivative (eV); table order."""


class AbstractPotential(eqx.Module):
    """A potential-energy surface. Array fields are parameters; all can be differentiated."""

    spec: eqx.AbstractVar[PotentialSpec]
    cutoff: eqx.AbstractVar[float]
    edge_cost: ClassVar[float] = 0.3
    """µs an edge takes on one core, roughly: what the best skin depends on."""
    needs_reverse: ClassVar[bool] = True
    """Whether `measure` asks the table for opposite edges; a loop over slots does not."""
    divides: ClassVar[bool] = False
    """Whether devices in a crew divide the atoms in `measure`; otherwise each would compute the whole."""

    mixes: ClassVar[bool] = False
    """Whether sites may be mixtures of elements: where a graph gives species as weights."""
    differentiable: ClassVar[bool] = True
    """Whether forces can be differentiated: not where they come from outside JAX."""

    @abc.abstractmethod
    def compute(self, edges: Edges) -> Parts:
        """Energies of atoms, forces, and the strain derivative of the energy (eV), in table order."""

    def measure(self, edges: Edges) -> Parts:
        """The same by the fast path where the potential has one; not for reverse-mode derivatives.

        Whoever takes the forces alone, as an integrator does, pays for them alone: XLA drops the rest.
        """
        return self._in_precision(self.fast_compute if isinstance(self, FastPath) else self.compute)(edges)

    def evaluate(self, system: System, neighbors: Neighbors | None = None, *, stress: bool = False) -> Evaluation:
        """Energy, forces and, when asked for, stress of a system, in the system's own order.

        Without `neighbors` a table is made on the host; inside jit pass one.

        **Raises:** `InputError` when the potential does not cover the system.
        """
        if neighbors is None:
            self.check(system)
            system = system.astype(self.spec.state_precision)
            neighbors = finder(self.cutoff, 0.0).allocate(system)
            return _compiled_evaluation(self._in_precision(self.compute), system, neighbors, stress=stress)
        return evaluation(self._in_precision(self.compute), system, neighbors, stress=stress)

    def calculator(self) -> "ase.calculators.calculator.Calculator":
        """An ASE calculator with energy, forces, energies and stress, so that every ASE tool can use this potential."""
        from ._calculator import PotentialCalculator

        return PotentialCalculator(self)

    def check(self, system: System) -> None:
        """Refuse a system this potential does not cover.

        **Raises:** `InputError` that names the element, and what covers it.
        """
        symbols = set(system.symbols)
        if not self.spec.covers(symbols):
            covers, present = self.spec.coverage, ", ".join(sorted(symbols))
            raise InputError(
                f"{self.spec.registered_name} covers {covers}; the system has {present}. {covering(symbols)}"
            )
        for axis, lengths in enumerate(np.linalg.norm(np.asarray(system.cell), axis=1)):
            if not system.pbc[axis] and 0 < lengths < self.cutoff:
                raise InputError(
                    f"lattice vector {'abc'[axis]} ({lengths:.2f} Å) is shorter than the cutoff ({self.cutoff:g} Å) "
                    "and has no periodic images; set pbc=True for a crystal, or a zero cell for a cluster"
                )

    def _in_precision(self, parts: "Callable[[Edges], Parts]") -> "Callable[[Edges], Parts]":
        """With mixed precision: single inside, double outside."""
        return MixedPrecision(parts) if self.spec.precision == "mixed" else parts

    def __repr__(self) -> str:
        # A tree in which JAX has replaced everything has no specification.
        if not isinstance(self.spec, PotentialSpec):
            return super().__repr__()
        return f"{type(self).__name__}({self.spec.registered_name} for {self.spec.coverage})"

    def _repr_html_(self) -> str:
        numbers = sum(leaf.size for leaf in jax.tree.leaves(eqx.filter(self, eqx.is_inexact_array)))
        facts = {
            "name": self.spec.registered_name,
            "covers": self.spec.coverage,
            "cutoff": f"{self.cutoff:g} Å" if self.cutoff else None,
            "precision": self.spec.precision,
            "parameters": numbers or None,
            "differentiable": "yes" if self.spec.differentiable else "no",
            "origin": self.spec.origin,
            "licence": self.spec.licence,
            "fingerprint": self.fingerprint[:12],
        }
        return Facts("Potential", facts)._repr_html_()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of specification and parameters: two potentials with one fingerprint are the same."""
        digest = hashlib.sha256(json.dumps(self.spec.describe(), sort_keys=True).encode())
        for leaf in jax.tree.leaves(eqx.filter(self, eqx.is_array)):
            digest.update(np.asarray(leaf).tobytes())
        return digest.hexdigest()


class MixedPrecision(eqx.Module):
    """Parts computed in single precision from a system in double, and added up in double."""

    parts: Callable[[Edges], Parts]

    def __call__(self, edges: Edges) -> Parts:
        """Energies, forces and strain derivative in the precision of the positions."""
        double = edges.positions.dtype
        wrapped, cell = edges.wrapped().astype("float32"), edges.cell.astype("float32")
        single = dataclasses.replace(edges, positions=wrapped, cell=cell)
        energies, forces, strain = self.parts(single)
        return energies.astype(double), forces.astype(double), strain.astype(double)


def from_edges(
    edges: Edges, vectors: Float[Array, "3 slots atoms"], gradient: Float[Array, "3 slots atoms"]
) -> tuple[Float[Array, "3 atoms"], Float[Array, "3 3"]]:
    """Forces and strain derivative from the gradient of the energy with respect to edge vectors."""
    table = edges.neighbors
    if table.reverse is None:
        raise ValueError("this table was made without opposite edges; make it by finder(cutoff, skin, reverse=True)")
    return forces_from(gradient, table), jnp.einsum("aij,bij->ab", gradient, vectors)


class AbstractGraphPotential(AbstractPotential):
    """A potential by the one-method rule: write `atomic_energies`, get everything else."""

    @abc.abstractmethod
    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """Energy of each atom, eV. The ONE method to write."""

    def compute(self, edges: Edges) -> Parts:
        """By the gradient with respect to edge vectors."""
        vectors = jnp.stack(edges.vectors())

        def total(vectors):
            energies = self.atomic_energies(self.graph(edges, vectors))
            return energies.sum(), energies

        gradient, energies = jax.grad(total, has_aux=True)(vectors)
        return energies, *from_edges(edges, vectors, gradient)

    def graph(self, edges: Edges, vectors: Float[Array, "3 slots atoms"]) -> Graph:
        """The graph of all edges, those out of reach masked."""
        table = edges.neighbors
        mask = table.used() & (jnp.sum(vectors**2, axis=0) < self.cutoff**2)
        # A masked edge has a harmless vector beyond the cutoff: |0| has a NaN gradient, and NaN * 0 is NaN.
        vectors = jnp.where(mask, vectors, self.cutoff)
        return Graph(vectors, table.others, table.reverse, mask, self.species(edges.numbers))

    def species(self, numbers: Int[Array, " atoms"]) -> Int[Array, " atoms"]:
        """Atomic numbers -> position in the potential's list of elements; 0 when it has none."""
        return jnp.zeros_like(numbers) if self.spec.elements is None else species_of(numbers, self.spec.elements)


def species_of(numbers: Int[Array, " atoms"], elements: tuple[str, ...]) -> Int[Array, " atoms"]:
    """Atomic numbers -> position in a list of elements."""
    from ase.data import atomic_numbers

    table = np.zeros(len(atomic_numbers), np.int32)
    table[[atomic_numbers[symbol] for symbol in elements]] = np.arange(len(elements))
    return jnp.asarray(table)[numbers]


class FastPath(eqx.Module):
    """A hand-written path; the suite of potentials holds it equal to autodiff of the one method."""

    @abc.abstractmethod
    def fast_compute(self, edges: Edges) -> Parts:
        """What `compute` gives, by loops over slots that gather only."""


VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""Components of a symmetric tensor in Voigt's order."""


def symmetric(voigt: Float[Array, "6"]) -> Float[Array, "3 3"]:
    """The tensor with these components."""
    return voigt[jnp.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])]


def evaluation(parts: Callable[[Edges], Parts], system: System, neighbors: Neighbors, *, stress: bool) -> Evaluation:
    """What `compute` or `measure` of a potential gives, in the order of the system."""
    order = neighbors.order
    energies, forces, strain = parts(Edges(system.positions[order].T, system.cell, system.numbers[order], neighbors))
    rank = jnp.argsort(order)
    return Evaluation(
        energy=energies.sum(),
        energies=energies[rank],
        forces=forces.T[rank],
        stress=strain / system.volume if stress and all(system.pbc) else None,
    )


_compiled_evaluation = eqx.filter_jit(evaluation)
