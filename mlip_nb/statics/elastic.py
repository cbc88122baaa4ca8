"""Elastic constants by exact second derivatives of the energy, with atoms that follow the strain or do not."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .force_constants import in_turns, unit_displacement
from .surface import Slopes

VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""Components of a symmetric tensor: xx, yy, zz, yz, xz, xy."""


def _unit_strains() -> Float[np.ndarray, "6 3 3"]:
    strains = np.zeros((6, 3, 3))
    for index, (i, j) in enumerate(VOIGT):
        strains[index, i, j] += 0.5
        strains[index, j, i] += 0.5
    return strains


UNIT_STRAINS = _unit_strains()
"""Strains of one in Voigt's notation: of a shear both halves."""


class Response(eqx.Module):
    r"""How energy answers to small strains and displacements at one structure: its second derivatives.

    Strains are Green and Lagrange's, $\eta = (F^T F - 1) / 2$, so that constants are symmetric at any stress.
    """

    strain: Float[Array, "6 6"]
    """By strain twice, atoms carried along, eV."""
    coupling: Float[Array, "coordinates 6"]
    """By displacements and strain, eV/Å."""
    hessian: Float[Array, "coordinates coordinates2"]
    """By displacements twice, eV/Å²."""
    volume: Float[Array, ""]
    """Å³."""

    @property
    def clamped(self) -> Float[Array, "6 6"]:
        """Elastic constants where atoms are carried along with the cell, eV/Å³."""
        return self.strain / self.volume

    @property
    def relaxed(self) -> Float[Array, "6 6"]:
        r"""Elastic constants where atoms follow their forces, eV/Å³: $C^0 - B^T H^+ B / V$."""
        softening = self.coupling.T @ self.internal_strain
        return self.clamped + (softening + softening.T) / (2 * self.volume)

    @property
    def internal_strain(self) -> Float[Array, "coordinates 6"]:
        """Displacements (Å) beyond the affine ones that a strain of one brings: minus H⁺B."""
        whole = _translations(self.hessian)
        # One eV/Å² against motions of the whole, which no strain causes: H⁺ without a decomposition, whose derivatives
        # fail where eigenvalues meet.
        coupling = self.coupling - whole @ (whole.T @ self.coupling)
        return -jnp.linalg.solve(self.hessian + whole @ whole.T, coupling)


def response(slopes: Slopes, positions: Float[Array, "atoms 3"], cell: Float[Array, "3 3"]) -> Response:
    """Second derivatives at a structure without forces; stress it may have."""
    strains = jnp.asarray(UNIT_STRAINS, cell.dtype)
    coordinates = positions.size

    def answer(direction):
        # One program for both kinds of directions: strains first, then displacements.
        which, place = direction
        strain = jnp.where(which < 6, strains[which], 0)
        moved = jnp.where(which < 6, positions @ strain, unit_displacement(positions, place))
        return jax.jvp(slopes, (positions, cell), (moved, cell @ strain))

    which = jnp.arange(6 + coordinates)
    (_, stressed), (forces, changes) = in_turns(answer, (which, which - 6))
    # One strain after another is F = (1 + a)(1 + b), and then η has ab + ba besides a and b.
    products = jnp.einsum("Iij,Jjk->IJik", strains, strains)
    second = jnp.einsum("Iij,Jij->IJ", strains, changes[:6]) - 2 * jnp.einsum("ik,IJik->IJ", stressed[0], products)
    matrix = -forces[6:].reshape(coordinates, coordinates)
    return Response(
        strain=(second + second.T) / 2,
        coupling=-forces[:6].reshape(6, -1).T,
        hessian=(matrix + matrix.T) / 2,
        volume=jnp.abs(jnp.linalg.det(cell)),
    )


def under_stress(constants: Float[Array, "6 6"], stress: Float[Array, "3 3"]) -> Float[Array, "6 6"]:
    r"""Stress-strain coefficients, which decide on stability: at zero stress the elastic constants themselves.

    $$B_{ijkl} = C_{ijkl} + \tfrac12(\sigma_{ik}\delta_{jl} + \sigma_{il}\delta_{jk} + \sigma_{jk}\delta_{il}
    + \sigma_{jl}\delta_{ik} - 2\sigma_{ij}\delta_{kl})$$

    ??? cite "Reference"
        J. Wang, J. Li, S. Yip, D. Wolf, S. Phillpot, *Phys. Rev. B* **52**, 12627 (1995), doi:10.1103/PhysRevB.52.12627
    """
    unit, pairs = jnp.eye(3, dtype=stress.dtype), np.array(VOIGT)
    i, j = pairs[:, None, 0], pairs[:, None, 1]
    k, m = pairs[None, :, 0], pairs[None, :, 1]
    shear = (
        stress[i, k] * unit[j, m] + stress[i, m] * unit[j, k] + stress[j, k] * unit[i, m] + stress[j, m] * unit[i, k]
    )
    return constants + shear / 2 - stress[i, j] * unit[k, m]


def _translations(like: Float[Array, "coordinates coordinates2"]) -> Float[Array, "coordinates 3"]:
    atoms = len(like) // 3
    return jnp.tile(jnp.eye(3, dtype=like.dtype), (atoms, 1)) / jnp.sqrt(atoms)
