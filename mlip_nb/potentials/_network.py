"""The small network on top of the invariants of an atom."""

import jax
import jax.numpy as jnp
from equinox import Module
from jaxtyping import Array, Float, PRNGKeyArray


class Network(Module):
    """Two hidden layers; the first one is told the element of the atom, the second one holds its features."""

    entry: Float[Array, "hidden inputs"]
    element: Float[Array, "hidden elements"]
    inner: Float[Array, "hidden hidden"]
    bias: Float[Array, " hidden"]

    @classmethod
    def random(cls, inputs: int, hidden: int, elements: int, *, key: PRNGKeyArray) -> "Network":
        """Outputs of order one for inputs of unit variance."""
        entry, inner, element = jax.random.split(key, 3)
        return cls(
            entry=jax.random.normal(entry, (hidden, inputs)) / inputs**0.5,
            element=jax.random.normal(element, (hidden, elements)) * (elements > 1),
            inner=jax.random.normal(inner, (hidden, hidden)) / hidden**0.5,
            bias=jnp.zeros(hidden),
        )

    def __call__(
        self, inputs: Float[Array, "inputs atoms"], sites: Float[Array, "elements atoms"] | None
    ) -> Float[Array, "hidden atoms"]:
        """Features; `sites` are the weights of the elements on each atom, None where there is one element."""
        hidden = jax.nn.silu(self.entry @ inputs + at_sites(self.element, sites))
        return jax.nn.silu(self.inner @ hidden + self.bias[:, None])


def at_sites(
    table: Float[Array, "*features elements"], sites: Float[Array, "elements atoms"] | None
) -> Float[Array, "*features atoms"]:
    """What a table over elements has for each atom; of one element a column that broadcasts."""
    return table[..., :1] if sites is None else table @ sites
