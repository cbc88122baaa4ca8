"""Whether a structure is a minimum: the softest way out of it."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from ..system import System
from .force_constants import hessian, hessian_product
from .moves import rigid_motions
from .surface import Surface

_DENSE = 60
"""Atoms up to which the whole Hessian is made."""
_STIFF = 1e3
"""eV/Å²: what motions of the whole are given, out of the way."""


def softest(system: System, surface: Surface) -> tuple[float, Float[np.ndarray, "atoms 3"]]:
    """The lowest eigenvalue of the Hessian, eV/Å², at fixed cell, and its direction, of length one.

    Of atoms that may move; without translations, and rotations where nothing is periodic, when all may. Infinity where
    nothing else is left.
    By the whole matrix for few atoms, by Lanczos with products of the Hessian for many.
    """
    from scipy.sparse.linalg import LinearOperator, eigsh

    mobile = np.ones(len(system.numbers), bool) if system.mobile is None else np.asarray(system.mobile)
    free, whole = np.repeat(mobile, 3), _whole(system, mobile)

    def product(direction):
        along = np.zeros(free.shape)
        along[free] = direction.ravel()
        bent = _product(surface, system, jnp.asarray(along.reshape(-1, 3), system.positions.dtype))
        return np.asarray(bent, float).ravel()[free] + _STIFF * whole @ (whole.T @ direction.ravel())

    if mobile.sum() <= _DENSE:
        matrix = np.asarray(_hessian(surface, system), float)[np.ix_(free, free)] + _STIFF * whole @ whole.T
        values, vectors = np.linalg.eigh(matrix)
    else:
        operator = LinearOperator((free.sum(),) * 2, matvec=product, dtype=float)
        start = np.random.default_rng(0).normal(size=free.sum())
        values, vectors = eigsh(operator, k=1, which="SA", tol=1e-3, v0=start)
    if len(whole) == whole.shape[1]:
        return np.inf, np.zeros((len(mobile), 3))
    direction = np.zeros(free.shape)
    direction[free] = vectors[:, 0]
    return float(values[0]), direction.reshape(-1, 3)


@eqx.filter_jit
def _hessian(surface: Surface, system: System):
    return hessian(surface.slopes, system.positions, system.cell)


@eqx.filter_jit
def _product(surface: Surface, system: System, direction):
    return hessian_product(surface.slopes, system.positions, system.cell, direction)


def _whole(system: System, mobile: Bool[np.ndarray, " atoms"]) -> Float[np.ndarray, "coordinates motions"]:
    """Motions of the whole; none where an atom is held."""
    return rigid_motions(system).reshape(-1, 3 * len(mobile)).T if mobile.all() else np.zeros((3 * mobile.sum(), 0))
