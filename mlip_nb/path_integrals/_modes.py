"""Frequencies of the free ring polymer, and masses that may be given to its modes."""

import abc

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .. import units


class Modes(eqx.Module):
    """The normal modes beyond the centroid, at one temperature."""

    springs: Float[Array, " modes"]
    r"""$\omega_k^2$: the stiffness over the physical mass."""
    inertia: Float[Array, " modes"]
    """Mass that a mode moves with, over the physical one; averages do not depend on it."""

    @property
    def frequencies(self) -> Float[Array, " modes"]:
        """How fast modes swing while nothing but springs acts on them."""
        return jnp.sqrt(self.springs / self.inertia)


class AbstractInertia(eqx.Module):
    """The masses of modes."""

    @abc.abstractmethod
    def modes(self, beads: int, kT: Float[Array, ""]) -> Modes:
        """The modes of this many beads."""


class Physical(AbstractInertia):
    """Every mode has the mass of its atom: the beads move as ring polymer molecular dynamics lets them."""

    def modes(self, beads: int, kT: Float[Array, ""]) -> Modes:
        r"""$\omega_k = 2 \omega_P \sin(k\pi/P)$, $\omega_P = P k_B T/\hbar$."""
        springs = frequencies(beads, kT) ** 2
        return Modes(springs, jnp.ones_like(springs))


class Adiabatic(AbstractInertia):
    r"""All modes swing at $\Omega = P^{P/(P-1)} k_B T/\hbar$, so fast that the centroid feels their mean force only.

    ??? cite "Reference"
        T. D. Hone, P. J. Rossky, G. A. Voth, *J. Chem. Phys.* **124**, 154103 (2006), doi:10.1063/1.2186636
    """

    def modes(self, beads: int, kT: Float[Array, ""]) -> Modes:
        """The springs of the physical modes, and the masses that make them equally fast."""
        springs = frequencies(beads, kT) ** 2
        common = beads ** (beads / max(beads - 1, 1)) * kT / units.HBAR
        return Modes(springs, springs / common**2)


def frequencies(beads: int, kT: Float[Array, ""]) -> Float[Array, " modes"]:
    """Of the free ring polymer with physical masses, rate in internal units; the centroid, at rest, is left out."""
    sines = np.sin(np.pi * np.arange(1, beads) / beads)
    return 2 * beads * kT / units.HBAR * jnp.asarray(sines, kT.dtype)
