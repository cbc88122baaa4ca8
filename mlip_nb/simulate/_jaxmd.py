"""jax_md's integrators behind our interface: the reference of the fused ones, and a choice.

jax_md takes seconds to import, so it is imported when a step is traced. Its states are made from ours and
taken apart again at each step, in the caller's order, so that both engines draw the same noise.
"""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ..errors import InputError
from ._base import AbstractIntegrator, Controls, MDState, Surface, kinetic_energy
from ._chain import Chain
from ._middle import Bath

_ROUNDS, _YOSHIDA = 2, 7
"""Substeps of the chain. Of jax_md's tables of weights those with 3 and 5 entries are second order only."""


class JaxMDVelocityVerlet(AbstractIntegrator):
    """`jax_md.simulate.nve`. It rounds the timestep to float32."""

    timestep: float = eqx.field(static=True)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = True

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> PyTree:
        """Nothing."""
        return None

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step of jax_md."""
        from jax_md import simulate

        rows = simulate.NVEState(**_rows(state))
        _, apply = simulate.nve(_row_forces(state, surface), _shift, self.timestep)
        return _columns(state, apply(rows), None)

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The total energy."""
        return potential_energy + state.kinetic_energy


class JaxMDLangevin(AbstractIntegrator):
    """`jax_md.simulate.nvt_langevin`: BAOAB."""

    timestep: float = eqx.field(static=True)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = False

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Bath:
        """A random key, and no heat exchanged yet.

        **Raises:** `InputError` for atoms held in place, which jax_md's noise would move.
        """
        if state.mobile is not None:
            raise InputError("jax_md's Langevin dynamics cannot hold atoms in place; take engine 'fused'")
        return Bath.fresh(key)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step of jax_md; the heat is what its O step did, seen between the two half kicks."""
        from jax_md import simulate

        rows = simulate.NVTLangevinState(**_rows(state), rng=state.bath.key)
        _, apply = simulate.nvt_langevin(
            _row_forces(state, surface), _shift, self.timestep, controls["temperature"], controls["friction"]
        )
        moved = apply(rows)
        new = _columns(state, moved, state.bath)
        half = 0.5 * self.timestep
        before = kinetic_energy(state.momenta + half * state.forces, state.masses)
        after = kinetic_energy(new.momenta - half * new.forces, state.masses)
        return eqx.tree_at(lambda s: s.bath, new, Bath(moved.rng, state.bath.heat + after - before))

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The total energy less the heat taken from the bath."""
        return potential_energy + state.kinetic_energy - state.bath.heat

    def thermal_momenta(self, state: MDState) -> Float[Array, "3 atoms"]:
        """Those right after the O step: half a kick ago."""
        return state.momenta - jnp.where(state.step > 0, 0.5 * self.timestep, 0) * state.forces


class JaxMDNoseHoover(AbstractIntegrator):
    """`jax_md.simulate.nvt_nose_hoover`, with its target corrected for the degrees of freedom.

    It counts three for each atom, though it starts with the centre of mass at rest, where it stays: by itself it heats
    the other 3N - 3 to N/(N - 1) times the target. With the target lowered by as much the canonical law is exact.
    """

    timestep: float = eqx.field(static=True)
    links: int = eqx.field(static=True)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = True

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Chain:
        """A chain at rest."""
        return Chain.at_rest(state.momenta.dtype, self.links)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step of jax_md."""
        from jax_md import simulate

        kT, time = _their_target(state, controls), controls["thermostat_time"]
        rows = simulate.NVTNoseHooverState(**_rows(state), chain=_their_chain(state, kT, time))
        _, apply = simulate.nvt_nose_hoover(
            _row_forces(state, surface), _shift, self.timestep, kT, self.links, _ROUNDS, _YOSHIDA, time
        )
        moved = apply(rows)
        shares = jnp.ones_like(moved.chain.position).at[0].set(state.momenta.size)
        work = state.bath.work + kT * jnp.sum(shares * moved.chain.position)
        return _columns(state, moved, Chain(moved.chain.momentum / moved.chain.mass, work))

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The energy of the system and of the chain."""
        kT, time = _their_target(state, controls), controls["thermostat_time"]
        chain = state.bath.energy(freedom=state.momenta.size, kT=kT, time=time)
        return potential_energy + state.kinetic_energy + chain


