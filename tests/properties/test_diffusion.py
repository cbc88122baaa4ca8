"""Diffusion and conductivity: closed forms of Langevin particles and walkers."""

import numpy as np
import pytest
from scipy.signal import lfilter

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.properties import Diffusion

from .trajectories import dataset_of, walkers


def langevin(memory: float, frames: int, atoms: int, seed: int = 0):
    """Positions and velocities of free particles of unit kT/m, every step of a splitting with half drifts."""
    kicks = np.random.default_rng(seed).normal(size=(frames, atoms, 3))
    kicks[1:] *= np.sqrt(1 - memory**2)
    velocities = lfilter([1.0], [1.0, -memory], kicks, axis=0)
    moves = np.concatenate([np.zeros((1, atoms, 3)), 0.5 * (velocities[1:] + velocities[:-1])])
    return moves.cumsum(axis=0), velocities


@pytest.mark.parametrize("friction", [0.1, 0.2])
def test_free_langevin_particles_diffuse_by_their_closed_form(friction):
    """kT/mγ with what a finite step adds, (γh/2) coth(γh/2): 32 particles for 20000 steps err by 1 % or less."""
    positions, velocities = langevin(np.exp(-friction), 20_000, 32)
    run = dataset_of(positions, ["Ar"] * 32, velocities=velocities)
    found = Diffusion(discard=0, longest=20 / friction, fit_from=8 / friction).of(run)
    law = 0.1 / friction * (friction / 2) / np.tanh(friction / 2)
    for name in ("diffusion_coefficient", "green_kubo_diffusion"):
        assert float(found[name][0, 0]) == pytest.approx(law, rel=0.03)
        assert abs(float(found[name][0, 0]) - law) < 4.5 * float(found[f"{name}_error"][0, 0])
    assert float(found["displacement_exponent"][0, 0]) == pytest.approx(1, abs=0.1)


def charged(positions, symbols, **more):
    return dataset_of(positions, symbols, cell=20 * np.eye(3), temperature=np.full(len(positions), 600.0), **more)


def test_walkers_that_know_nothing_of_each_other_have_haven_ratio_one(tmp_path):
    """7500 windows of the fit: an error of 0.7 %. A store tells the same."""
    run = charged(walkers(60_000, 8), ["Li"] * 4 + ["Cl"] * 4)
    analysis = Diffusion(discard=0, longest=8, charges=("Li:1", "Cl:-1"))
    found = analysis.of(run)
    assert float(found["haven_ratio"][0]) == pytest.approx(1, abs=0.03)
    assert abs(float(found["haven_ratio"][0]) - 1) < 4.5 * float(found["haven_ratio_error"][0])
    # N q² D / V kT, D of a walk with steps of 0.1 Å each fs; 1.6e-19 C, 1e-10 m and 1e-15 s.
    law = 8 * (0.01 / 2) / (20**3 * units.to_internal(600, "K")) * 1.602176634e-19 / 1e-25 / 100
    assert float(found["nernst_einstein_conductivity"][0]) == pytest.approx(law, rel=0.02)
    run.mlip.save(tmp_path / "run.zarr")
    again = analysis.of(mlip_nb.open(tmp_path / "run.zarr"))
    for name in ("diffusion_coefficient", "conductivity", "haven_ratio", "haven_ratio_error"):
        np.testing.assert_allclose(again[name], found[name], rtol=1e-12)


def test_walkers_in_step_carry_more_and_pairs_carry_nothing():
    """N charges that move as one have a Haven ratio of 1/N; opposite charges that move as one make no current."""
    one = walkers(2000, 1)
    alike = charged(np.repeat(one, 5, axis=1), ["Li"] * 5)
    assert float(Diffusion(charges=("Li:1",)).of(alike)["haven_ratio"][0]) == pytest.approx(1 / 5, rel=1e-9)
    pair = charged(np.repeat(one, 2, axis=1) + [[[0.0] * 3, [2.0] * 3]], ["Li", "Cl"])
    found = Diffusion(charges=("Li:1", "Cl:-1")).of(pair)
    assert abs(float(found["conductivity"][0])) < 1e-9 * float(found["nernst_einstein_conductivity"][0])


def test_activation_energy_of_a_ladder():
    """Walks whose steps follow Arrhenius at five temperatures: 0.2 eV within 4 errors, which are small."""
    kelvin = np.array([500.0, 650, 800, 1000, 1300])
    steps = 0.3 * np.exp(-0.1 / units.to_internal(1.0, "K") / kelvin)
    runs = np.stack([walkers(4000, 10, step, seed) for seed, step in enumerate(steps)], axis=1)
    ladder = dataset_of(runs, ["Li"] * 10, temperature=np.tile(kelvin, (4000, 1)))
    found = Diffusion(discard=0, longest=20).of(ladder)
    energy, error = (float(found[name][0]) for name in ("activation_energy", "activation_energy_error"))
    assert error < 0.006
    assert abs(energy - 0.2) < 4 * error
    np.testing.assert_allclose(found["mean_temperature"], kelvin)
    assert float(found["diffusion_prefactor"][0]) == pytest.approx(0.1 * 0.3**2 / 2, rel=0.3)
    assert len(found.mlip.plot().axes) == 2
    alone = Diffusion(discard=0, longest=20, replica=2).of(ladder)
    np.testing.assert_array_equal(alone["diffusion_coefficient"][0], found["diffusion_coefficient"][2])
    assert len(alone.mlip.plot().axes) == 1


def test_images_hold_back_in_a_small_cell():
    """2.837297 kT/6πηL: at 600 K, 1 mPa·s and 20 Å 6.2e-6 cm²/s."""
    run = charged(walkers(200, 2), ["Ar"] * 2)
    found = Diffusion(viscosity=1.0).of(run)
    law = 2.837297 * 1.380649e-23 * 600 / (6 * np.pi * 1e-3 * 20e-10) * 1e4
    gain = found["corrected_diffusion_coefficient"] - found["diffusion_coefficient"]
    assert float(gain[0, 0]) == pytest.approx(law, rel=1e-6)


def test_what_cannot_be_told_is_refused():
    run = charged(walkers(200, 2), ["Li", "Cl"])
    for analysis, message in (
        (Diffusion(charges=("Li",)), "'Li' is no charge of an element; write for example Li:1"),
        (Diffusion(charges=("Na:1",)), "no atom is Na; there are Li, Cl"),
        (Diffusion(fit_from=7), "fit_from: 2 frames lie between it and the longest time, 8 fs"),
        (Diffusion(blocks=40), "needs 320 frames"),
    ):
        with pytest.raises(InputError, match=message):
            analysis.of(run)
    with pytest.raises(InputError, match="a conductivity needs a system that is periodic"):
        Diffusion(charges=("Li:1",)).of(run.assign_attrs(pbc="[true, true, false]"))
    stretched = run.assign(cell=run["cell"] * [1, 1, 2])
    with pytest.raises(InputError, match="known for cubic cells"):
        Diffusion(viscosity=1.0).of(stretched)


def test_a_cell_with_edges_of_one_length_is_not_yet_cubic():
    """That of a face-centred crystal."""
    run = charged(walkers(200, 2), ["Ar"] * 2)
    face_centred = run.assign(cell=run["cell"].copy(data=np.broadcast_to(10 * (1 - np.eye(3)), run["cell"].shape)))
    with pytest.raises(InputError, match="this one is 14.14 × 14.14 × 14.14 Å and slanted"):
        Diffusion(viscosity=1.0).of(face_centred)
