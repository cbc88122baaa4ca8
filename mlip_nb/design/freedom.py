"""Coordinates in which a structure may change: displacements of atoms, strains of the cell."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..statics import Symmetry
from ..system import System
from .medium import Arrangement

_SHEARS = ((1, 2), (0, 2), (0, 1))
_KEPT = 1 - 1e-6
"""Eigenvalue of a coordinate that an average over a group leaves alone."""


class Freedom(eqx.Module):
    r"""Atoms go to $(1 + \eta)(r + u)$ and lattice vectors to $(1 + \eta)h$, with u and η along orthonormal directions.

    A coordinate of a strain is counted as a length, that which it gives to a cell of the size of the structure, so
    that coordinates are alike.
    """

    displacements: Float[Array, "shifts atoms 3"]
    strains: Float[Array, "bends 3 3"]
    scale: float = eqx.field(static=True)
    """Å of a coordinate for a strain of one."""

    @property
    def size(self) -> int:
        """How many coordinates."""
        return len(self.displacements) + len(self.strains)

    def changed(self, along: Float[Array, " coordinates"], start: Arrangement) -> Arrangement:
        """Where the structure is then."""
        shift, bend = jnp.split(along, [len(self.displacements)])
        deformation = jnp.eye(3) + jnp.einsum("s,sab->ab", bend, self.strains) / self.scale
        moved = start.positions + jnp.einsum("s,sia->ia", shift, self.displacements)
        return Arrangement(moved @ deformation.T, start.cell @ deformation.T)


def freedom_of(system: System, *, positions: bool, cell: str, symmetry: Symmetry | None = None) -> Freedom:
    """All atoms that are not held, without translations of the whole; of the cell what its kind says.

    `cell` is `fixed`, `isotropic`, `orthorhombic` (lengths along the axes) or `full`. Directions that are not periodic
    are not strained. With a `symmetry` only what keeps it.
    """
    atoms = len(system.numbers)
    mobile = np.ones(atoms, bool) if system.mobile is None else np.asarray(system.mobile)
    size = (atoms * max(float(system.volume) / atoms, 1.0) ** (2 / 3)) ** 0.5
    shifts = _shifts(mobile) if positions else np.zeros((0, atoms, 3))
    free = Freedom(jnp.asarray(shifts), jnp.asarray(_bends(cell, system.pbc)), size)
    return free if symmetry is None else symmetric(free, symmetry)


def symmetric(freedom: Freedom, symmetry: Symmetry) -> Freedom:
    r"""Those combinations of coordinates that every operation of the group leaves alone: the eigenvectors of
    $P = |G|^{-1} \sum_g \rho(g)$ with eigenvalue one."""
    shifts = _invariant(freedom.displacements, jax.vmap(symmetry.vectors))
    bends = _invariant(freedom.strains, jax.vmap(symmetry.tensor))
    return eqx.tree_at(lambda f: (f.displacements, f.strains), freedom, (shifts, bends))


def _invariant(
    basis: Float[Array, "coordinates rows 3"], project: Callable[[Array], Array]
) -> Float[Array, "fewer rows 3"]:
    if not len(basis):
        return basis
    projection = np.einsum("iab,jab->ij", np.asarray(basis), np.asarray(project(basis)))
    values, vectors = np.linalg.eigh((projection + projection.T) / 2)
    return jnp.asarray(np.einsum("ik,iab->kab", vectors[:, values > _KEPT], np.asarray(basis)))


def _shifts(mobile: np.ndarray) -> Float[np.ndarray, "shifts atoms 3"]:
    """Orthonormal; where nobody is held, across translations of the whole."""
    count = int(mobile.sum())
    # Orthonormal columns of which the first is the same for all.
    first = np.ones((count, 1)) / max(count, 1) ** 0.5
    columns = np.linalg.qr(np.hstack([first, np.eye(count)[:, : max(count - 1, 0)]]))[0] if count else np.eye(0)
    columns = columns[:, 1:] if mobile.all() else columns
    spread = np.zeros((len(mobile), columns.shape[1]))
    spread[mobile] = columns
    return np.einsum("is,ab->saib", spread, np.eye(3)).reshape(-1, len(mobile), 3)


def _bends(cell: str, pbc: tuple[bool, bool, bool]) -> Float[np.ndarray, "bends 3 3"]:
    axes = [np.diag(row) for row in np.eye(3)[list(pbc)]]
    if cell == "isotropic" and axes:
        return np.sum(axes, axis=0)[None] / len(axes) ** 0.5
    shears = [_shear(a, b) for a, b in _SHEARS if pbc[a] and pbc[b]] if cell == "full" else []
    return np.array([*axes, *shears]).reshape(-1, 3, 3) if cell != "fixed" else np.zeros((0, 3, 3))


def _shear(a: int, b: int) -> np.ndarray:
    bend = np.zeros((3, 3))
    bend[a, b] = bend[b, a] = 0.5**0.5
    return bend
