"""Velocity Verlet over long times on the Lennard-Jones liquid."""

import jax
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb.simulate import NVE, draw_momenta

from ..simulate.oscillators import run

pytestmark = pytest.mark.physics

EPSILON, SIGMA = 0.0104, 3.4
TAU = SIGMA * float(np.sqrt(39.948 / EPSILON))
"""Internal time unit of the reduced system."""


@pytest.fixture(scope="module")
def liquid():
    """108 atoms at density 0.8442, melted for 10 τ."""
    system = mlip_nb.from_ase(bulk("Ar", "fcc", a=SIGMA * (4 / 0.8442) ** (1 / 3), cubic=True).repeat(3))
    system = system.with_momenta(draw_momenta(system, 1.44 * EPSILON, key=jax.random.PRNGKey(0)))
    frames = run(system, _potential("smooth"), NVE().integrator(0.004 * TAU), {}, steps=2500, every=2500)
    moved = mlip_nb.System(
        jax.numpy.asarray(frames.positions[-1]), system.numbers, system.masses, system.cell, None, system.pbc
    )
    return moved.with_momenta(jax.numpy.asarray(frames.momenta[-1]))


def _potential(style):
    return mlip_nb.potential("lennard-jones", epsilon=EPSILON, sigma=SIGMA, cutoff=2.5 * SIGMA, style=style)


def _energies(liquid, style, timestep, duration, every):
    steps = round(duration / timestep)
    return run(
        liquid, _potential(style), NVE().integrator(timestep * TAU), {}, steps=steps, every=round(every / timestep)
    ).conserved


def test_drift_stays_below_a_hundred_thousandth_of_epsilon_per_atom(liquid):
    """1000 τ at h = 0.004 τ, float64."""
    energies = _energies(liquid, "smooth", 0.004, 1000, 1)
    slope = np.polyfit(np.linspace(0, 1, len(energies)), energies, 1)[0]
    assert abs(slope) / len(liquid.masses) < 1e-5 * EPSILON


def test_fluctuation_falls_fourfold_on_a_smooth_potential_and_not_on_a_truncated_one(liquid):
    """h = 0.004 to 0.002 τ: second order; a step in the energy at the cutoff spoils it (negative control)."""
    ratio = {}
    for style in ("smooth", "truncated"):
        coarse, fine = (_energies(liquid, style, timestep, 20, 0.04) for timestep in (0.004, 0.002))
        ratio[style] = coarse.std() / fine.std()
    assert ratio["smooth"] == pytest.approx(4, abs=0.3)
    assert ratio["truncated"] < 2
