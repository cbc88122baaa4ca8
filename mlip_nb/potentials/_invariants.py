"""What one layer of a potential makes of the neighbours of an atom: invariants by products on the sphere."""

import jax
import jax.numpy as jnp
import numpy as np
from equinox import Module
from jaxtyping import Array, Float, PRNGKeyArray

from ._harmonics import degrees, of_degree, of_parity
from ._sphere import Halves, product

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
        power = jnp.stack([centred[np.array(degrees(self.degree)) == k].mean(axis=0) for k in range(self.degree + 1)])
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
        one, other = self._mixed(density.at[0].add(-self.density_mean[:, None]))
        both = product(one, other, self.degree)
        values = [one[0][0], other[0][0]]
        for degree in range(self.degree + 1):
            u, v, w = (function[degree % 2][of_degree(degree)] for function in (one, other, both))
            pairs = (u, u), (v, v), (u, w), (v, w), (w, w)
            values += [jnp.sum(first * second, axis=0) for first, second in pairs]
        return jnp.concatenate(values)

    def _mixed(self, density: Float[Array, "components densities atoms"]) -> list[Halves]:
        """The two halves of the channels. They come apart because the gradient of a slice costs more than its use."""
        mixing = (self.mixing * self.density_scale[:, None])[np.array(degrees(self.degree))]
        even, odd = of_parity(self.degree)

        def part(channels, own: slice):
            return jnp.einsum("mkb,mbn->mkn", channels[own], density[own])

        return [(part(channels, even), part(channels, odd)) for channels in jnp.split(mixing, 2, axis=1)]


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
