"""Thermodynamics of harmonic vibrations, as differentiable functions of their frequencies."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from .. import units

_FLOOR = 1e-3
"""Smallest ħω/kT that is counted: motions of the whole, and unstable ones."""


def _quanta(squares: Float[Array, "*q modes"], kT) -> tuple[Array, Array]:
    """ħω/kT, and where that is no vibration."""
    least = (_FLOOR * kT / units.HBAR) ** 2
    vibrates = squares > least
    return units.HBAR * jnp.sqrt(jnp.where(vibrates, squares, least)) / kT, vibrates


def free_energy(squares: Float[Array, "*q modes"], kT: Float[Array, ""]) -> Float[Array, "*q"]:
    r"""$\sum \hbar\omega/2 + kT\ln(1 - e^{-\hbar\omega/kT})$, eV; what does not vibrate is left out."""
    quanta, vibrates = _quanta(squares, kT)
    return jnp.sum(jnp.where(vibrates, kT * (quanta / 2 + jnp.log(-jnp.expm1(-quanta))), 0), axis=-1)


def mode_heat_capacities(squares: Float[Array, "*q modes"], kT: Float[Array, ""]) -> Float[Array, "*q modes"]:
    r"""$k(x/2)^2/\sinh^2(x/2)$ with $x = \hbar\omega/kT$, eV/K."""
    quanta, vibrates = _quanta(squares, kT)
    return units.BOLTZMANN * jnp.where(vibrates, (quanta / 2 / jnp.sinh(quanta / 2)) ** 2, 0)


def mesh(counts: tuple[int, int, int]) -> Float[Array, "q 3"]:
    """Wave vectors between those of the lattice, which Γ is never one of."""
    axes = [(jnp.arange(count) + 0.5) / count for count in counts]
    return jnp.stack(jnp.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
