"""Second derivatives of the energy by displacements: a forward-mode derivative of the forces for each row."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Int, PyTree

from .surface import Slopes

_TOGETHER = 16
"""Rows that are computed together: as many directions, one evaluation of everything else."""


def hessian_product(
    slopes: Slopes, positions: Float[Array, "atoms 3"], cell: Float[Array, "3 3"], direction: Float[Array, "atoms 3"]
) -> Float[Array, "atoms 3"]:
    """The Hessian times a displacement of all atoms, eV/Å² times its unit, at the cost of a few forces."""
    return -jax.jvp(lambda moved: slopes(moved, cell)[0], (positions,), (direction,))[1]


def force_constants(
    slopes: Slopes, positions: Float[Array, "atoms 3"], cell: Float[Array, "3 3"], of: Int[Array, " some"]
) -> Float[Array, "some atoms 3 3"]:
    r"""$\Phi_{i\alpha,j\beta} = \partial^2 E / \partial u_{i\alpha} \partial u_{j\beta}$, eV/Å², for atoms i of some.

    Of a supercell the atoms of one primitive cell are enough: phonopy's compact force constants.
    """

    def row(place):
        return hessian_product(slopes, positions, cell, unit_displacement(positions, place))

    places = (3 * of[:, None] + jnp.arange(3)).ravel()
    rows = in_turns(row, places)
    return rows.reshape(len(of), 3, -1, 3).swapaxes(1, 2)


def unit_displacement(positions: Float[Array, "atoms 3"], place: Int[Array, ""]) -> Float[Array, "atoms 3"]:
    """Of one coordinate by one Å."""
    return jnp.zeros_like(positions).ravel().at[place].set(1).reshape(positions.shape)


def in_turns(function: Callable, rows: PyTree) -> PyTree:
    """The function of every row, some of them together."""
    count = len(jax.tree.leaves(rows)[0])
    # A remainder would be a second program to compile.
    return jax.lax.map(function, rows, batch_size=next(size for size in range(_TOGETHER, 0, -1) if count % size == 0))


def hessian(
    slopes: Slopes, positions: Float[Array, "atoms 3"], cell: Float[Array, "3 3"]
) -> Float[Array, "coordinates coordinates2"]:
    """Of all atoms, eV/Å², symmetric."""
    atoms = len(positions)
    blocks = force_constants(slopes, positions, cell, jnp.arange(atoms))
    matrix = blocks.swapaxes(1, 2).reshape(3 * atoms, 3 * atoms)
    return (matrix + matrix.T) / 2


def acoustic(constants: Float[Array, "some atoms 3 3"], of: Int[Array, " some"]) -> Float[Array, "some atoms 3 3"]:
    """The same with the acoustic sum rule to the last digit: an atom holds itself against all others."""
    places = jnp.arange(len(of))
    return constants.at[places, of].add(-constants.sum(axis=1))


def dynamical_matrix(
    constants: Float[Array, "some atoms 3 3"],
    phases: Complex[Array, "some atoms"],
    images: Int[Array, " atoms"],
    masses: Float[Array, " some"],
) -> Complex[Array, "coordinates coordinates2"]:
    r"""$D_{i\alpha,j\beta}(q) = (m_i m_j)^{-1/2} \sum_J \Phi_{i\alpha,J\beta} e^{iq\cdot(r_J - r_i)}$, Hermitian.

    Eigenvalues are squared angular frequencies in internal units. J runs over all atoms of the supercell that are
    images of j: `images` names the place of j among some, and `phases` are means over equally near images of J.
    """
    some = len(masses)
    weighted = constants * phases[:, :, None, None]
    summed = jnp.zeros((some, some, 3, 3), weighted.dtype).at[:, images].add(weighted)
    matrix = (summed / jnp.sqrt(masses[:, None] * masses)[:, :, None, None]).swapaxes(1, 2).reshape(3 * some, 3 * some)
    return (matrix + matrix.conj().T) / 2
