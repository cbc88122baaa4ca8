"""A cell that moves by inertia: the isenthalpic part of Martyna, Tobias and Klein's equations of motion."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from ._barostat import Load, exponential, flow, refuse_held, upright, volume
from ._base import Controls, MDState, Surface


class Piston(eqx.Module):
    """How fast a cell deforms, and where it began."""

    rate: Float[Array, "3 3"]
    """Symmetric; d ln(length) / dt, per internal time unit."""
    reference: Float[Array, "3 3"]
    """The cell that stresses refer to: the one the run started from."""

    @classmethod
    def at_rest(cls, state: MDState) -> "Piston":
        """A cell that does not move yet.

        **Raises:** `InputError` when atoms are held in place.
        """
        refuse_held(state)
        return cls(jnp.zeros_like(state.cell), state.cell)

    def energy(self, mass: Float[Array, ""] | float) -> Float[Array, ""]:
        """Of the motion of the cell, eV."""
        return 0.5 * mass * jnp.sum(self.rate**2)


def piston_mass(state: MDState, kT: Float[Array, ""] | float, time: float) -> Float[Array, ""]:
    """W = (n_f + 3) k_B T τ² / 3; for isotropic strains three of them add up to Martyna, Tobias and Klein's."""
    return (state.freedom + 3) * kT * time**2 / 3


def piston_energy(
    state: MDState, piston: Piston, load: Load, mass: Float[Array, ""] | float, controls: Controls
) -> Float[Array, ""]:
    r"""What the conserved quantity has beyond the energy of the atoms, eV.

    P V, the motion of the cell, and $-V_0 \operatorname{tr} t\eta$ with Green's strain $\eta = (FF^T - 1)/2$ of the
    cell against its reference.
    """
    deformation = _deformation(state.cell, piston.reference)
    green = 0.5 * (deformation @ deformation.T - jnp.eye(3, dtype=state.cell.dtype))
    stretching = volume(piston.reference) * jnp.sum(load.tensor(state.cell.dtype) * green)
    return controls["pressure"] * volume(state.cell) - stretching + piston.energy(mass)


def piston_step(
    state: MDState,
    piston: Piston,
    surface: Surface,
    load: Load,
    mass: Float[Array, ""] | float,
    timestep: float,
    controls: Controls,
) -> tuple[MDState, Piston]:
    r"""One step of constant enthalpy; second order, reversible.

    $$\dot r = p/m + \nu r, \quad \dot p = F - (\nu + \operatorname{tr}\nu/n_f)\,p, \quad \dot h = h\nu, \quad
    W\dot\nu = V(\mathcal P - P_0) + V_0 F^T t F + \frac{1}{n_f}\sum\frac{p^2}{m}$$

    with $V\mathcal P = \sum pp/m - dE/d\varepsilon$. The target t beyond the pressure is a thermodynamic tension: it
    has an energy, which a true stress has not, and without friction that feeds the motion of the cell. True is
    $V_0 F^T t F/V$, with the deformation F since the start. Half a kick of ν, half a kick of p, a drift in closed
    form, and back again. The bath of the returned state is the old one.
    """
    half = 0.5 * timestep
    rate = _accelerated(piston.rate, state, piston.reference, load, mass, half, controls)
    momenta = _kicked(state, rate, half)
    stretch, mean = exponential(timestep * rate)
    turn = upright(state.cell @ stretch, state.cell)
    cell, rate_turned = state.cell @ stretch @ turn, turn.T @ rate @ turn
    positions = turn.T @ (stretch @ state.positions + timestep * mean @ (momenta / state.masses))
    _, forces, strain = surface(positions, cell)
    moved = eqx.tree_at(
        lambda s: (s.positions, s.momenta, s.forces, s.strain, s.cell, s.step),
        state,
        (positions, turn.T @ momenta, forces, strain, cell, state.step + 1),
    )
    moved = eqx.tree_at(lambda s: s.momenta, moved, _kicked(moved, rate_turned, half))
    rate = _accelerated(rate_turned, moved, piston.reference, load, mass, half, controls)
    return moved, Piston(rate, piston.reference)


def _accelerated(
    rate, state: MDState, reference, load: Load, mass, duration: float, controls: Controls
) -> Float[Array, "3 3"]:
    kinetic = flow(state.momenta, state.masses)
    everywhere = jnp.trace(kinetic) / state.freedom - controls["pressure"] * volume(state.cell)
    deformation = _deformation(state.cell, reference)
    tension = volume(reference) * deformation.T @ load.tensor(rate.dtype) @ deformation
    force = kinetic - state.strain + tension + everywhere * jnp.eye(3, dtype=rate.dtype)
    # Of the rate, too, only the free part: in the rest nothing but rounding is left, and a thermostat that heats the
    # free strains multiplies it, exponentially in time.
    return load.free(rate + duration / mass * force)


def _deformation(cell, reference) -> Float[Array, "3 3"]:
    """F with h = h₀ F."""
    return jnp.linalg.solve(reference, cell)


def _kicked(state: MDState, rate, duration: float) -> Float[Array, "3 atoms"]:
    """Momenta under constant forces in a cell that deforms at a constant rate."""
    damping = rate + jnp.trace(rate) / state.freedom * jnp.eye(3, dtype=rate.dtype)
    shrink, mean = exponential(-duration * damping)
    return shrink @ state.momenta + duration * mean @ state.forces
