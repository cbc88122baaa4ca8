"""What each member of a committee says of structures: their spread is the error of the model."""

from collections.abc import Sequence

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float

from ..potentials import AbstractPotential, Graph
from ..potentials.gaunt import Committee
from ..potentials.trained import Trained
from ..system import System
from ._loss import graph_of_batch
from .evaluate import batches_for
from .frames import Labelled


def committee_in(potential: AbstractPotential) -> Committee | None:
    """The committee that a potential is, or that its file holds; None for a single one."""
    inner = potential.inner if isinstance(potential, Trained) else potential
    return inner if isinstance(inner, Committee) else None


def member_energies(committee: Committee, structures: Sequence[System]) -> Float[np.ndarray, "members structures"]:
    """Energies of whole structures, eV, in one program for all members."""
    frames = [Labelled(system, None, None, None) for system in structures]
    found = np.empty((committee.spec.members, len(frames)))
    for batch in batches_for(committee, frames):
        energies = np.asarray(_each(committee, graph_of_batch(jax.device_put(batch))), float)
        for place in np.flatnonzero(batch.weight):
            found[:, batch.index[place]] = energies[:, (batch.owner == place) & batch.real].sum(axis=1)
    return found


@eqx.filter_jit
def _each(committee: Committee, graph: Graph) -> Float[Array, "members atoms"]:
    return committee.each(lambda member: member.atomic_energies(graph))
