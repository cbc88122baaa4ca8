"""Wrong thermostats and barostats: what the suite is there to find."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from mlip_nb.simulate import NVE, AbstractIntegrator, MDState, NVTLangevin

from .liquid import EPSILON, PRESSURE, TAU, TIMESTEP, liquid
from .sampling import DENSITY, HOTTER, PRESSES, REPEAT, TEMPERATURE, run
from .validation import kinetic_law, quantiles

pytestmark = pytest.mark.physics

_WARMING, _SQUEEZING = 0.1 * TAU, 0.3 * TAU
"""Relaxation times of temperature and pressure."""
_STEPS, _EVERY = 12_000, 20
_CLOSE = 1.1
"""Second pressure, reduced: volumes scatter too little to have anything in common at one farther off."""


class WeakCoupling(AbstractIntegrator):
    """Another integrator, after whose steps momenta and volume are led towards their targets without any noise.

    The right mean, the wrong width: what is known as Berendsen's thermostat and barostat.

    ??? cite "Reference"
        H. J. C. Berendsen et al., *J. Chem. Phys.* **81**, 3684 (1984), doi:10.1063/1.448118
    """

    inner: AbstractIntegrator
    timestep: float = eqx.field(static=True)
    squeezes: bool = eqx.field(static=True)
    order: ClassVar[int] = 1
    conserves_momentum: ClassVar[bool] = True
    changes_cell: ClassVar[bool] = True

    def bath(self, state: MDState, *, key: PRNGKeyArray) -> PyTree:
        return self.inner.bath(state, key=key)

    def step(self, state: MDState, surface, controls) -> MDState:
        state = self.inner.step(state, surface, controls)
        if self.squeezes:
            return self._squeezed(state, surface, controls)
        ratio = controls["temperature"] / state.temperature
        factor = jnp.sqrt(1 + self.timestep / _WARMING * (ratio - 1))
        return eqx.tree_at(lambda s: s.momenta, state, factor * state.momenta)

    def conserved(self, state: MDState, potential_energy: Float[Array, ""], controls) -> Float[Array, ""]:
        return potential_energy + state.kinetic_energy

    def _squeezed(self, state: MDState, surface, controls) -> MDState:
        strain = surface(state.positions, state.cell)[2]
        volume = jnp.abs(jnp.linalg.det(state.cell))
        pressure = (2 * state.kinetic_energy - jnp.trace(strain)) / (3 * volume)
        # 0.1: the compressibility of the liquid, reduced.
        growth = 0.1 / PRESSURE * self.timestep / _SQUEEZING * (pressure - controls["pressure"])
        factor = (1 + growth) ** (1 / 3)
        return eqx.tree_at(lambda s: (s.positions, s.cell), state, (factor * state.positions, factor * state.cell))


def _sample(integrator: AbstractIntegrator, temperature: float, pressure: float = PRESSES):
    targets = {"temperature": temperature * EPSILON, "friction": 2 / TAU, "pressure": pressure * PRESSURE}
    start = liquid(DENSITY, REPEAT, temperature)
    return run(start, integrator, targets, steps=_STEPS, every=_EVERY, seed=round(100 * temperature + 10 * pressure))


def test_weakly_coupled_temperature_is_found_out(report):
    """Mean kinetic energy right, its law wrong; and energies at two temperatures do not overlap as Boltzmann says."""
    integrator = WeakCoupling(NVE().integrator(TIMESTEP), TIMESTEP, squeezes=False)
    cool, hot = (_sample(integrator, temperature) for temperature in (TEMPERATURE, HOTTER))
    freedom = 3 * 4 * REPEAT**3 - 3
    assert cool.kinetic.mean() == pytest.approx(freedom * TEMPERATURE * EPSILON / 2, rel=0.01)
    p = kinetic_law(cool, TEMPERATURE * EPSILON, freedom)
    found = quantiles(cool, hot, (TEMPERATURE * EPSILON, None), (HOTTER * EPSILON, None))
    report.law("weakly coupled thermostat (control): K law p, two T", f"{p:.0e}, {found:.1f}", "refused")
    assert p < 1e-10
    assert found > 5


def test_weakly_coupled_pressure_is_found_out(report):
    """Langevin's thermostat is right; the volume follows its target too closely."""
    integrator = WeakCoupling(NVTLangevin().integrator(TIMESTEP), TIMESTEP, squeezes=True)
    low, high = (_sample(integrator, TEMPERATURE, pressure) for pressure in (PRESSES, _CLOSE))
    kT = TEMPERATURE * EPSILON
    found = quantiles(low, high, (kT, PRESSES * PRESSURE), (kT, _CLOSE * PRESSURE))
    report.law("weakly coupled barostat (control): two P", f"{found:.1f}", "refused")
    assert np.mean(low.pressure) == pytest.approx(PRESSES * PRESSURE, rel=0.1)
    assert found > 5
