"""What one layer of a potential makes of the neighbours of an atom: invariants by products on the sphere."""

import jax
import jax.numpy as jnp
import numpy as np
from equinox import Module
from jaxtyping import Array, Float, PRNGKeyArray

from ._harmonics import degrees, sphere

_TINY, _SMALL = 1e-8, 1e-4
"""What keeps a density, or an invariant, that never varies from being magnified."""


class Invariants(Module):
    r"""Rotation invariants of body order two to five of a density of neighbours.

    The density has components $A_{lm,b}$. Channels $U_{lm,k} = \sum_b C_{l,kb} A_{lm,b}$ are functions on a sphere;
    the product of the first half of them with the second half, projected back, is $W_{lm,k}$. Invariants are
    $U_{00}$ and, for every $l$, $\sum_m U U$, $\sum_m U W$ and $\sum_m W W$.

    ??? cite "Reference"
        R. Drautz, *Phys. Rev. B* **99**, 014104 (2019), doi:10.1103/PhysRevB.99.014104; products on the sphere:
        S. Luo, T. Chen, A. S. Krishnapriyan, ICLR 2024, arXiv:2401.10216
    """

    mixing: Float[Array, "degrees channels densities"]
    density_mean: Float[Array, " densities"]
    """Of the component that does not depend on direction."""
    density_scale: Float[Array, "degrees densities"]
    mean: Float[Array, " invariants"]
    scale: Float[Array, " invariants"]

    @classmethod
    def random(
        cls,
        mean: Float[Array, " densities"],
        spread: Float[Array, " densities"],
        *,
        channels: int,
        degree: int,
        key: PRNGKeyArray,
    ) -> "Invariants":
        """For densities with that mean and standard deviation, all of them independent, until data tell more."""
        mixing = jax.random.normal(key, (degree + 1, channels, len(mean))) / len(mean) ** 0.5
        scale = jnp.broadcast_to(1 / spread, (degree + 1, len(mean)))
        return cls(mixing, mean, scale, *_of_noise(channels, degree))

    @property
    def degree(self) -> int:
        """Of the highest harmonics."""
        return len(self.mixing) - 1

    def standardised(
        self, density: Float[Array, "components densities atoms"], weights: Float[Array, " atoms"]
    ) -> "Invariants":
        """The same for the densities in some data; `weights` of atoms sum to one."""
        mean = density[0] @ weights
        centred = density.at[0].add(-mean[:, None]) ** 2 @ weights
        power = jnp.stack([centred[degree**2 : (degree + 1) ** 2].mean(axis=0) for degree in range(self.degree + 1)])
        found = Invariants(self.mixing, mean, jax.lax.rsqrt(power + _TINY), self.mean, self.scale)
        values = found.raw(density)
        middle = values @ weights
        spread = jnp.sqrt((values - middle[:, None]) ** 2 @ weights)
        return Invariants(found.mixing, mean, found.density_scale, middle, 1 / (spread + _SMALL))

    def __call__(self, density: Float[Array, "components densities atoms"]) -> Float[Array, "invariants atoms"]:
        """Zero mean and unit variance in the data they were standardised by."""
        return (self.raw(density) - self.mean[:, None]) * self.scale[:, None]

    def raw(self, density: Float[Array, "components densities atoms"]) -> Float[Array, "invariants atoms"]:
        """Not yet standardised."""
        dtype, channels = density.dtype, self.mixing.shape[1]
        to_points, from_points = (jnp.asarray(table, dtype) for table in sphere(self.degree))
        density = density.at[0].add(-self.density_mean[:, None])
        mixing = (self.mixing * self.density_scale[:, None])[np.array(degrees(self.degree))]
        mixed = jnp.einsum("mkb,mbn->mkn", mixing, density)
        values = jnp.einsum("pm,mkn->pkn", to_points, mixed)
        product = jnp.einsum("mp,pkn->mkn", from_points, values[:, : channels // 2] * values[:, channels // 2 :])
        return jnp.concatenate([mixed[0], *self._contracted(mixed, jnp.concatenate([product, product], 1), product)])

    def _contracted(self, mixed, twice, product) -> list:
        found = []
        for degree in range(self.degree + 1):
            own = slice(degree**2, (degree + 1) ** 2)
            for one, other in ((mixed, mixed), (mixed, twice), (product, product)):
                found.append(jnp.sum(one[own] * other[own], axis=0))
        return found


def _of_noise(channels: int, degree: int) -> tuple[Float[Array, " invariants"], Float[Array, " invariants"]]:
    """Mean and inverse spread of the invariants when all components are independent, of unit variance."""
    components, half = (degree + 1) ** 2, channels // 2
    # The product of two such functions shares its power evenly among components of up to twice the degree.
    power = components**2 / (2 * degree + 1) ** 2
    mean, spread = [np.zeros(channels)], [np.ones(channels)]
    for count in range(1, 2 * degree + 2, 2):
        mean += [np.full(channels, count), np.zeros(channels), np.full(half, count * power)]
        spread += [np.full(channels, (2 * count) ** 0.5), np.full(channels, (count * power) ** 0.5)]
        spread += [np.full(half, (2 * count) ** 0.5 * power)]
    return jnp.asarray(np.concatenate(mean)), jnp.asarray(1 / np.concatenate(spread))
