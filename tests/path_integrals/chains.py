"""Chains of atoms with springs over a substrate: Frenkel and Kontorova's dislocation in one dimension."""

from typing import ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from mlip_nb.potentials import AbstractPotential, PotentialSpec
from mlip_nb.system import System

from .barriers import parts

PERIOD = 2.5
"""Å, of the substrate: the Burgers vector, and the distance of atoms, too."""


class FrenkelKontorovaSpec(PotentialSpec):
    """A chain along x; across it atoms are held by springs."""

    stiffness: float = 1.0
    """Of springs between neighbours, eV/Å²."""
    depth: float = 0.02
    """Of the substrate, eV: from a valley to a hill."""
    shape: Literal["sine", "parabolas"] = "sine"
    """Of the substrate; parabolas meet halfway."""
    elements: ClassVar[tuple[str, ...] | None] = None

    def build(self) -> "FrenkelKontorova":
        return FrenkelKontorova(self)


class FrenkelKontorova(AbstractPotential):
    """Energies of atoms: half of its springs, and where it is on the substrate."""

    spec: FrenkelKontorovaSpec = eqx.field(static=True)
    cutoff: float = eqx.field(static=True, default=0.1)

    def compute(self, edges):
        order = edges.neighbors.order

        def energies(positions):
            along = jnp.zeros(len(order)).at[order].set(positions[0])
            springs = 0.5 * self.spec.stiffness * (jnp.diff(along) - PERIOD) ** 2
            chain = 0.5 * (jnp.pad(springs, (0, 1)) + jnp.pad(springs, (1, 0)))
            return (chain + self._substrate(along))[order] + 0.5 * jnp.sum(positions[1:] ** 2, axis=0)

        return parts(energies, edges.positions)

    def _substrate(self, along):
        if self.spec.shape == "sine":
            return 0.5 * self.spec.depth * (1 - jnp.cos(2 * jnp.pi * along / PERIOD))
        away = along / PERIOD - jnp.round(along / PERIOD)
        return 4 * self.spec.depth * away**2


def chain(atoms: int, kink: int) -> System:
    """A chain of which the atoms from one on are a valley further; both ends are held."""
    wells = np.arange(atoms) + (np.arange(atoms) >= kink)
    held = np.isin(np.arange(atoms), (0, atoms - 1))
    return System(
        positions=jnp.asarray(np.stack([PERIOD * wells, 0 * wells, 0 * wells], axis=1)),
        numbers=jnp.full(atoms, 26, jnp.int32),
        masses=jnp.full(atoms, 56.0),
        cell=jnp.zeros((3, 3)),
        mobile=jnp.asarray(~held),
    )
