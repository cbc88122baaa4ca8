"""What tells how far a potential can be trusted: one number an atom, and one way to ask for it."""

import abc
import dataclasses
from collections.abc import Sequence
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..learn import Labelled
from ..learn.evaluate import Labels, predictions
from ..neighbors import Neighbors, finder
from ..params import Params
from ..potentials import AbstractGraphPotential, Edges, Graph, forces_from
from ..registry import Registry
from ..system import System
from ._graphs import graphs_of

uncertainties: Registry["UncertaintySpec"] = Registry("uncertainty", "mlip_nb.uncertainty")
"""Every source of uncertainties known by name."""


class Assessment(eqx.Module):
    """Of one system: once it is calibrated the standard deviation of a component of the force, eV/Å."""

    atoms: Float[Array, " atoms"]
    """In the order of the system."""

    @property
    def frame(self) -> Float[Array, ""]:
        """Of the whole: the largest of its atoms, since one bond that breaks is enough."""
        return jnp.max(self.atoms)


class AbstractUncertainty(eqx.Module):
    """Says of every atom how far off its force may be. Write `of_graph`, get everything else."""

    potential: eqx.AbstractVar[AbstractGraphPotential]
    differentiable: ClassVar[bool] = True
    """Whether it can be differentiated by positions and strain, as an attack does."""
    unit: ClassVar[str] = "1"
    """Of `of_graph`."""
    limit: ClassVar[float | None] = None
    """Value above which it is an alarm by itself; None where only calibration tells."""

    @abc.abstractmethod
    def of_graph(self, graph: Graph) -> Float[Array, " atoms"]:
        """Grows with the error that is to be expected."""

    def assess(self, system: System, neighbors: Neighbors | None = None) -> Assessment:
        """Of one system; inside jit give `neighbors`, a table for the potential's cutoff.

        **Raises:** `InputError` when the potential does not cover the system.
        """
        if neighbors is not None:
            return _assessed(self, system, neighbors)
        self.potential.check(system)
        neighbors = finder(self.potential.cutoff, 0.0).allocate(system)
        return _compiled(self, system, neighbors)

    def of_frames(self, frames: Sequence[Labelled]) -> list[Float[np.ndarray, " atoms"]]:
        """Of every frame, in batches: one program for all of them."""
        return [np.asarray(one, float) for one in graphs_of(self.potential, frames).each(_of_graph, self)]


class UncertaintySpec(Params):
    """Where uncertainties come from."""

    registry: ClassVar[Registry] = uncertainties
    differentiable: ClassVar[bool] = True
    """Of what it makes."""

    @abc.abstractmethod
    def fitted(self, potential: AbstractGraphPotential, frames: Sequence[Labelled] = ()) -> AbstractUncertainty:
        """To what the potential was trained on.

        **Raises:** `InputError` for a potential that cannot have it, or for no frames where they are needed.
        """

    def _check_frames(self, frames: Sequence[Labelled]) -> None:
        if not frames:
            raise InputError(
                f"{self.registered_name} compares with the frames that the potential was trained on; give them"
            )


def force_errors(
    uncertainty: AbstractUncertainty, frames: Sequence[Labelled]
) -> tuple[Float[np.ndarray, " sites"], Float[np.ndarray, "sites 3"]]:
    """Uncertainties and errors of the forces of all atoms that have labels, one after another.

    **Raises:** `InputError` when no frame has forces.
    """
    if all(frame.forces is None for frame in frames):
        raise InputError("no frame has forces; uncertainties are calibrated against errors of forces")
    labels = Labels.of(frames).forces
    known = np.isfinite(labels).all(axis=1)
    sigma = np.concatenate(uncertainty.of_frames(frames))
    return sigma[known], (predictions(uncertainty.potential, frames).forces - labels)[known]


@eqx.filter_jit
def _of_graph(uncertainty: AbstractUncertainty, graph: Graph) -> Float[Array, " atoms"]:
    return uncertainty.of_graph(graph)


def _assessed(uncertainty: AbstractUncertainty, system: System, neighbors: Neighbors) -> Assessment:
    order, potential = neighbors.order, uncertainty.potential
    edges = Edges(system.positions[order].T, system.cell, system.numbers[order], neighbors)
    vectors = jnp.stack(edges.vectors())
    dtype = vectors.dtype if potential.spec.precision == "float64" else jnp.float32
    values = uncertainty.of_graph(potential.graph(edges, vectors.astype(dtype)))
    return Assessment(values[jnp.argsort(order)].astype(vectors.dtype))


_compiled = eqx.filter_jit(_assessed)


def forces_on(potential: AbstractGraphPotential, graph: Graph) -> Float[Array, "3 atoms"]:
    """Forces from edges alone, by autodiff of the one method; can be differentiated again."""

    def energy(vectors):
        return jnp.sum(potential.atomic_energies(dataclasses.replace(graph, vectors=vectors)))

    return forces_from(jnp.where(graph.mask, jax.grad(energy)(graph.vectors), 0), graph)
