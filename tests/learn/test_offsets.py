"""What atoms that belong to no bond are worth."""

import dataclasses

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule

from mlip_nb.learn import Labelled, fresh, is_isolated
from mlip_nb.learn._offsets import labels_left, offsets_of
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.system import from_ase


def frame(atoms: Atoms, energy: float) -> Labelled:
    return Labelled(from_ase(atoms), energy, np.zeros((len(atoms), 3)), None)


def test_compositions_tell_the_energies_of_elements():
    frames = [frame(molecule(name), 3.0 * o - 2.0 * h) for name, o, h in (("H2O", 1, 2), ("H2", 0, 2), ("O2", 2, 0))]
    np.testing.assert_allclose(offsets_of(frames, ("H", "O")), [-2, 3], atol=1e-12)
    np.testing.assert_allclose(labels_left(frames, np.array([-2.0, 3.0]), ("H", "O")), 0, atol=1e-12)


def test_isolated_atoms_are_believed():
    frames = [frame(Atoms("H"), -13.0), frame(molecule("H2O"), -50.0), frame(molecule("H2"), -30.0)]
    assert offsets_of(frames, ("H", "O")) == pytest.approx([-13, -24])


def test_one_composition_gives_the_smallest_energies():
    frames = [frame(molecule("H2O"), -30.0)] * 2
    hydrogen, oxygen = offsets_of(frames, ("H", "O"))
    assert 2 * hydrogen + oxygen == pytest.approx(-30)


def test_one_atom_with_images_is_not_isolated():
    crystal = frame(bulk("Cu"), -3.0)
    assert not is_isolated(crystal)
    assert is_isolated(dataclasses.replace(crystal, system=from_ase(Atoms("Cu"))))
    # As many data sets have them.
    assert is_isolated(frame(Atoms("Cu", cell=[20, 20, 20], pbc=True), -3.0))
    assert not is_isolated(frame(Atoms("Cu", cell=[20, 20, 2.5], pbc=(False, False, True)), -3.0))


@pytest.mark.physics
def test_the_scale_of_energies_does_not_count_what_atoms_are_worth():
    rng, frames = np.random.default_rng(0), []
    for count in range(1, 8):
        atoms = bulk("Si", cubic=True)
        atoms.set_chemical_symbols(["Ge"] * count + ["Si"] * (8 - count))
        atoms.rattle(0.1, rng=rng)
        forces = 0.3 * rng.normal(size=(8, 3))
        frames.append(
            Labelled(from_ase(atoms), -57000.0 * count - 8000.0 * (8 - count) + 0.01 * rng.normal(), forces, None)
        )
    alone = [frame(Atoms("Si"), -7996.0), frame(Atoms("Ge"), -56996.0)]
    spec = GauntSpec(symbols=("Si", "Ge"), degree=1, channels=4, hidden=8, cutoff=3.8)
    force = np.sqrt(np.mean([frame.forces**2 for frame in frames]))
    for given in (frames, frames + alone):
        assert float(fresh(spec, given).scale) == pytest.approx(force, rel=1e-6)
