"""A crew: several devices that run one program, each with its share of the atoms and with knowledge of all.

Positions and everything else are the same everywhere, and what one device works out for its own atoms it tells the
others. Whoever is not in a crew (outside `shard_map` over the axis `CREW`) has a share of everything.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

CREW = "crew"
"""Name of the axis along which the devices stand."""


def crew_size(axis: str = CREW) -> int:
    """Devices at work together along an axis; 1 for whoever works alone."""
    try:
        return jax.lax.axis_size(axis)
    except NameError:
        return 1


def share_of(atoms: int) -> tuple[Array | int, int]:
    """First atom and number of atoms that this device works on; the number is the same for all.

    Where atoms do not divide evenly the last share begins early: some atoms are worked on twice.
    """
    crew = crew_size()
    size = -(-atoms // crew)
    return (jnp.minimum(jax.lax.axis_index(CREW) * size, atoms - size), size) if crew > 1 else (0, atoms)


def everywhere(own: Shaped[Array, "*features own_atoms"], atoms: int) -> Shaped[Array, "*features atoms"]:
    """The parts of all devices, put together for all of them."""
    crew = crew_size()
    if crew == 1:
        return own
    parts, twice = jax.lax.all_gather(own, CREW), crew * own.shape[-1] - atoms
    return jnp.concatenate([*parts[:-1], parts[-1][..., twice:]], axis=-1)


def summed(own: Float[Array, "*features own_atoms"], atoms: int) -> Float[Array, "*features"]:
    """The sum over all atoms; to the last bit the same on all devices, as their trajectories must be."""
    crew = crew_size()
    if crew == 1:
        return own.sum(axis=-1)
    size = own.shape[-1]
    again = (jax.lax.axis_index(CREW) == crew - 1) & (jnp.arange(size) < crew * size - atoms)
    return jax.lax.all_gather(jnp.where(again, 0, own).sum(axis=-1), CREW).sum(axis=0)
