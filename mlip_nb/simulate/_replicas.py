"""Several replicas of one system in one compiled program.

Everything of a replica is a pytree; that of all replicas is the same tree with a leading axis. Trajectories do not
depend on what else is in the batch: each replica has its own random key, neighbour table and clock.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, PyTree

from ..potentials import AbstractPotential
from ..schedule import Ladder, Schedule
from ._advance import Frame, Progress, advance, empty_frames
from ._base import AbstractIntegrator
from ._schedule import Script, script


@dataclass(frozen=True)
class Layout:
    """How replicas share the hardware. Their trajectories do not depend on it."""

    together: bool
    """True: all at once (`vmap`), which fills a GPU. False: one after another (`lax.map`), which on a CPU is faster,
    because nobody rebuilds neighbours when somebody else must."""
    devices: tuple[jax.Device, ...]
    """Who shares the replicas: each takes as many as the others, give or take one."""

    @classmethod
    def of_machine(cls, replicas: int) -> "Layout":
        """What suits the devices that JAX sees."""
        devices = tuple(jax.local_devices()[:replicas])
        return cls(together=devices[0].platform != "cpu", devices=devices)


def advance_replicas(
    layout: Layout,
    progress: Progress,
    capacity: int,
    potential: AbstractPotential,
    integrator: AbstractIntegrator,
    scripts: PyTree,
    target: Int[Array, ""],
    every: Int[Array, ""],
) -> tuple[Progress, Frame, Int[Array, " replica"]]:
    """`advance` for each replica, with room for `capacity` frames of each. Whoever overflows or is stuck stops alone.

    **Returns:** the same as `advance`, everything with a leading axis.
    """
    rest = (capacity, potential, integrator, target, every)
    if len(layout.devices) == 1:
        return _advance_share(layout.together, (progress, scripts), *rest)
    # The same program on every device rather than one partitioned over all: XLA rounds the latter otherwise, and
    # devices would have to wait for each other.
    shares = np.array_split(np.arange(count_of(progress)), len(layout.devices))
    done = [
        _advance_share(layout.together, jax.device_put(pick((progress, scripts), share), device), *rest)
        for share, device in zip(shares, layout.devices, strict=True)
    ]
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *jax.device_put(done, layout.devices[0]))


@eqx.filter_jit
def _advance_share(together: bool, share: PyTree, capacity: int, potential, integrator, target, every):
    """What one device does."""

    def one(replica: tuple[Progress, Script]):
        progress, script = replica
        return advance(progress, empty_frames(progress.state, capacity), potential, integrator, script, target, every)

    return each(one, share, together=together)


def each(function: Callable[[PyTree], PyTree], replicas: PyTree, *, together: bool = False) -> PyTree:
    """`function` of each replica, inside jit; one that is alone is not sliced and stacked, but taken as it is."""
    if count_of(replicas) == 1:
        return stack([function(pick(replicas, 0))])
    return jax.vmap(function)(replicas) if together else jax.lax.map(function, replicas)


def count_of(replicas: PyTree) -> int:
    """How many replicas a tree with a leading axis has."""
    return len(jax.tree.leaves(replicas)[0])


def pick(replicas: PyTree, index: int | np.ndarray) -> PyTree:
    """One replica of a tree with a leading axis, or several."""
    return jax.tree.map(lambda leaf: leaf[index], replicas)


def stack(replicas: Sequence[PyTree]) -> PyTree:
    """Trees of the same shape as one with a leading axis; on the host, which compiles nothing, unless traced."""

    def joined(*leaves):
        traced = any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)
        return jnp.stack(leaves) if traced else jnp.asarray(np.stack([np.asarray(leaf) for leaf in leaves]))

    return jax.tree.map(joined, *replicas)


def scripts_of(values: Mapping[str, float | Schedule | Ladder], replicas: int, dtype) -> PyTree:
    """The script of each replica, stacked; what is no ladder is the same for all."""

    def own(value: float | Schedule | Ladder, index: int) -> float | Schedule:
        return value.values[index] if isinstance(value, Ladder) else value

    return stack([script({name: own(v, index) for name, v in values.items()}, dtype) for index in range(replicas)])
