"""Several replicas of one system in one compiled program.

Everything of a replica is a pytree; that of all replicas is the same tree with a leading axis. Trajectories do not
depend on what else is in the batch: each replica has its own random key, neighbour table and clock.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, PyTree

from ..neighbors import CREW
from ..potentials import AbstractPotential
from ..schedule import Ladder, Schedule
from ._advance import Frame, Progress, advance, empty_frames
from ._base import AbstractIntegrator
from ._ring import TEAM
from ._schedule import Script, script

_SHARE = 4000
"""Atoms a CPU core should have for itself, at least: below that the others are faster alone than told."""
_ONE_CREW = threading.Lock()


@dataclass(frozen=True)
class Layout:
    """How replicas share the hardware. Their trajectories do not depend on it."""

    together: bool
    """True: all at once (`vmap`), which fills a GPU. False: one after another (`lax.map`), which on a CPU is faster,
    because nobody rebuilds neighbours when somebody else must."""
    devices: tuple[jax.Device, ...]
    """Who shares the replicas: each takes as many as the others, give or take one. One replica alone: its beads, or,
    when it has none, its atoms."""

    @classmethod
    def of_machine(cls, replicas: int, atoms: int, beads: int = 1) -> "Layout":
        """What suits the devices that JAX sees; zero atoms where a replica cannot be shared."""
        devices, on_cpu = tuple(jax.local_devices()), jax.local_devices()[0].platform == "cpu"
        if replicas > 1:
            most = replicas
        elif on_cpu:
            most = min(beads * atoms // _SHARE, beads if beads > 1 else atoms)
        else:
            most = beads if atoms else 1
        return cls(together=not on_cpu, devices=devices[: max(1, most)])


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
    if len(layout.devices) > 1 == count_of(progress):
        return _advance_in_crew(layout.devices, (progress, scripts), *rest)
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


def _advance_in_crew(devices: tuple[jax.Device, ...], replica: PyTree, capacity: int, *rest):
    """One replica whose beads or atoms the devices share. All have all of it; outside it lies on the first one."""
    ring = replica[0].state.ring
    mesh = jax.sharding.Mesh(np.array(devices), (CREW if ring is None or not ring.positions.size else TEAM,))
    arrays, static = eqx.partition((replica, *rest), eqx.is_array)
    everywhere = jax.device_put(arrays, jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec()))
    # Two such programs at once would wait for each other, each on another device, for ever.
    with _ONE_CREW:
        done = jax.block_until_ready(_crew_program(mesh, everywhere, static, capacity))
    return jax.device_put(done, devices[0])


@eqx.filter_jit
def _crew_program(mesh: jax.sharding.Mesh, arrays: PyTree, static: PyTree, capacity: int):
    def work(arrays):
        replica, *rest = eqx.combine(arrays, static)
        return _advance_share(False, replica, capacity, *rest)

    same = jax.sharding.PartitionSpec()
    # What comes out is the same on all devices, which JAX cannot see from the inside.
    return jax.shard_map(work, mesh=mesh, in_specs=same, out_specs=same, check_vma=False)(arrays)


@eqx.filter_jit
def _advance_share(together: bool, share: PyTree, capacity: int, potential, integrator, target, every):
    """What one device does."""

    def one(replica: tuple[Progress, Script]):
        progress, script = replica
        frames = empty_frames(progress.state, integrator, script, capacity)
        return advance(progress, frames, potential, integrator, script, target, every)

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
        return jnp.stack(leaves) if traced else jax.device_put(np.stack([np.asarray(leaf) for leaf in leaves]))

    return jax.tree.map(joined, *replicas)


def scripts_of(values: Mapping[str, float | Schedule | Ladder], replicas: int, dtype) -> PyTree:
    """The script of each replica, stacked; what is no ladder is the same for all."""

    def own(value: float | Schedule | Ladder, index: int) -> float | Schedule:
        return value.values[index] if isinstance(value, Ladder) else value

    return stack([script({name: own(v, index) for name, v in values.items()}, dtype) for index in range(replicas)])
