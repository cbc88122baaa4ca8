"""Momenta of every normal mode, and how centroids move in real time."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import gamma, kstest, norm

import mlip_nb
from mlip_nb import units
from mlip_nb.path_integrals import PACMD, RPMD, TRPMD, GlobalPILE, LocalPILE
from mlip_nb.simulate import Guards

from ..simulate.oscillators import Wells, surface_of, traced
from .rings import CONTROLS, KT, Polynomial, felt, frequency_of, go, polymers, scattered

QUANTA, BEADS, ATOMS = 3.0, 6, 32
OMEGA = frequency_of(QUANTA)
WELLS = Wells((1.0 * OMEGA**2, 1.3 * OMEGA**2, 1.7 * OMEGA**2), 10 * OMEGA**2)
"""In which modes mix."""
FIVE_ERRORS = 2 * norm.sf(5)
"""p of five standard errors."""


@eqx.filter_jit
def kinetic_energies(state, integrator, controls, *, samples: int, every: int):
    """Of each mode, the centroid first, in units of kT per mode of one atom: `[sample, mode]`."""
    surface = surface_of(WELLS)
    controls = traced(controls, state)
    inertia = integrator.modes(controls).inertia[:, None]

    def one(state, _):
        state = jax.lax.fori_loop(0, every, lambda _, s: integrator.step(s, surface, controls), state)
        # Half a kick ago, where the thermostat left them but for free motion, which keeps their law.
        centroid = integrator.thermal_momenta(state)
        others = state.ring.momenta - 0.5 * integrator.timestep * state.ring.forces
        of_modes = 0.5 * jnp.sum(others**2 / state.masses, axis=1) / inertia
        of_centroid = 0.5 * jnp.sum(centroid**2 / state.masses, axis=0)
        return state, jnp.concatenate([of_centroid[None], of_modes]).sum(axis=1) / KT

    return jax.lax.scan(one, state, length=samples)[1]


CASES = [
    (LocalPILE, "bcocb", 0.1, 0),
    (GlobalPILE, "bcocb", 0.1, 0),
    (TRPMD, "bcocb", 0.1, 1),
    (PACMD, "bcocb", 0.02, 1),
    (LocalPILE, "baoab", 0.05, 0),
]


@pytest.mark.parametrize(
    ("kind", "propagator", "step", "first"),
    [
        pytest.param(*case, marks=() if case[0] is LocalPILE and case[1] == "bcocb" else pytest.mark.physics)
        for case in CASES
    ],
)
def test_momenta_of_every_mode_have_the_temperature_and_its_law(kind, propagator, step, first):
    """The kinetic energy of 32 atoms in each mode: Γ(48, kT), by its mean and by Kolmogorov and Smirnov.

    In real time nothing thermostats the centroid, so there modes begin with the `first` beyond it.
    """
    changes = {"preparation": 0} if first else {}
    integrator = kind(beads=BEADS, propagator=propagator, **changes).integrator(step / OMEGA)
    start = polymers(integrator, WELLS, atoms=ATOMS)
    controls = CONTROLS | {"friction": OMEGA, "thermostat_time": 1 / OMEGA}
    # Three times of the wells apart, in which modes with critical friction forget.
    found = np.asarray(kinetic_energies(start, integrator, controls, samples=440, every=round(3 / step)))[40:, first:]
    law = gamma(1.5 * ATOMS)
    error = law.std() / np.sqrt(len(found))
    np.testing.assert_allclose(found.mean(axis=0), law.mean(), atol=5 * error)
    assert error < 0.01 * law.mean()
    assert min(kstest(mode, law.cdf).pvalue for mode in found.T) > FIVE_ERRORS


# --- real time


@pytest.mark.parametrize("kind", [RPMD, TRPMD, PACMD])
def test_centroid_of_a_harmonic_well_moves_as_a_classical_particle(kind):
    """q cos ωt + p sin ωt / mω, whatever the other modes do, and whatever thermostats and masses they have."""
    well, step = Polynomial((0.0, 0.0, 0.5), QUANTA), 0.02 / OMEGA
    integrator = kind(beads=BEADS, preparation=0).integrator(step)
    start = polymers(integrator, well, atoms=3)
    start = eqx.tree_at(lambda s: s.positions, start, start.positions + 2.0 * jnp.arange(3))
    steps = 1000
    end, angle = go(felt(start, integrator, well), integrator, well, steps), OMEGA * step * steps
    away = start.positions - 2.0 * jnp.arange(3)
    expected = away * np.cos(angle) + start.momenta / OMEGA * np.sin(angle)
    # The frequency of a step is off by (ωh)²/24, over an angle of 20.
    np.testing.assert_allclose(end.positions - 2.0 * jnp.arange(3), expected, atol=1e-3 * np.abs(expected).max())


@pytest.mark.physics
@pytest.mark.parametrize("kind", [RPMD, TRPMD, PACMD])
def test_centroids_have_the_kubo_correlation_of_a_harmonic_well(kind):
    """After the preparation: <q(0) q(t)> = kT cos ωt / mω², the exact quantum one, at any number of beads."""
    atoms, step, well = 1000, 0.05 / OMEGA, Polynomial((0.0, 0.0, 0.5), QUANTA)
    timestep = units.from_internal(step, "fs")
    ensemble = kind(beads=4, preparation=2000 * timestep)
    md = {"timestep": timestep, "steps": 2400, "every": 10, "guards": Guards(drift=1e4)}
    data = mlip_nb.PIMD(ensemble=ensemble, **md).run(scattered(atoms), well)
    away = (data["positions"].values - 2.0 * np.arange(atoms)[:, None])[200:].reshape(-1, 3 * atoms)
    times = units.to_internal(1.0, "fs") * (data["time"].values[200:] - data["time"].values[200])
    products = away * away[0] * OMEGA**2 / KT
    error = products.std(axis=1) / np.sqrt(3 * atoms)
    assert (np.abs(products.mean(axis=1) - np.cos(OMEGA * times)) < 4 * error + 2e-3).all()
    assert error.max() < 0.03
