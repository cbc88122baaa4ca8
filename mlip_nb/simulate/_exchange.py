"""Replicas that change places: what is read of them, and how one takes the temperature of another."""

from collections.abc import Mapping

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from ..potentials import AbstractPotential, Edges
from ..schedule import Ladder, Schedule
from ._advance import Progress
from ._base import AbstractIntegrator
from ._replicas import count_of, each, pick, scripts_of
from ._schedule import controls_at


class Standing(eqx.Module):
    """What decides on an exchange, for each replica."""

    potential_energy: Float[Array, " replica"]
    """eV."""
    volume: Float[Array, " replica"]
    """Å³."""
    conserved: Float[Array, " replica"]
    """eV."""


def standing(
    progress: Progress,
    potential: AbstractPotential,
    integrator: AbstractIntegrator,
    controls: Mapping[str, float | Schedule | Ladder],
) -> Standing:
    """Energies of replicas at the step where all of them are."""
    scripts = scripts_of(controls, count_of(progress), progress.state.positions.dtype)
    return _standing(progress, potential, integrator, scripts)


def change_places(
    progress: Progress, bath_of: Int[np.ndarray, " replica"], heating: Float[np.ndarray, " replica"]
) -> Progress:
    r"""Each replica with the bath of another, and momenta scaled by $\sqrt{T'/T}$, `heating` being T'/T.

    A bath (thermostat, barostat, random numbers) stays with its temperature: its law does not depend on who is
    coupled to it, so that whatever it is made of, the law of all replicas together is kept.
    """
    scale = jnp.asarray(np.sqrt(heating), progress.state.momenta.dtype)[:, None, None]
    return eqx.tree_at(
        lambda p: (p.state.momenta, p.state.bath),
        progress,
        (scale * progress.state.momenta, pick(progress.state.bath, bath_of)),
    )


@eqx.filter_jit
def _standing(progress: Progress, potential, integrator, scripts) -> Standing:
    def one(replica):
        progress, script = replica
        state = progress.state
        energies, _, _ = potential.measure(Edges(state.positions, state.cell, state.numbers, progress.neighbors))
        energy, volume = energies.sum(), jnp.abs(jnp.linalg.det(state.cell))
        controls = controls_at(script, state.step * integrator.timestep)
        return energy, volume, integrator.conserved(state, energy, controls)

    return Standing(*each(one, (progress, scripts)))
