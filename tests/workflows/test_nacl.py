"""Rock salt as phonopy publishes it: forces by density-functional theory, Born charges, and what follows."""

from pathlib import Path

import ase
import numpy as np
from phonopy.file_IO import parse_FORCE_SETS

import mlip_nb
from mlip_nb import units
from mlip_nb.workflows._phonopy import empty
from mlip_nb.workflows.phonons import thermal

LATTICE = 5.6903014761756712
TEMPERATURES = np.arange(0.0, 1000, 100)
FREE_ENERGIES = [4.856522, 3.916257, -0.275662, -6.808753, -14.961276]
FREE_ENERGIES += [-24.341220, -34.707527, -45.897738, -57.795132, -70.311860]
"""kJ/mol of NaCl."""
ENTROPIES = [0, 26.327525, 55.256537, 74.268068, 88.155267, 99.052543, 108.007856, 115.604464, 122.198503, 128.022838]
CAPACITIES = [0, 36.207244, 45.673361, 47.838756, 48.634184, 49.009290, 49.214930, 49.339570, 49.420727, 49.476488]
"""J/(K mol) of NaCl."""


def test_published_thermal_properties():
    """Forces were taken for this order of the atoms, frequencies with another mass of chlorine than ASE's."""
    places = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    atoms = ase.Atoms("Na4Cl4", scaled_positions=places / 2, cell=LATTICE * np.eye(3), pbc=True)
    atoms.set_masses([22.98976928] * 4 + [35.453] * 4)
    salt = mlip_nb.from_ase(atoms)
    phonons = empty(salt, (2, 2, 2))
    phonons.dataset = parse_FORCE_SETS(filename=str(Path(__file__).parent / "nacl" / "FORCE_SETS"))
    phonons.produce_force_constants()
    phonons.symmetrize_force_constants()
    asked = mlip_nb.Phonons(born_charges=("Na:1.086875", "Cl:-1.086875"), dielectric=(2.43533967,))
    asked.polarise(phonons, salt)
    phonons.run_mesh([5, 5, 5])
    found = thermal(phonons, TEMPERATURES)
    # Of two atoms, and in joules.
    mole, kelvin = 2 / units.KILOJOULE_PER_MOLE, 2e3 * units.BOLTZMANN / units.KILOJOULE_PER_MOLE
    np.testing.assert_allclose(mole * found["harmonic_free_energy"], FREE_ENERGIES, atol=2e-5)
    np.testing.assert_allclose(kelvin * found["harmonic_entropy"], ENTROPIES, atol=2e-5)
    np.testing.assert_allclose(kelvin * found["harmonic_heat_capacity"], CAPACITIES, atol=2e-5)
