"""The shape of a crystal fluctuates as its elastic constants say, and its mean stress is the target."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.simulate import draw_momenta
from mlip_nb.simulate.crescale import NPTRescaling
from mlip_nb.system import System

from ..simulate.oscillators import run
from .liquid import SIGMA, lennard_jones

pytestmark = pytest.mark.physics

TEMPERATURE, TIMESTEP = 2.0, 10.0
"""K, cold enough for harmonic vibrations, and fs."""
LOAD = (0.03, -0.02, 0.01, 0.02, -0.01, 0.015)
"""GPa; it strains the crystal by a hundredth."""
STEPS, EVERY, BLOCKS = 60_000, 20, 20
_PAIRS = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
SETTINGS = {"compressibility": 0.3, "pressure_time": 300, "thermostat_time": 200, "thermostat": "langevin"}
"""What suits soft, cold argon; friction on each atom, because harmonic vibrations share no heat."""


@cache
def _crystal() -> System:
    """32 atoms at the lattice constant where the static pressure vanishes."""
    low, high = 1.5 * SIGMA, 1.6 * SIGMA
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if float(jnp.trace(_stress(_cube(middle)))) > 0 else (middle, high)
    return _cube(low)


def _cube(length: float) -> System:
    return mlip_nb.from_ase(bulk("Ar", "fcc", a=length, cubic=True).repeat(2))


def _stress(system: System):
    return lennard_jones().evaluate(system, stress=True).stress


def _static_constants() -> tuple[float, float, float]:
    """C11, C12, C44, eV/Å³, from stresses of the crystal deformed by ±0.0005; every atom is a centre of inversion."""
    system, size = _crystal(), 5e-4

    def slope(strain):
        plus, minus = (_stress(_deformed(system, sign * size * strain)) for sign in (1, -1))
        return (plus - minus) / (2 * size)

    stretch = slope(jnp.zeros((3, 3)).at[0, 0].set(1.0))
    shear = slope(jnp.zeros((3, 3)).at[0, 1].set(0.5).at[1, 0].set(0.5))
    return float(stretch[0, 0]), float(stretch[1, 1]), float(shear[0, 1])


def _deformed(system: System, strain) -> System:
    change = jnp.eye(3) + strain
    return System(system.positions @ change, system.numbers, system.masses, system.cell @ change, None, system.pbc)


def _frames(**fields):
    """Of the crystal with all six strains free, less the first tenth."""
    ensemble = NPTRescaling(coupling="triclinic", temperature=TEMPERATURE, **SETTINGS, **fields)
    start = _crystal()
    start = start.with_momenta(draw_momenta(start, 2 * TEMPERATURE * units.BOLTZMANN, key=jax.random.PRNGKey(0)))
    integrator = ensemble.integrator(TIMESTEP * units.FEMTOSECOND)
    frames = run(start, lennard_jones(), integrator, ensemble.controls(), steps=STEPS, every=EVERY, skin=0.3 * SIGMA)
    return jax.tree.map(lambda values: values[len(values) // 10 :], frames)


def _strains(cells: np.ndarray) -> np.ndarray:
    """Green's against the mean cell, `[frame, 6]`, Voigt: shears doubled."""
    change = np.linalg.solve(cells.mean(axis=0)[None], cells)
    green = 0.5 * (change @ np.swapaxes(change, 1, 2) - np.eye(3))
    return np.stack([green[:, a, b] * (1 if a == b else 2) for a, b in _PAIRS], axis=1)


def test_strain_fluctuations_are_the_elastic_constants():
    """C = kT / (V <ηη>), for compression, tetragonal strain and shear, against finite strains of the static crystal."""
    cells = _frames().cell
    strains = _strains(cells)
    scale = np.abs(np.linalg.det(cells)).mean() / (TEMPERATURE * units.BOLTZMANN)
    c11, c12, c44 = _static_constants()
    compression = strains[:, :3] @ np.ones((3, 1)) / 3**0.5
    tetragonal = strains[:, :3] @ np.array([[1, -1, 0], [1, 1, -2]]).T / np.array([2**0.5, 6**0.5])
    for modes, constant in ((compression, c11 + 2 * c12), (tetragonal, c11 - c12), (strains[:, 3:], c44)):
        blocks = scale * constant * np.array([np.mean(block**2) for block in np.array_split(modes, BLOCKS)])
        error = blocks.std() / np.sqrt(BLOCKS)
        assert error < 0.1
        # The crystal is softer by a few parts in a hundred for being warm.
        assert abs(blocks.mean() - 1) < 5 * error + 0.05


def test_mean_stress_is_the_target_in_all_six_components():
    """True stress, kinetic part included; with the kT/V by which a frame that turns with the cell differs."""
    frames = _frames(stress=LOAD)
    volumes = np.abs(np.linalg.det(frames.cell))[:, None, None]
    stress = (frames.strain_derivative - frames.flow) / volumes / units.GIGAPASCAL
    blocks = np.array([block.mean(axis=0) for block in np.array_split(stress, BLOCKS)])
    error = blocks.std(axis=0) / np.sqrt(BLOCKS)
    frame = np.diag([2, 0, -2]) * TEMPERATURE * units.BOLTZMANN / volumes.mean() / units.GIGAPASCAL
    for (a, b), target in zip(_PAIRS, LOAD, strict=True):
        assert error[a, b] < 0.002
        assert abs(stress.mean(axis=0)[a, b] - frame[a, b] - target) < 5 * error[a, b]
