"""Diffusion of simulated atoms: the free Langevin particle, and Einstein beside Green and Kubo in a liquid."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb import units

pytestmark = pytest.mark.physics


def test_free_langevin_particles_of_a_run():
    """kT/mγ (γh/2) coth(γh/2) for γh of 0.1: 64 atoms for 20000 steps err by less than 1 %."""
    ensemble = mlip_nb.NVTLangevin(temperature=300.0, friction=20.0)
    run = mlip_nb.MD(steps=20_000, every=1, timestep=5.0, ensemble=ensemble)
    free = mlip_nb.potential("lennard-jones", epsilon=1e-12, sigma=1.0)
    data = run.run(mlip_nb.load("Ar", repeat=(4, 2, 2), a=100.0), free)
    found = data.mlip.measure("diffusion", longest=2000.0, fit_from=500.0)
    mass = float(data["mass"][0])
    speed = units.to_internal(300, "K") / mass * units.to_internal(1.0, "fs") ** 2
    law = 0.1 * speed / 0.02 * 0.05 / np.tanh(0.05)
    for name in ("diffusion_coefficient", "green_kubo_diffusion"):
        assert float(found[name][0, 0]) == pytest.approx(law, rel=0.03)


def test_einstein_agrees_with_green_and_kubo_in_a_liquid():
    """Argon at 130 K: one number twice, to 5 %."""
    ensemble = mlip_nb.NVTLangevin(temperature=130.0, friction=0.5)
    run = mlip_nb.MD(steps=6000, every=4, timestep=4.0, ensemble=ensemble)
    data = run.run(mlip_nb.load("Ar", repeat=3, a=5.7), mlip_nb.potential("lennard-jones"))
    found = data.mlip.measure("diffusion", fit_from=500.0)
    assert float(found["displacement_exponent"][0, 0]) == pytest.approx(1, abs=0.2)
    ratio = float(found["green_kubo_diffusion"][0, 0] / found["diffusion_coefficient"][0, 0])
    assert ratio == pytest.approx(1, abs=0.05)
