"""Propagators of the free ring polymer: what springs alone do to a mode in half a timestep."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float


class Turn(eqx.Module):
    r"""$Q \leftarrow aQ + bV$, $V \leftarrow aV - cQ$ for a mode and its velocity."""

    a: Float[Array, " modes"]
    b: Float[Array, " modes"]
    c: Float[Array, " modes"]


class AbstractPropagator(eqx.Module):
    """The motion of free modes."""

    @abc.abstractmethod
    def half(self, frequencies: Float[Array, " modes"], timestep: float) -> Turn:
        """Half a timestep of modes with these frequencies."""


class Cayley(AbstractPropagator):
    r"""The square root of the Cayley map: $a = (1 + \omega^2 h^2/4)^{-1/2}$, $b = ah/2$, $c = a\omega^2 h/2$.

    In the order B C O C B harmonic modes are sampled exactly at any stable timestep and any number of beads, and a
    mode of the springs never resonates with the timestep.

    ??? cite "Reference"
        R. Korol, N. Bou-Rabee, T. F. Miller III, *J. Chem. Phys.* **151**, 124103 (2019), doi:10.1063/1.5120282;
        R. Korol, J. L. Rosa-Raíces, N. Bou-Rabee, T. F. Miller III, *J. Chem. Phys.* **152**, 104102 (2020),
        doi:10.1063/1.5134810
    """

    def half(self, frequencies: Float[Array, " modes"], timestep: float) -> Turn:
        """A turn of unit determinant."""
        half = timestep / 2
        a = 1 / jnp.sqrt(1 + (frequencies * half) ** 2)
        return Turn(a, half * a, half * frequencies**2 * a)


class Exact(AbstractPropagator):
    """The rotation in phase space that Newton's equations give.

    ??? cite "Reference"
        M. Ceriotti, M. Parrinello, T. E. Markland, D. E. Manolopoulos, *J. Chem. Phys.* **133**, 124104 (2010),
        doi:10.1063/1.3489925
    """

    def half(self, frequencies: Float[Array, " modes"], timestep: float) -> Turn:
        """Half the angle of a timestep."""
        angle = frequencies * timestep / 2
        return Turn(jnp.cos(angle), jnp.sin(angle) / frequencies, frequencies * jnp.sin(angle))
