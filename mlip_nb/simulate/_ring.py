"""Ring polymers: the normal modes of every atom's beads, the way to the beads and back."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from ..neighbors import crew_size

TEAM = "team"
"""Name of the axis along which devices stand that share the beads."""
_LARGEST_MATRIX = 128
"""Beads up to which a matrix transforms them; above that the fast Fourier transform takes fewer operations."""


class Ring(eqx.Module):
    r"""What the beads of each atom do beyond their common motion: all normal modes but the first, the centroid.

    $$q_j = \bar q + \sum_{k=1}^{P-1} T_{jk} Q_k, \qquad \frac1P \sum_j T_{jk} T_{jl} = \delta_{kl}$$

    In these coordinates a ring polymer is a classical system at the physical temperature, in the mean $\bar V$ of the
    potential energies of its beads and in springs; energies need no factor $P$. One bead has no modes.
    """

    positions: Float[Array, "modes 3 atoms"]
    """Å."""
    momenta: Float[Array, "modes 3 atoms"]
    forces: Float[Array, "modes 3 atoms"]
    """Minus the derivative of the mean potential energy, eV/Å; without springs."""
    correction: Float[Array, "contracted 3 atoms"] | None = None
    """Forces on the centroid and the slowest modes that are not among the others: the part of the potential that is
    evaluated less often, on fewer beads. None: there is no such part."""

    @classmethod
    def collapsed(cls, beads: int, centroid: Float[Array, "3 atoms"]) -> "Ring":
        """Every bead at the centroid, at rest."""
        nothing = jnp.zeros((beads - 1, *centroid.shape), centroid.dtype)
        return cls(nothing, nothing, nothing)


def to_beads(centroid: Float[Array, "3 atoms"], modes: Float[Array, "modes 3 atoms"]) -> Float[Array, "beads 3 atoms"]:
    """What beads have, from what the centroid and the other modes have."""
    beads = len(modes) + 1
    if beads <= _LARGEST_MATRIX:
        matrix = jnp.asarray(_matrix(beads), modes.dtype)
        return centroid + jnp.einsum("jk,kan->jan", matrix, modes, precision="highest")
    pairs = (beads - 1) // 2
    waves = jax.lax.complex(modes[:pairs], modes[::-1][:pairs]) * float(np.sqrt(0.5))
    alternating = modes[pairs : beads - 1 - pairs]
    return beads * jnp.fft.irfft(jnp.concatenate([centroid[None], waves, alternating]), n=beads, axis=0)


def from_beads(
    beads: Float[Array, "beads 3 atoms"],
) -> tuple[Float[Array, "3 atoms"], Float[Array, "modes 3 atoms"]]:
    """What the centroid and the other modes have, from what beads have."""
    count = len(beads)
    if count <= _LARGEST_MATRIX:
        matrix = jnp.asarray(_matrix(count).T / count, beads.dtype)
        return beads.mean(axis=0), jnp.einsum("kj,jan->kan", matrix, beads, precision="highest")
    pairs, spectrum = (count - 1) // 2, jnp.fft.rfft(beads, axis=0) / count
    waves, alternating = spectrum[1 : pairs + 1] * float(np.sqrt(2)), spectrum[pairs + 1 :].real
    return spectrum[0].real, jnp.concatenate([waves.real, alternating, waves.imag[::-1]])


def over_beads(function: Callable[[Float[Array, "3 atoms"]], PyTree], beads: Float[Array, "beads 3 atoms"]) -> PyTree:
    """`function` of the positions of each bead, with a leading axis.

    Devices in a team (inside `shard_map` over the axis `TEAM`) take a share of the beads each and tell the others;
    where beads do not divide evenly some are worked on twice.
    """
    team, count = crew_size(TEAM), len(beads)
    if team == 1:
        return _over_own(function, beads)
    size = -(-count // team)
    own = jnp.minimum(jax.lax.axis_index(TEAM) * size + jnp.arange(size), count - 1)
    shares = _over_own(function, beads[own])
    return jax.tree.map(lambda share: jax.lax.all_gather(share, TEAM, tiled=True)[:count], shares)


def _over_own(function: Callable[[Float[Array, "3 atoms"]], PyTree], beads: Float[Array, "beads 3 atoms"]) -> PyTree:
    """All at once, except on a CPU: there one after another is faster, because what a bead needs stays in the cache."""
    if len(beads) == 1:
        return jax.tree.map(lambda leaf: leaf[None], function(beads[0]))
    return jax.lax.map(function, beads) if jax.default_backend() == "cpu" else jax.vmap(function)(beads)


def _matrix(beads: int) -> Float[np.ndarray, "beads modes"]:
    r"""$T_{jk}$: cosines up to the alternating mode, then sines; mode k and mode P - k are a pair."""
    bead, mode = np.arange(beads)[:, None], np.arange(1, beads)
    # Small angles have all their digits.
    angle = 2 * np.pi * (bead * mode % beads) / beads
    waves = np.sqrt(2) * np.where(2 * mode < beads, np.cos(angle), np.sin(angle))
    return np.where(2 * mode == beads, (-1.0) ** bead, waves)
