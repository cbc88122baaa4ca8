"""Several devices that share the atoms of one simulation."""

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.neighbors import everywhere, share_of, summed
from mlip_nb.simulate import Layout, NPTRescaling, NVTLangevin, draw_momenta, simulate, start_state
from mlip_nb.system import System

LATTICES = {"Ar": ("fcc", 5.4, 3), "Si": ("diamond", 5.43, 2), "Cu": ("fcc", 3.6, 2)}
CASES = {
    "angles": ("Si", "stillinger-weber", {}, NPTRescaling(temperature=600)),
    "pairs": ("Ar", "lennard-jones", {}, NVTLangevin(temperature=60)),
    "mixed": ("Ar", "lennard-jones", {"precision": "mixed"}, NPTRescaling(temperature=60, coupling="triclinic")),
    "embedded": ("Cu", "sutton-chen", {}, NVTLangevin(temperature=600)),
    "whole": ("Si", "tersoff", {}, NVTLangevin(temperature=600)),
}
"""One for each kind of fast path; the last is computed whole by every device."""


@pytest.mark.physics
@pytest.mark.parametrize(
    "case", [name if name == "pairs" else pytest.param(name, marks=pytest.mark.physics) for name in CASES]
)
def test_two_devices_share_the_atoms_of_one_simulation(repository, case):
    """An odd number of atoms."""
    command = [sys.executable, "-c", f"from tests.simulate.test_crew import both_ways; both_ways({case!r})"]
    environment = os.environ | {"JAX_NUM_CPU_DEVICES": "2"}
    done = subprocess.run(command, env=environment, cwd=repository, timeout=500, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def test_whoever_is_alone_has_everything():
    values = jnp.arange(6.0).reshape(2, 3)
    assert share_of(values.shape[-1]) == (0, values.shape[-1])
    assert everywhere(values, 3) is values
    np.testing.assert_array_equal(summed(values, 3), [3, 12])


@pytest.mark.parametrize(("replicas", "atoms"), [(1, 100), (3, 100), (1, 10**6)])
def test_no_more_devices_than_have_something_to_do(replicas, atoms):
    devices = Layout.of_machine(replicas, atoms).devices
    assert 1 <= len(devices) <= min(len(jax.local_devices()), max(replicas, atoms // 4000))


def both_ways(case: str) -> None:
    """The same trajectory by one device and by a crew of two; for a process that has two."""
    element, name, parameters, ensemble = CASES[case]
    system, potential = _with_a_vacancy(element), mlip_nb.potential(name, **parameters)
    integrator, key = ensemble.integrator(2 * units.FEMTOSECOND), jax.random.PRNGKey(0)
    momenta = draw_momenta(system, ensemble.initial_temperature, key=key)
    start = start_state(system.with_momenta(momenta), integrator, key=key)
    alone, crew = (_last_frame(start, potential, integrator, ensemble.controls(), count) for count in (1, 2))
    rounding = 1e-5 if parameters else 1e-11
    np.testing.assert_allclose(crew.positions, alone.positions, rtol=rounding, atol=10 * rounding)
    assert np.abs(crew.positions - np.asarray(system.positions)).max() > 0.05
    last = System(jnp.asarray(crew.positions), system.numbers, system.masses, jnp.asarray(crew.cell), None, system.pbc)
    np.testing.assert_allclose(potential.evaluate(last).energy, crew.potential_energy, rtol=rounding)


def _with_a_vacancy(element: str) -> System:
    structure, constant, repeat = LATTICES[element]
    atoms = bulk(element, structure, a=constant, cubic=True).repeat(repeat)
    atoms.pop(0)
    return mlip_nb.from_ase(atoms)


def _last_frame(start, potential, integrator, controls, devices: int):
    layout = Layout(together=False, devices=tuple(jax.devices()[:devices]))
    assert len(layout.devices) == devices
    options = {"pbc": (True,) * 3, "steps": 100, "every": 100, "skin": 0.3, "layout": layout}
    *_, last = simulate(start, potential, integrator, lambda step: (controls, 100), **options)
    return jax.tree.map(lambda values: values[-1], last.frames)
