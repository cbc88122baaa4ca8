"""What follows from elastic constants: moduli of polycrystals, stability, stiffness by direction."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

AVERAGES = ("Voigt", "Reuss", "Hill")
"""Equal strain everywhere, equal stress everywhere, and the mean of both."""


class Moduli(NamedTuple):
    """Of a polycrystal without texture, by Voigt, Reuss and Hill; in the unit of the constants."""

    bulk: Float[Array, "3"]
    shear: Float[Array, "3"]

    @property
    def young(self) -> Float[Array, "3"]:
        """Young's modulus."""
        return 9 * self.bulk * self.shear / (3 * self.bulk + self.shear)

    @property
    def poisson(self) -> Float[Array, "3"]:
        """Poisson's ratio."""
        return (3 * self.bulk - 2 * self.shear) / (6 * self.bulk + 2 * self.shear)

    @property
    def anisotropy(self) -> Float[Array, ""]:
        """Ranganathan and Ostoja-Starzewski's universal index: 0 for an isotropic crystal."""
        return 5 * self.shear[0] / self.shear[1] + self.bulk[0] / self.bulk[1] - 6


def moduli(constants: Float[Array, "6 6"]) -> Moduli:
    """Moduli of polycrystals from the constants of a crystal.

    ??? cite "Reference"
        R. Hill, *Proc. Phys. Soc. A* **65**, 349 (1952), doi:10.1088/0370-1298/65/5/307
    """
    soft = jnp.linalg.inv(constants)
    bulk = constants[:3, :3].sum() / 9
    shear = (3 * jnp.trace(constants[:3, :3]) - constants[:3, :3].sum() + 6 * jnp.trace(constants[3:, 3:])) / 30
    bulk_soft = 1 / soft[:3, :3].sum()
    shear_soft = 15 / (6 * jnp.trace(soft[:3, :3]) - 2 * soft[:3, :3].sum() + 3 * jnp.trace(soft[3:, 3:]))
    return Moduli(_with_mean(bulk, bulk_soft), _with_mean(shear, shear_soft))


def stability(constants: Float[Array, "6 6"]) -> Float[Array, "6"]:
    """Eigenvalues of the symmetric part, soft ones first: a crystal is stable if all are positive (Born).

    Shears count as in Mandel's notation, where eigenvalues do not depend on the axes.
    """
    weight = jnp.sqrt(jnp.array([1, 1, 1, 2, 2, 2], constants.dtype))
    return jnp.linalg.eigvalsh(weight[:, None] * (constants + constants.T) / 2 * weight)


def young_along(constants: Float[Array, "6 6"], directions: Float[Array, "*n 3"]) -> Float[Array, "*n"]:
    """Young's modulus of a rod cut along each direction, which need not have length one."""
    x, y, z = jnp.moveaxis(directions / jnp.linalg.norm(directions, axis=-1, keepdims=True), -1, 0)
    square = jnp.stack([x * x, y * y, z * z, y * z, x * z, x * y], axis=-1)
    return 1 / jnp.einsum("...i,ij,...j->...", square, jnp.linalg.inv(constants), square)


def _with_mean(stiff, soft) -> Float[Array, "3"]:
    return jnp.stack([stiff, soft, (stiff + soft) / 2])
