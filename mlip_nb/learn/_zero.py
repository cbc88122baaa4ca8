"""Where energies count from while bonds are learned."""

from collections.abc import Iterable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..potentials.gaunt import Gaunt
from ._loss import graph_of_batch
from ._packing import Batch


class Zero(eqx.Module):
    """Of each member: a zero of energies that stays with the mean surroundings of the data.

    Atoms by themselves are far from all that a crystal tells. Were they the zero where no frame tells of them, every
    weight would move all energies at once, and nothing else could be learned before these are right.
    """

    floor: Float[Array, "members elements"]
    """eV, beyond the energies that were taken off the labels."""
    centre: Float[Array, "members features elements"]
    """Mean features of the atoms of each element."""
    untold: Float[Array, "members elements elements2"]
    """What projects on energies of isolated atoms that no frame tells."""

    @classmethod
    def of(
        cls,
        members: Gaunt,
        isolated: Float[Array, "members elements"],
        batches: Iterable[Batch],
        untold: Float[Array, "elements directions"],
    ) -> "Zero":
        """The energies of the members are what they were, with `isolated` beyond what was taken off."""
        elements = untold.shape[0]
        sums, counts = zip(*(_sums(members, batch, elements) for batch in batches), strict=True)
        centre = sum(sums) / jnp.maximum(sum(counts), 1)
        projector = jnp.broadcast_to(untold @ untold.T, (*isolated.shape, elements)).astype(centre.dtype)
        bare = cls(jnp.zeros_like(isolated, centre.dtype), centre, projector)
        before = eqx.filter_vmap(lambda zero, member: zero.of_bonds(member))(bare, members)
        return cls(isolated.astype(centre.dtype) - before, centre, projector)

    def placed(self, member: Gaunt) -> Gaunt:
        """One member with its zero there; under `vmap`."""
        return eqx.tree_at(lambda one: one.isolated, member, self.floor + self.of_bonds(member))

    def of_bonds(self, member: Gaunt) -> Float[Array, " elements"]:
        """What the weights say of atoms alone against those of the mean surroundings, eV."""
        apart = member.features_alone() - self.centre
        return self.untold @ (member.scale * jnp.sum(apart * member.readout, axis=0))


@eqx.filter_jit
def _sums(members: Gaunt, batch: Batch, elements: int):
    """Of features over the atoms of each element, and how many those are."""
    kind = jax.nn.one_hot(batch.species, elements) * batch.real[:, None]
    graph = graph_of_batch(batch)
    return eqx.filter_vmap(lambda member: member.features(graph) @ kind)(members), kind.sum(axis=0)
