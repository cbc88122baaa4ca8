"""What the layers of `Gaunt` are made of."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from ._invariants import Invariants
from ._network import Network


class Layer(eqx.Module):
    """Densities of neighbours to features."""

    invariants: Invariants
    network: Network

    def standardised(self, density, weights) -> "Layer":
        """The same, with its invariants standardised for these densities."""
        return Layer(self.invariants.standardised(density, weights), self.network)

    def __call__(self, density, sites, before: tuple = ()) -> Float[Array, "features atoms"]:
        """`before` are features of an earlier layer."""
        return self.network(jnp.concatenate([self.invariants(density), *before]), sites)

    def alone(self, sites: Float[Array, "elements atoms"] | None, before: tuple = ()):
        """Features of atoms without neighbours: one of each column of `sites`, or one atom."""
        components, densities = (self.invariants.degree + 1) ** 2, len(self.invariants.density_mean)
        atoms = 1 if sites is None else sites.shape[1]
        return self(jnp.zeros((components, densities, atoms), self.invariants.mixing.dtype), sites, before)


class Messages(eqx.Module):
    """What neighbours tell: how much they weigh in each density of the second layer."""

    radial: Float[Array, "densities functions"]
    features: Float[Array, "densities features"]


class Surroundings(eqx.Module):
    """Edges of some atoms, with what is known of both ends."""

    vectors: Float[Array, "3 slots atoms"]
    """Beyond the cutoff where there is no neighbour, Å."""
    sites: Float[Array, "elements atoms"] | None
    """Weights of the elements on each atom; None where there is one element."""
    there: Float[Array, "*members identity slots atoms"] | None
    """What tells elements apart, of the neighbours; to each member of a committee."""

    @property
    def distances(self) -> Float[Array, "slots atoms"]:
        """Å."""
        return jnp.sqrt(jnp.sum(self.vectors**2, axis=0))

    def seen(self, vectors: Float[Array, "3 slots atoms"]) -> "Surroundings":
        """The same neighbours elsewhere."""
        return Surroundings(vectors, self.sites, self.there)

    def virial(self, gradient: Float[Array, "3 slots atoms"]) -> Float[Array, "3 3 atoms"]:
        """Strain derivative of the energy of each atom, from its gradient by the vectors, eV."""
        return jnp.einsum("ikn,jkn->ijn", gradient, self.vectors)
