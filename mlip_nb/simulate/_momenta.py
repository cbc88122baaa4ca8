"""Initial momenta, and the degrees of freedom they and every temperature count."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ..system import System
from ._base import MDState

_LINEAR = 1e-6
"""A moment of inertia below this fraction of the largest one belongs to no rotation."""


def degrees_of_freedom(system: System, *, conserves_momentum: bool, mobile: Bool[Array, " atoms"] | None = None) -> int:
    """Momenta that carry kinetic energy: 3N, less what is conserved and starts at zero.

    A conserved total momentum takes three; in a system without periodic images the angular momentum is
    conserved with it and takes three more (two for a linear molecule). Atoms held in place have none, and
    hold the momentum of nobody.
    """
    if mobile is not None:
        return 3 * int(mobile.sum())
    atoms = len(system.numbers)
    if not conserves_momentum or atoms == 1:
        return 3 * atoms
    return 3 * atoms - 3 - (0 if any(system.pbc) else _rotations(system))


def draw_momenta(system: System, kT: float, *, key: PRNGKeyArray) -> Float[Array, "atoms 3"]:
    """Maxwell–Boltzmann momenta at rest as a whole, and without rotation when nothing is periodic."""
    scale = jnp.sqrt(system.masses * kT)[:, None]
    momenta = scale * jax.random.normal(key, system.positions.shape, system.positions.dtype)
    if len(system.numbers) == 1:
        return momenta
    momenta = _at_rest(momenta, system.masses)
    return momenta if any(system.pbc) else _without_rotation(momenta, system)


def noise(state: MDState, key: PRNGKeyArray) -> Float[Array, "3 atoms"]:
    """Standard normal numbers, none for atoms held in place.

    Drawn in the caller's order: they must not depend on how atoms are sorted.
    """
    drawn = jax.random.normal(key, state.momenta.T.shape, state.momenta.dtype)[state.order].T
    return drawn if state.mobile is None else jnp.where(state.mobile, drawn, 0)


def _at_rest(momenta: Float[Array, "atoms 3"], masses: Float[Array, " atoms"]) -> Float[Array, "atoms 3"]:
    return momenta - masses[:, None] * (momenta.sum(axis=0) / masses.sum())


def _without_rotation(momenta: Float[Array, "atoms 3"], system: System) -> Float[Array, "atoms 3"]:
    """Less the rigid rotation with the same angular momentum."""
    arms = _arms(system)
    angular = jnp.sum(jnp.cross(arms, momenta), axis=0)
    spin = jnp.linalg.pinv(_inertia(system), rtol=_LINEAR) @ angular
    return momenta - system.masses[:, None] * jnp.cross(spin, arms)


def _rotations(system: System) -> int:
    moments = np.linalg.eigvalsh(np.asarray(_inertia(system), float))
    return int(np.sum(moments > _LINEAR * moments.max()))


def _inertia(system: System) -> Float[Array, "3 3"]:
    arms = _arms(system)
    square = jnp.sum(arms**2, axis=1)[:, None, None] * jnp.eye(3, dtype=arms.dtype)
    return jnp.sum(system.masses[:, None, None] * (square - arms[:, :, None] * arms[:, None, :]), axis=0)


def _arms(system: System) -> Float[Array, "atoms 3"]:
    center = jnp.sum(system.masses[:, None] * system.positions, axis=0) / system.masses.sum()
    return system.positions - center
