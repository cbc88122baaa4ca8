"""Crystals of silicon against their own phonons: kinetic energy, pressure and volume at a finite number of beads."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.path_integrals import NPTPILE, LocalPILE, harmonic_energy
from mlip_nb.properties import average

from .rings import evaluator

pytestmark = pytest.mark.physics

DISPLACEMENT, STRAIN = 1e-3, 5e-4
"""Å, and a strain, by which forces and free energies are differentiated."""
SLOW = 10
"""Temperature over, and root of the masses times: quanta over kT stay, and what is not harmonic is as much less."""
COLD = 300.0 / SLOW
KT, BEADS = units.to_internal(COLD, "K"), 8


class Phonons:
    """Vibrations of a crystal at its sites, in cells of several sizes."""

    def __init__(self, system, potential):
        self.system, self.volume = system, float(system.volume)
        self._evaluate = evaluator(system, potential)
        self._masses = np.repeat(np.asarray(system.masses), 3)

    def sites(self, strain: float) -> np.ndarray:
        """In the cell that is longer by this part."""
        return np.asarray(self.system.positions) * (1 + strain)

    def energy(self, strain: float) -> float:
        """Of the crystal at rest, eV."""
        return float(self._evaluate(self.sites(strain)[None], strain)[0][0])

    def frequencies(self, strain: float = 0.0) -> np.ndarray:
        """Angular, internal units, all but the three translations; by central differences of forces."""
        steps = DISPLACEMENT * np.eye(len(self._masses)).reshape(-1, *self.system.positions.shape)
        both = np.concatenate([self.sites(strain) + steps, self.sites(strain) - steps])
        right, left = np.split(np.asarray(self._evaluate(both, strain)[1]).reshape(len(both), -1), 2)
        hessian = (left - right) / (2 * DISPLACEMENT)
        weighted = (hessian + hessian.T) / 2 / np.sqrt(np.outer(self._masses, self._masses))
        squares = np.linalg.eigvalsh(weighted)
        assert np.abs(squares[:3]).max() < 1e-4 * squares[3]
        return np.sqrt(squares[3:])

    def free_energy(self, strain: float, kT: float, beads: int) -> float:
        """Of the crystal at rest and its vibrations at this number of beads, eV."""
        quanta = units.HBAR * self.frequencies(strain) / (2 * beads * kT)
        return self.energy(strain) + kT * np.sum(np.log(2 * np.sinh(beads * np.arcsinh(quanta))))


@pytest.fixture(scope="module")
def slow():
    """Eight atoms of silicon, so heavy and cold that they are harmonic."""
    silicon = mlip_nb.load("Si")
    return dataclasses.replace(silicon, masses=silicon.masses * SLOW**2)


@pytest.fixture(scope="module")
def stillinger_weber():
    return mlip_nb.potential("stillinger-weber")


def test_quantum_pressure_is_the_derivative_of_the_free_energy(slow, stillinger_weber):
    """-dF/dV of the phonons of eight beads, and the ideal gas of one centre of mass, in a crystal that is stretched."""
    strain = 0.002
    phonons = Phonons(slow, stillinger_weber)
    sites = jnp.asarray(phonons.sites(strain))
    stretched = dataclasses.replace(slow, positions=sites, cell=slow.cell * (1 + strain))
    ensemble = LocalPILE(beads=BEADS, temperature=COLD, friction=2.0)
    data = mlip_nb.PIMD(ensemble=ensemble, timestep=15.0, steps=20_000, every=20).run(stretched, stillinger_weber)
    found = average(data["pressure"].values[100:] * units.GIGAPASCAL)
    sizes = phonons.volume * (1 + strain + np.array([-STRAIN, STRAIN])) ** 3
    quantum, static = (
        -np.diff([energy(strain - STRAIN), energy(strain + STRAIN)])[0] / np.diff(sizes)[0]
        for energy in (lambda e: phonons.free_energy(e, KT, BEADS), phonons.energy)
    )
    expected = quantum + KT / (phonons.volume * (1 + strain) ** 3)
    vibrations = expected - static
    assert abs(found.mean - expected) < 3 * found.error + 0.02 * vibrations
    assert found.error < 0.03 * vibrations


def test_volume_of_a_quantum_crystal_is_that_of_its_free_energy(slow, stillinger_weber):
    """Mean over exp(-(F(V) + PV)/kT), the centre of mass as one particle of a gas; through the whole engine."""
    pressure = 2.0
    phonons, strains = Phonons(slow, stillinger_weber), np.linspace(-0.02, 0.01, 31)
    ensemble = NPTPILE(
        beads=BEADS, temperature=COLD, pressure=pressure, pressure_time=1500, thermostat_time=500, compressibility=0.01
    )
    pimd = mlip_nb.PIMD(ensemble=ensemble, timestep=15.0, steps=20_000, every=20, replicas=6)
    data = pimd.run(slow, stillinger_weber).isel(frame=slice(100, None))
    volumes = phonons.volume * (1 + strains) ** 3
    loads = np.array([phonons.free_energy(e, KT, BEADS) for e in strains]) + pressure * units.GIGAPASCAL * volumes
    expected = _mean_volume(volumes, loads)
    found = average(data["volume"].values.mean(axis=1))
    assert abs(found.mean - expected) < 3 * found.error + 1e-4 * expected
    assert found.error < 3e-4 * expected
    inner = average(data["pressure"].values.mean(axis=1))
    assert abs(inner.mean - pressure) < 3 * inner.error


def _mean_volume(volumes: np.ndarray, loads: np.ndarray) -> float:
    """Å³, by a polynomial through F + PV; V dV for the centre of mass."""
    fine = np.linspace(volumes[0], volumes[-1], 4001)
    values = np.polynomial.Polynomial.fit(volumes, loads, 5)(fine)
    weight = fine * np.exp(-(values - values.min()) / KT)
    return float(np.sum(weight * fine) / weight.sum())


def _kinetic_energy(phonons: Phonons, kT: float, beads: int) -> float:
    """Of an atom in the mean, eV, with the centre of mass in the bath."""
    modes = sum(harmonic_energy(omega, kT, beads) / 2 for omega in phonons.frequencies())
    return (modes + 1.5 * kT) / len(phonons.system.masses)


def test_learned_silicon_has_the_kinetic_energy_of_its_phonons():
    """64 atoms at 300 K with the shipped potential; half a per cent is granted to what is not harmonic."""
    silicon, potential = mlip_nb.load("Si", repeat=2), mlip_nb.potential("mlip-Si")
    kT = units.to_internal(300.0, "K")
    expected = _kinetic_energy(Phonons(silicon, potential), kT, BEADS)
    ensemble = LocalPILE(beads=BEADS, friction=20)
    data = mlip_nb.PIMD(ensemble=ensemble, timestep=2.0, steps=600, every=5).run(silicon, potential)
    found = average(data["kinetic_energy"].values[20:] / 64)
    assert abs(found.mean - expected) < 3 * found.error + 0.005 * expected
    assert found.error < 0.005 * expected
