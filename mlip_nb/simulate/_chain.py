"""Nosé–Hoover chains: the thermostat of particles, and of a barostat."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

_ROUNDS = 2
_OUTER = 1 / (2 - 2 ** (1 / 3))
_WEIGHTS = (_OUTER, 1 - 2 * _OUTER, _OUTER) * _ROUNDS
"""Substeps of a propagation, fourth order (Suzuki and Yoshida), `_ROUNDS` times."""

LINKS = 3
"""Thermostats in a chain: one alone is not ergodic, beyond three nothing changes."""


class Chain(eqx.Module):
    r"""A chain of thermostats, each of which keeps the one before it warm.

    Masses are $Q_1 = n_f k_B T \tau^2$ and $Q_k = k_B T \tau^2$. Carried along are velocities $\dot\xi_k$, because
    their equation of motion knows only ratios of temperatures: a target may move to anything and nothing jumps.

    ??? cite "Reference"
        G. J. Martyna, M. E. Tuckerman, D. J. Tobias, M. L. Klein, *Mol. Phys.* **87**, 1117 (1996),
        doi:10.1080/00268979600100761
    """

    velocities: Float[Array, " links"]
    """Per internal time unit."""
    work: Float[Array, ""]
    r"""$\int k_B T (n_f \dot\xi_1 + \sum_{k>1} \dot\xi_k)\,dt$, eV: what flowed out of the system."""

    @classmethod
    def at_rest(cls, dtype, links: int = LINKS) -> "Chain":
        """Before anything has flowed."""
        # A long sum of small terms: in full precision even where momenta are not.
        return cls(jnp.zeros(links, dtype), jnp.zeros(()))

    def energy(
        self, *, freedom: Float[Array, ""] | int, kT: Float[Array, ""], time: Float[Array, ""] | float
    ) -> Float[Array, ""]:
        """What the conserved quantity has beyond the energy of the system, eV."""
        squares = self.velocities**2
        return self.work + 0.5 * kT * time**2 * (freedom * squares[0] + squares[1:].sum())


def propagate(
    chain: Chain,
    kinetic_energy: Float[Array, ""],
    duration: float,
    *,
    freedom: Float[Array, ""] | int,
    kT: Float[Array, ""],
    time: Float[Array, ""] | float,
) -> tuple[Chain, Float[Array, ""]]:
    """The chain after `duration`, and the factor by which the momenta it is coupled to have changed.

    `freedom` momenta with `kinetic_energy` (eV) are coupled; `time` is τ. Positions do not move meanwhile.
    Reversible: with `chain.velocities` reversed, the same duration leads back.
    """
    dtype = chain.velocities.dtype

    def substep(carry, weight):
        velocities, work, scale = carry
        links = [velocities[k] for k in range(len(velocities))]
        links, rest, factor = _substep(links, scale, weight * duration, kinetic_energy, freedom, kT, time)
        return (jnp.stack(links), work + rest, factor), None

    start = (chain.velocities, chain.work, jnp.ones((), dtype))
    (velocities, work, scale), _ = jax.lax.scan(substep, start, jnp.array(_WEIGHTS, dtype) / _ROUNDS)
    return Chain(velocities, work), scale


def _substep(links, scale, duration, kinetic_energy, freedom, kT, time):
    """Down the chain, the momenta, up the chain."""

    def pull(k: int):
        if k == 0:
            return (2 * scale**2 * kinetic_energy / (freedom * kT) - 1) / time**2
        return (freedom if k == 1 else 1) * links[k - 1] ** 2 - 1 / time**2

    def kick(k: int) -> None:
        drag = jnp.exp(-0.25 * duration * links[k + 1]) if k + 1 < len(links) else 1
        links[k] = drag * (drag * links[k] + 0.5 * duration * pull(k))

    for k in reversed(range(len(links))):
        kick(k)
    scale = scale * jnp.exp(-duration * links[0])
    work = kT * duration * (freedom * links[0] + sum(links[1:]))
    for k in range(len(links)):
        kick(k)
    return links, work, scale
