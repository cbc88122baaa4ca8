"""The integrator of ring polymers: kicks by the potential, free motion by the springs, friction on every mode."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from .. import units
from ..simulate import (
    AbstractIntegrator,
    AbstractMiddle,
    Bath,
    BeadParts,
    Controls,
    MDState,
    Ring,
    Surface,
    from_beads,
    pulled,
)
from ._modes import AbstractInertia, Modes
from .actions import PRIMITIVE, Action
from .estimators import curvature_estimates, estimates
from .isotopes import scaled_estimates, widest
from .propagators import AbstractPropagator, Turn

MIDDLE, SIDE = "BAOAB", "OBAABO"
"""Splittings: B kicks by the potential, A moves freely, O is the thermostat; each letter its share of the timestep."""
_PREPARING = units.to_internal(10.0, "1/ps")
"""Friction of the centroid in the preparation."""


class RingPolymer(AbstractIntegrator):
    r"""Ring polymers in a potential. The state is that of the centroids; `MDState.ring` has the other modes.

    The middle splitting with Cayley's propagator is BCOCB; with one bead it is BAOAB of classical Langevin dynamics.
    Kicks, thermostats and what is conserved are those of the scaled modes (see `Ring`), all at the temperature T.
    """

    timestep: float = eqx.field(static=True)
    beads: int = eqx.field(static=True)
    splitting: str = eqx.field(static=True)
    propagator: AbstractPropagator
    inertia: AbstractInertia
    damping: float = eqx.field(static=True)
    r"""$\lambda$: modes have friction $2\lambda\omega_k$, critical at 1; none at 0."""
    centroid: AbstractMiddle | None
    """Whose thermostat acts on the centroid, for its timestep at each O. None: no thermostat."""
    preparation: int = eqx.field(static=True, default=0)
    """Steps at the start in which every mode has friction, critical beyond the centroid, whatever it has later."""
    with_curvature: bool = eqx.field(static=True, default=False)
    """Whether second derivatives are taken at each frame, for the heat capacity."""
    with_beads: bool = eqx.field(static=True, default=False)
    """Whether positions of all beads are recorded."""
    action: Action = PRIMITIVE
    """What of the potential each bead feels."""
    scaled_masses: Float[Array, "isotopes atoms"] | None = None
    """Masses that atoms might have, in the caller's order: what beads would do then is observed."""
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = False

    @property
    def holds_center(self) -> bool:
        """True when nothing but the potential acts on the centroid of all; the other modes do not move it."""
        return self.centroid is None or self.centroid.conserves_momentum or self.centroid.holds_center

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> Bath:
        """A random key, and no heat exchanged yet."""
        return Bath.fresh(key)

    def ring(self, state: MDState) -> Ring:
        """Every bead at its centroid: safe in any structure. Springs fill within a few of their periods."""
        return Ring.collapsed(self.beads, state.positions)

    def step(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """One step, letter by letter; forces are computed once, where positions are final."""
        return self.landed(self.reached(state, controls), surface, controls)

    def reached(self, state: MDState, controls: Controls) -> MDState:
        """The letters up to the last free motion: positions are final."""
        return self.spelled(self.first_half(state, controls), "A", controls)

    def landed(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """Forces, and the letters that are left."""
        state = self._pulled(state, surface, controls)
        state = self.spelled(state, self.splitting[self.splitting.rindex("A") + 1 :], controls)
        return eqx.tree_at(lambda s: s.step, state, state.step + 1)

    def first_half(self, state: MDState, controls: Controls) -> MDState:
        """The letters before the second half of the free motion."""
        return self.spelled(state, self.splitting[: self.splitting.rindex("A")], controls)

    def second_half(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """The other letters; forces are those at the positions that the last A leads to."""
        return self.landed(self.spelled(state, "A", controls), surface, controls)

    def watched(self, state: MDState) -> Float[Array, "beads 3 atoms"]:
        """The beads, as far out as they would be with the smallest masses."""
        return state.beads if self.scaled_masses is None else widest(state, self.scaled_masses)

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls: Controls) -> Float[Array, ""]:
        """Mean potential energy, springs and kinetic energy of all modes, less the heat from the bath.

        The Hamiltonian of the literature, at P times the temperature, is P times as much.
        """
        modes = self.modes(controls)
        springs = 0.5 * jnp.sum(modes.springs[:, None, None] * state.masses * state.ring.positions**2)
        return potential_energy + springs + _kinetic_energy(state, modes) - state.bath.heat

    def felt(self, state: MDState, surface: Surface, controls: Controls) -> tuple[BeadParts, Float[Array, ""], MDState]:
        """What averages over beads take of the surface, the energy of the action, and the state with its forces."""
        kT = controls["temperature"]
        parts = self.action.response(lambda positions: surface(positions, state.cell), state, surface, kT)
        energy = parts[0].mean(axis=0).sum() - jnp.trace(self.action.excess(state, surface, kT)).sum()
        return parts, energy, pulled(state, parts)

    def observe(self, state: MDState, parts: BeadParts, surface: Surface, controls: Controls) -> dict[str, Array]:
        """Estimators of quantum averages."""
        springs, kT = self.modes(controls).springs, controls["temperature"]
        observed = estimates(state, parts, self.action.excess(state, surface, kT), springs, kT)
        if self.with_curvature:
            observed |= curvature_estimates(state, parts, surface, kT)
        if self.scaled_masses is not None:
            observed |= scaled_estimates(state, parts, surface, self.scaled_masses)
        if self.with_beads:
            observed["bead_positions"] = jax.vmap(state.in_callers_order)(state.beads)
        return observed

    def thermal_momenta(self, state: MDState) -> Float[Array, "3 atoms"]:
        """Those of the centroid right after the thermostat; in the middle splitting half a kick ago."""
        since = 0.5 * self.timestep if self.splitting == MIDDLE else 0.0
        return state.momenta - jnp.where(state.step > 0, since, 0) * state.forces

    def modes(self, controls: Controls) -> Modes:
        """The modes at the present temperature."""
        return self.inertia.modes(self.beads, controls["temperature"])

    def _pulled(self, state: MDState, surface: Surface, controls: Controls) -> MDState:
        """The forces at the positions, and the strain derivative of the mean energy where it is kept."""

        def pull(bead):
            _, forces, strain = surface(bead, state.cell)
            return forces, None if state.strain is None else strain

        pulls, strains = self.action.response(pull, state, surface, controls["temperature"])
        state = eqx.tree_at(lambda s: (s.forces, s.ring.forces), state, from_beads(pulls))
        return state if strains is None else eqx.tree_at(lambda s: s.strain, state, strains.mean(axis=0))

    def spelled(self, state: MDState, letters: str, controls: Controls) -> MDState:
        """The state after these letters."""
        modes = self.modes(controls)
        turn = self.propagator.half(modes.frequencies, self.timestep)
        for letter in letters:
            if letter == "B":
                state = self._kicked(state)
            elif letter == "O":
                state = self._thermalised(state, modes, controls)
            else:
                state = self._moved(state, modes, turn)
        return state

    def _kicked(self, state: MDState) -> MDState:
        """B: half a timestep of the forces there are."""
        half, ring = 0.5 * self.timestep, state.ring
        change = state.momenta + half * state.forces, ring.momenta + half * ring.forces
        return eqx.tree_at(lambda s: (s.momenta, s.ring.momenta), state, change)

    def _moved(self, state: MDState, modes: Modes, turn: Turn) -> MDState:
        """A: half a timestep of free motion."""
        a, b, c = _columns(turn.a, turn.b, turn.c)
        (inertia,), ring = _columns(modes.inertia), state.ring
        masses = inertia * state.masses
        change = (
            state.positions + 0.5 * self.timestep * state.momenta / state.masses,
            a * ring.positions + b * ring.momenta / masses,
            a * ring.momenta - c * masses * ring.positions,
        )
        return eqx.tree_at(lambda s: (s.positions, s.ring.positions, s.ring.momenta), state, change)

    def _thermalised(self, state: MDState, modes: Modes, controls: Controls) -> MDState:
        """O: each mode with a friction of its own, the centroid by its thermostat."""
        key, draw = jax.random.split(state.bath.key)
        arriving = _kinetic_energy(state, modes)
        early = state.step < self.preparation
        if self.centroid is not None:
            friction = {"friction": jnp.where(early, _PREPARING, 0)} if self.preparation else {}
            momenta = self.centroid.thermalise(state.momenta, state, {**controls, **friction}, key=draw)
            state = eqx.tree_at(lambda s: s.momenta, state, momenta)
        if self.damping or self.preparation:
            damping = jnp.where(early, 1.0, self.damping) if self.preparation else self.damping
            rates = 2 * damping * modes.frequencies
            momenta = self._relaxed(state, modes, rates, controls["temperature"], draw)
            state = eqx.tree_at(lambda s: s.ring.momenta, state, momenta)
        heat = _kinetic_energy(state, modes) - arriving
        return eqx.tree_at(lambda s: s.bath, state, Bath(key, state.bath.heat + heat))

    def _relaxed(self, state: MDState, modes: Modes, rates, kT, key: PRNGKeyArray) -> Float[Array, "modes 3 atoms"]:
        """Momenta of the modes after friction and noise."""
        keep = jnp.exp(-rates * self.timestep / self.splitting.count("O")).astype(state.momenta.dtype)
        keep, width = _columns(keep, jnp.sqrt((1 - keep**2) * modes.inertia * kT))
        return keep * state.ring.momenta + width * jnp.sqrt(state.masses) * ring_noise(state, key)


def ring_noise(state: MDState, key: PRNGKeyArray) -> Float[Array, "modes 3 atoms"]:
    """Normal numbers for the modes beyond the centroid, none for atoms held in place; drawn in the caller's order.

    In single precision: a law needs no more digits, and in double they would take a tenth of the time of the forces
    of a Stillinger-Weber potential.
    """
    drawn = jax.random.normal(jax.random.fold_in(key, 1), state.ring.momenta.shape, "float32")[..., state.order]
    drawn = drawn.astype(state.momenta.dtype)
    return drawn if state.mobile is None else jnp.where(state.mobile, drawn, 0)


def _kinetic_energy(state: MDState, modes: Modes) -> Float[Array, ""]:
    """Of all modes, eV."""
    (inertia,) = _columns(modes.inertia)
    return state.kinetic_energy + 0.5 * jnp.sum(state.ring.momenta**2 / (inertia * state.masses))


def _columns(*factors: Float[Array, " modes"]) -> list[Float[Array, "modes 1 1"]]:
    """One factor for each mode, for all coordinates of atoms."""
    return [factor[:, None, None] for factor in factors]
