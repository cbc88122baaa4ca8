"""Initial momenta, and the degrees of freedom they and every temperature count."""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ..errors import InputError
from ..system import System
from ._base import MDState, kinetic_energy

_LINEAR = 1e-6
"""A moment of inertia below this fraction of the largest one belongs to no rotation."""
_EACH = (True, True, True)


@dataclass(frozen=True)
class Symmetry:
    """The rigid motions of a system without periodic images that cost no energy, along and about x, y and z."""

    translations: tuple[bool, bool, bool] = _EACH
    rotations: tuple[bool, bool, bool] = _EACH
    center: tuple[float, float, float] | None = None
    """What rotations are about, Å; the centre of mass when nothing holds it."""


def degrees_of_freedom(
    system: System,
    *,
    conserves_momentum: bool,
    holds_center: bool = False,
    mobile: Bool[Array, " atoms"] | None = None,
    symmetry: Symmetry | None = None,
) -> int:
    """Momenta that carry kinetic energy: 3N, less what is conserved and starts at zero.

    A conserved total momentum takes three; in a system without periodic images the angular momentum is
    conserved with it and takes three more (two for a linear molecule). Walls conserve only what their
    `symmetry` leaves. Atoms held in place have none, and hold the momentum of nobody.
    """
    if mobile is not None:
        return 3 * int(mobile.sum())
    atoms = len(system.numbers)
    if atoms == 1:
        return 3
    if holds_center:
        return 3 * atoms - 3
    if not conserves_momentum:
        return 3 * atoms
    symmetry = symmetry or Symmetry()
    rotations = 0 if any(system.pbc) else _rotations(system, symmetry)
    return 3 * atoms - sum(symmetry.translations) - rotations


def draw_momenta(system: System, kT: float, *, key: PRNGKeyArray) -> Float[Array, "atoms 3"]:
    """Maxwell–Boltzmann momenta at rest as a whole, and without rotation when nothing is periodic.

    None for atoms held in place; what moves among them may drift.
    """
    return _drawn(system, jnp.asarray(kT, system.positions.dtype), key)


@eqx.filter_jit
def _drawn(system: System, kT: Float[Array, ""], key: PRNGKeyArray) -> Float[Array, "atoms 3"]:
    scale = jnp.sqrt(system.masses * kT)[:, None]
    momenta = scale * jax.random.normal(key, system.positions.shape, system.positions.dtype)
    if system.mobile is not None:
        return jnp.where(system.mobile[:, None], momenta, 0)
    if len(system.numbers) == 1:
        return momenta
    momenta = without_drift(momenta.T, system.masses).T
    return momenta if any(system.pbc) else _without_rotation(momenta, system)


def check_free(system: System) -> None:
    """Refuse a system whose centre of mass cannot be held.

    **Raises:** `InputError` that says why.
    """
    if system.mobile is not None:
        raise InputError("atoms held in place hold the others; leave fix_center or the frozen atoms out")
    if len(system.numbers) == 1:
        raise InputError("fix_center would hold the only atom there is; leave it out")


def noise(state: MDState, key: PRNGKeyArray) -> Float[Array, "3 atoms"]:
    """Standard normal numbers, none for atoms held in place.

    Drawn in the caller's order: they must not depend on how atoms are sorted.
    """
    drawn = jax.random.normal(key, state.momenta.T.shape, state.momenta.dtype)[state.order].T
    return drawn if state.mobile is None else jnp.where(state.mobile, drawn, 0)


def without_drift(momenta: Float[Array, "3 atoms"], masses: Float[Array, " atoms"]) -> Float[Array, "3 atoms"]:
    """Momenta seen from the centre of mass; of Maxwell's those that have it at rest."""
    return momenta - masses * (momenta.sum(axis=1, keepdims=True) / masses.sum())


def at_rest(system: System, *, spins: bool = False) -> System:
    """The same at rest as a whole; without rotation, too, when nothing is periodic, unless it `spins`."""
    still = system.with_momenta(without_drift(system.momenta.T, system.masses).T)
    if spins or any(system.pbc):
        return still
    return still.with_momenta(_without_rotation(still.momenta, still))


def drift(system: System, *, spins: bool = False) -> float:
    """Part of the kinetic energy that `at_rest` takes out."""
    whole, rest = (float(kinetic_energy(s.momenta.T, s.masses)) for s in (system, at_rest(system, spins=spins)))
    return 1 - rest / whole if whole else 0.0


def _without_rotation(momenta: Float[Array, "atoms 3"], system: System) -> Float[Array, "atoms 3"]:
    """Less the rigid rotation with the same angular momentum."""
    arms = _arms(system)
    angular = jnp.sum(jnp.cross(arms, momenta), axis=0)
    spin = jnp.linalg.pinv(_inertia(system, arms), rtol=_LINEAR) @ angular
    return momenta - system.masses[:, None] * jnp.cross(spin, arms)


def _rotations(system: System, symmetry: Symmetry) -> int:
    """Independent angular momenta that are conserved."""
    arms = _arms(system) if symmetry.center is None else system.positions - jnp.asarray(symmetry.center)
    inertia = np.asarray(_inertia(system, arms), float)
    free = np.flatnonzero(symmetry.rotations)
    moments = np.linalg.eigvalsh(inertia[np.ix_(free, free)])
    return int(np.sum(moments > _LINEAR * np.linalg.eigvalsh(inertia).max()))


def _inertia(system: System, arms: Float[Array, "atoms 3"]) -> Float[Array, "3 3"]:
    square = jnp.sum(arms**2, axis=1)[:, None, None] * jnp.eye(3, dtype=arms.dtype)
    return jnp.sum(system.masses[:, None, None] * (square - arms[:, :, None] * arms[:, None, :]), axis=0)


def _arms(system: System) -> Float[Array, "atoms 3"]:
    center = jnp.sum(system.masses[:, None] * system.positions, axis=0) / system.masses.sum()
    return system.positions - center
