"""All that is needed to continue a simulation exactly, as bytes.

The neighbour table is not written but made again: from the positions of its last rebuild, not from the present
ones, and with the same shapes. So sums run in the same order, and the continued trajectory equals the
uninterrupted one to the last bit.
"""

import dataclasses
import io
import json
from collections.abc import Mapping, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp

from ..errors import InputError, StorageError
from ..neighbors import Grid, Neighbors, finder
from ..system import System
from ._advance import Progress
from ._base import MDState
from ._replicas import count_of, pick, stack

_KIND, _VERSION = "mlip_nb simulation", 4


def write_checkpoint(progress: Progress, notes: Mapping[str, object] | None = None) -> bytes:
    """One JSON line that tells what this is, then arrays. `read_header` gives back the notes: plain JSON types."""
    header = {
        "kind": _KIND,
        "version": _VERSION,
        "replicas": count_of(progress),
        "atoms": progress.state.masses.shape[1],
        "step": int(progress.state.step[0]),
        "grid": dataclasses.asdict(progress.neighbors.grid),
        "form": _form(progress),
        "notes": dict(notes or {}),
    }
    buffer = io.BytesIO()
    buffer.write(json.dumps(header).encode() + b"\n")
    eqx.tree_serialise_leaves(buffer, _leaves(progress))
    return buffer.getvalue()


def read_header(data: bytes) -> dict:
    """What a checkpoint says of itself.

    **Raises:** `StorageError` when it is none of ours, or of another version.
    """
    try:
        header = json.loads(data.partition(b"\n")[0])
    except ValueError:
        header = {}
    if header.get("kind") != _KIND:
        raise StorageError("this is not a checkpoint of a simulation; start a new run")
    if header["version"] != _VERSION:
        raise StorageError(
            f"the checkpoint has version {header['version']}, this mlip_nb reads {_VERSION}; start a new run"
        )
    return header


def read_checkpoint(data: bytes, like: Sequence[MDState]) -> Progress:
    """The replicas as they were; `like` are states of the same system and integrator.

    **Raises:** `InputError` when the checkpoint belongs to another system or integrator, `StorageError` when it is
    damaged.
    """
    header = read_header(data)
    replicas, atoms = len(like), len(like[0].masses)
    if header["atoms"] != atoms:
        raise InputError(f"the checkpoint has {header['atoms']} atoms, the system {atoms}; load the same system")
    if header["replicas"] != replicas:
        raise InputError(f"the checkpoint has {header['replicas']} replicas, the run {replicas}; ask for as many")
    grid = Grid(**{name: tuple(v) if isinstance(v, list) else v for name, v in header["grid"].items()})
    blank = Neighbors.blank(grid, like[0].system(grid.pbc))
    fresh = stack([Progress.start(state, blank) for state in like])
    if header["form"] != _form(fresh):
        raise InputError("the checkpoint belongs to another ensemble or precision; use those it was written with")
    try:
        leaves = eqx.tree_deserialise_leaves(io.BytesIO(data.partition(b"\n")[2]), _leaves(fresh))
    except (EOFError, OSError, ValueError, RuntimeError) as error:
        raise StorageError("the checkpoint is damaged; start a new run") from error
    return stack([_restored(pick(leaves, index), blank) for index in range(replicas)])


def _restored(leaves, blank: Neighbors) -> Progress:
    """One replica, its table made from where atoms were at the last rebuild."""
    state, reference, cell, stale, recorded, rebuilt = leaves
    grid = blank.grid
    then = System(reference.T, state.numbers, state.masses, cell, None, grid.pbc)
    table = finder(grid.cutoff, grid.skin).update(blank, then)
    return Progress(state, table, stale, recorded, rebuilt, jnp.zeros((), bool))


def _form(progress: Progress) -> list[str]:
    """Names, types and shapes of everything that is written: what tells one kind of simulation from another."""
    named, _ = jax.tree.flatten_with_path(_leaves(progress))
    return [f"{jax.tree_util.keystr(path)} {leaf.dtype}{list(leaf.shape)}" for path, leaf in named]


def _leaves(progress: Progress):
    table = progress.neighbors
    return progress.state, table.reference, table.cell, progress.stale, progress.recorded, progress.rebuilt
