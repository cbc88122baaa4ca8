"""Power spectra of densities of neighbours: what an atom's surroundings look like from everywhere."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..potentials import Graph
from ..potentials._harmonics import degrees, harmonics
from ..potentials._radial import radial_basis


def power_spectrum(
    graph: Graph, cutoff: float, elements: int, degree: int, radial: int
) -> Float[Array, "features atoms"]:
    r"""$p_{l,ab} = \sum_m A_{lm,a} A_{lm,b}$ of the densities $A_{lm,a} = \sum_j B_a(r_{ij}) Y_{lm}(\hat r_{ij})$, one
    for each radial function and element of the neighbour; unchanged by rotations, and by exchange of like neighbours.

    Products of different densities are counted twice, so that the scalar product is that of whole matrices.
    """
    r2 = jnp.sum(graph.vectors**2, axis=0)
    shells = jnp.where(graph.mask, radial_basis(r2, cutoff=cutoff, length=cutoff / 2, functions=radial), 0)
    kinds = (graph.gather(graph.species.astype(r2.dtype)) == jnp.arange(elements)[:, None, None]).astype(r2.dtype)
    densities = (kinds[:, None] * shells).reshape(-1, *r2.shape)
    angular = harmonics(list(graph.vectors / jnp.sqrt(r2)), degree)
    moments = jnp.einsum("bkn,mkn->mbn", densities, angular)
    first, second = np.triu_indices(elements * radial)
    twice = jnp.asarray(np.where(first == second, 1.0, np.sqrt(2.0)), r2.dtype)[:, None]
    places = [np.flatnonzero(np.array(degrees(degree)) == one) for one in range(degree + 1)]
    spectra = [jnp.sum(moments[place][:, first] * moments[place][:, second], axis=0) * twice for place in places]
    return jnp.concatenate(spectra)
