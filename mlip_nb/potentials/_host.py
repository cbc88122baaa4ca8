"""Potentials that are evaluated outside JAX, through a host callback."""

import abc
from typing import ClassVar

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, UInt8

from ..errors import InputError
from ._base import AbstractPotential, Edges, Parts
from ._spec import PotentialSpec


class AbstractHost(abc.ABC):
    """What answers the callback."""

    @abc.abstractmethod
    def evaluate(self, positions, numbers, cell, pbc, dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Energies `[atoms]`, forces `[3, atoms]` and strain derivative of atoms at positions `[3, atoms]`."""


class HostPotential(AbstractPotential):
    """Energies, forces and stress from outside, one call of the host for each evaluation.

    Not differentiable: what the host does is not seen by JAX. With a cutoff of zero there are no neighbours of ours,
    so atoms keep the caller's order and a host may rely on it.
    """

    host: AbstractHost = eqx.field(static=True)
    contents: UInt8[Array, " bytes"]
    """A digest of files the host has read, so that fingerprints tell them apart; empty when there are none."""
    cutoff: float = eqx.field(static=True)
    spec: PotentialSpec = eqx.field(static=True)
    differentiable: ClassVar[bool] = False

    def compute(self, edges: Edges) -> Parts:
        """What the host says; what it does not know is not a number."""
        atoms, dtype = edges.positions.shape[1], edges.positions.dtype
        shapes = tuple(jax.ShapeDtypeStruct(shape, dtype) for shape in ((atoms,), (3, atoms), (3, 3)))
        pbc = edges.neighbors.grid.pbc

        def ask(positions, numbers, cell):
            return self.host.evaluate(positions, numbers, cell, pbc, dtype)

        opaque = _opaque(
            lambda *inputs: jax.pure_callback(ask, shapes, *inputs, vmap_method="sequential"), self.spec.origin
        )
        return opaque(edges.positions, edges.numbers, edges.cell)


def _opaque(function, origin: str):
    """The function, with a refusal that says why where a derivative is asked for."""
    wrapped = jax.custom_jvp(function)

    @wrapped.defjvp
    def refuse(primals, tangents):
        raise InputError(
            f"{origin} cannot be differentiated: its energies come from outside JAX; use a built-in potential"
        )

    return wrapped
