"""Ring-polymer contraction with multiple time steps: a cheap potential for every bead, a correction for few, seldom."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..simulate import (
    BeadParts,
    Controls,
    MDState,
    Ring,
    Surface,
    from_beads,
    over_beads,
    to_beads,
)
from ._around import AroundPolymer
from .integrator import RingPolymer


class Contracted(AroundPolymer):
    r"""Steps of ring polymers in a cheap potential, between two kicks by what is missing from it.

    $$\bar V = \frac1P \sum_{j=1}^P V_{\rm cheap}(q_j) + \frac1{P'} \sum_{j=1}^{P'} \Delta V(q'_j)$$

    where $q'$ has the slowest P' - 1 modes of $q$ beyond the centroid (`slowest`) and no others: with P' = P it is $q$,
    with P' = 1 the centroid. Averages and what is conserved are those of $\bar V$. In a step, `inner_steps` of the
    polymer; the kicks at both ends are those of r-RESPA. The surface is one in two parts (`CorrectedSurface`).

    ??? cite "Reference"
        T. E. Markland, D. E. Manolopoulos, *J. Chem. Phys.* **129**, 024105 (2008), doi:10.1063/1.2953308;
        M. Tuckerman, B. J. Berne, G. J. Martyna, *J. Chem. Phys.* **97**, 1990 (1992), doi:10.1063/1.463137
    """

    polymer: RingPolymer
    """What moves in the cheap potential; its timestep is the inner one."""
    beads: int = eqx.field(static=True)
    """P', those that know the correction."""
    inner_steps: int = eqx.field(static=True)

    @property
    def timestep(self) -> float:
        """From kick to kick."""
        return self.inner_steps * self.polymer.timestep

    def ring(self, state: MDState) -> Ring:
        """That of the polymer, with room for forces of the correction."""
        nothing = jnp.zeros((self.beads, *state.positions.shape), state.positions.dtype)
        return dataclasses.replace(self.polymer.ring(state), correction=nothing)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """Kick, inner steps, correction where they lead to, kick."""

        def inner(_, moving: MDState) -> MDState:
            moved = self.polymer.step(moving, surface.cheap, controls)
            return eqx.tree_at(lambda s: s.step, moved, state.step)

        moved = jax.lax.fori_loop(0, self.inner_steps, inner, self._kicked(state))
        missing = over_beads(lambda bead: surface.correction(bead, moved.cell)[1], self._few(moved))
        moved = eqx.tree_at(lambda s: s.ring.correction, moved, _as_modes(missing))
        return eqx.tree_at(lambda s: s.step, self._kicked(moved), state.step + 1)

    def felt(self, state: MDState, surface: Surface, controls: Controls) -> tuple[BeadParts, Float[Array, ""], MDState]:
        """What few beads have of the correction is everybody's."""
        cheap = over_beads(lambda bead: surface.cheap(bead, state.cell), state.beads)
        missing = over_beads(lambda bead: surface.correction(bead, state.cell), self._few(state))
        (centroid, modes), correction = from_beads(cheap[1]), _as_modes(missing[1])
        state = eqx.tree_at(
            lambda s: (s.forces, s.ring.forces, s.ring.correction), state, (centroid, modes, correction)
        )
        forces = to_beads(centroid + correction[0], modes.at[self._kept].add(correction[1:]))
        energies, strain = (whole + part.mean(axis=0) for whole, part in zip(cheap[::2], missing[::2], strict=True))
        return (energies, forces, strain), energies.mean(axis=0).sum(), state

    def thermal_momenta(self, state: MDState) -> Float[Array, "3 atoms"]:
        """Those of the polymer before the last kick."""
        last = jnp.where(state.step > 0, 0.5 * self.timestep, 0)
        before = eqx.tree_at(lambda s: s.momenta, state, state.momenta - last * state.ring.correction[0])
        return self.polymer.thermal_momenta(before)

    def _kicked(self, state: MDState) -> MDState:
        """Half a timestep of the correction."""
        change = 0.5 * self.timestep * state.ring.correction
        momenta = state.momenta + change[0], state.ring.momenta.at[self._kept].add(change[1:])
        return eqx.tree_at(lambda s: (s.momenta, s.ring.momenta), state, momenta)

    def _few(self, state: MDState) -> Float[Array, "contracted 3 atoms"]:
        """Positions of the beads that know the correction."""
        return to_beads(state.positions, state.ring.positions[self._kept])

    @property
    def _kept(self) -> np.ndarray:
        return slowest(self.polymer.beads, self.beads)


def slowest(beads: int, contracted: int) -> np.ndarray:
    """Where a ring of fewer beads finds its modes among those of a larger one, the centroid left out: cosines, sines.

    Of an even number the last cosine has no sine.
    """
    mode = np.arange(1, contracted)
    return np.where(2 * mode <= contracted, mode, beads - contracted + mode) - 1


def _as_modes(forces: Float[Array, "contracted 3 atoms"]) -> Float[Array, "contracted 3 atoms"]:
    """Of the centroid and the other modes."""
    centroid, modes = from_beads(forces)
    return jnp.concatenate([centroid[None], modes])
