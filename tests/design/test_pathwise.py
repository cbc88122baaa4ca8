"""Slopes through trajectories: right where there is a closed form, and refused where they are noise."""

import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import NVE, Brownian, units
from mlip_nb.design import check_window, pathwise
from mlip_nb.errors import InputError
from mlip_nb.simulate import Lyapunov

from .springs import Springs, pair, squared


def stiffness(potential):
    return potential.stiffness


def test_windows_beyond_three_lyapunov_times_are_refused_with_the_numbers():
    growth = Lyapunov(exponent=10.0, error=0.5, precision=2e-16)
    check_window(299.0, growth)
    with pytest.raises(InputError, match=r"301 fs is beyond the horizon of derivatives, 300 fs"):
        check_window(301.0, growth)
    with pytest.raises(InputError, match=r"Lyapunov exponent 10 ± 0.5 1/ps\), 2.2e\+04 times in all"):
        check_window(1000.0, growth)
    # What is not seen to grow has no horizon.
    check_window(1e9, Lyapunov(exponent=0.1, error=0.5, precision=2e-16))


@pytest.mark.physics
def test_the_slope_of_an_oscillation_is_that_of_a_cosine():
    """r² = cos²(ωt), ω² = 2k/m, from rest; Verlet's frequency is off by a part (ωh)²/24."""
    system = pair()
    system = system.with_momenta(jnp.zeros((2, 3)))
    found = pathwise(
        system, Springs(jnp.ones(())), NVE(), squared, stiffness, timestep=2.0, steps=100, every=50, trajectories=1
    )
    angle = (2 / 40.0) ** 0.5 * units.to_internal(1.0, "fs") * found.time
    np.testing.assert_allclose(found.mean, np.cos(angle) ** 2, atol=1e-3)
    # d/dk of cos²(ωt), with dω/dk = ω/2k.
    np.testing.assert_allclose(found.slope[:, 0], -np.sin(2 * angle) * angle / 2, atol=2e-3)


@pytest.mark.physics
def test_with_strong_friction_the_slope_becomes_that_of_the_ensemble():
    """d⟨r²⟩/dk = -3kT/k², at a plateau in time: the start is forgotten."""
    kT = 0.02
    ensemble = Brownian(temperature=kT / units.BOLTZMANN, friction=200.0)
    found = pathwise(
        pair(),
        Springs(jnp.ones(())),
        ensemble,
        squared,
        stiffness,
        timestep=20.0,
        steps=800,
        every=200,
        trajectories=200,
    )
    late = found.slope[2:, 0], found.slope_error[2:, 0]
    assert (np.abs(late[0] + 3 * kT) < 4 * late[1]).all()
    assert (late[1] < 0.5 * kT).all()


@pytest.mark.physics
def test_a_liquid_without_friction_is_refused_beyond_its_horizon_and_answered_within():
    """Argon, k_B T = ε: the horizon is a ps or less, and some hundred fs at least."""
    from ..physics.test_thermal_design import HOT, SIGMA, argon, liquid

    warm = mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(temperature=HOT, friction=2.0), timestep=8.0, steps=2000, every=2000)
    system = warm.run(liquid(), argon(SIGMA)).mlip.system(-1)

    def energy(snapshot):
        return snapshot.potential_energy

    def sigma(potential):
        return potential.sigma

    options = {"timestep": 8.0, "trajectories": 2}
    with pytest.raises(InputError, match="beyond the horizon of derivatives") as refused:
        pathwise(system, argon(SIGMA), NVE(), energy, sigma, steps=2000, **options)
    print(refused.value)
    found = pathwise(system, argon(SIGMA), NVE(), energy, sigma, steps=20, **options)
    print(found.lyapunov, found.horizon)
    assert 160 < found.horizon < 3000
    assert np.isfinite(found.slope).all()