class JaxMDRescaling(AbstractIntegrator):
    """`jax_md.simulate.temp_csvr`, with its target corrected for the degrees of freedom.

    It counts three for each atom, N/(N - 1) too many with the centre of mass at rest; the corrected target mends
    the mean of the kinetic energy, not its width. Its noise cannot be mended from here: both random terms are drawn
    with one key, and for an even number of atoms they share a number, which widens the law of the kinetic energy: its
    variance is 4 % too large for two atoms, 0.7 % for eight (measured).
    """

    timestep: float = eqx.field(static=True)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = True

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Bath:
        """A random key, and no heat exchanged yet.

        **Raises:** `InputError` for atoms at rest, which it cannot set in motion.
        """
        if not bool(jnp.any(state.momenta != 0)):
            raise InputError("jax_md's velocity rescaling needs atoms that move; take engine 'fused', or draw momenta")
        return Bath.fresh(key)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step of jax_md: rescaling, then velocity Verlet."""
        from jax_md import simulate

        rows = simulate.NVTLangevinState(**_rows(state), rng=state.bath.key)
        kT, time = _their_target(state, controls), controls["thermostat_time"]
        _, apply = simulate.temp_csvr(_row_forces(state, surface), _shift, self.timestep, kT, time)
        moved = apply(rows)
        new = _columns(state, moved, state.bath)
        rescaled = new.momenta - 0.5 * self.timestep * (state.forces + new.forces)
        heat = state.bath.heat + kinetic_energy(rescaled, state.masses) - state.kinetic_energy
        return eqx.tree_at(lambda s: s.bath, new, Bath(moved.rng, heat))

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """The total energy less the heat taken from the bath."""
        return potential_energy + state.kinetic_energy - state.bath.heat


def _shift(positions, displacement):
    """Positions stay unwrapped: the neighbour table finds images by itself."""
    return positions + displacement


def _rows(state: MDState) -> dict[str, Array]:
    rank = jnp.argsort(state.order)
    columns = {"position": state.positions, "momentum": state.momenta, "force": state.forces}
    return {name: values[:, rank].T for name, values in columns.items()} | {"mass": state.masses[rank][:, None]}


def _row_forces(state: MDState, surface: Surface):
    rank = jnp.argsort(state.order)
    return lambda positions: surface(positions[state.order].T, state.cell)[1][:, rank].T


def _their_target(state: MDState, controls: Controls) -> Float[Array, ""]:
    """The temperature at which 3N degrees of freedom have the kinetic energy that is meant."""
    return controls["temperature"] * state.freedom / state.momenta.size


def _their_chain(state: MDState, kT: Float[Array, ""], time: Float[Array, ""]):
    """Our chain in jax_md's variables; its positions count from the start of the step."""
    from jax_md import simulate

    chain, time, freedom = state.bath, jnp.float32(time), state.momenta.size
    masses = (kT * time**2 * jnp.ones_like(chain.velocities)).at[0].multiply(freedom)
    start = jnp.zeros_like(chain.velocities)
    return simulate.NoseHooverChain(start, masses * chain.velocities, masses, time, state.kinetic_energy, freedom)


def _columns(state: MDState, rows, bath: PyTree) -> MDState:
    back = [values[state.order].T for values in (rows.position, rows.momentum, rows.force)]
    return eqx.tree_at(
        lambda s: (s.positions, s.momenta, s.forces, s.bath, s.step),
        state,
        (*back, bath, state.step + 1),
        is_leaf=lambda leaf: leaf is None,
    )
