"""One vibration as frames, and the splitting of polar crystals: laws of the modes themselves."""

import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError, ParameterError
from mlip_nb.system import from_ase

CARBIDE = bulk("SiC", "zincblende", a=4.3211)
"""Near its minimum as Tersoff has it."""
SMALL = {"supercell": (2, 2, 2), "mesh": 10.0, "points": 5, "temperatures": 2}
CHARGE, DIELECTRIC = 2.7, 6.5


@pytest.fixture(scope="module")
def tersoff():
    return mlip_nb.potential("tersoff")


@pytest.fixture(scope="module")
def bands(tersoff):
    return mlip_nb.Phonons(**SMALL).run(from_ase(CARBIDE), tersoff)


def squares(frequencies):
    """Squared angular frequencies, internal units."""
    return np.square(2 * np.pi * units.to_internal(np.asarray(frequencies), "THz"))


@pytest.mark.physics
@pytest.mark.parametrize(("point", "branch"), [("X", 0), ((0.5, 0.5, 0), -1), ("L", 4)])
def test_forces_along_a_vibration_are_those_of_an_oscillator(bands, tersoff, point, branch):
    """F = -m ω² u for every atom at every moment, which needs places, phases and masses of the wave to be right; with
    waves of the supercell ω is exact."""
    played = bands.mlip.vibration(branch, point, amplitude=1e-4, frames=4)
    frequency = float(played.attrs["frequency"].split()[0])
    places = played["positions"].values
    # Opposite moments: what is odd in the displacement.
    for first, second in ((0, 2), (1, 3)):
        moved = (places[first] - places[second]) / 2
        forces = [tersoff.evaluate(played.mlip.system(frame)).forces for frame in (first, second)]
        expected = -squares(frequency) * played["mass"].values[:, None] * moved
        atol = 2e-4 * squares(frequency) * 28 * 1e-4
        np.testing.assert_allclose((forces[0] - forces[1]) / 2, expected, atol=atol)
    assert np.abs(places[0] - places[2]).max() > 1e-4


def test_a_vibration_plays(bands):
    """A period of it, in the smallest crystal that its wave fits."""
    played = bands.mlip.vibration(0, "X", frames=12)
    assert played.sizes["atom"] == 2 * 4
    period = float(played["time"][1]) * 12
    assert 1e3 / period == pytest.approx(float(played.attrs["frequency"].split()[0]), rel=1e-4)
    assert len(played.mlip.to_ase()) == 12
    assert bands.mlip.animate(0, "X", frames=3).count == 3
    with pytest.raises(InputError, match="unknown point 'Q'"):
        bands.mlip.vibration(0, "Q")
    with pytest.raises(InputError, match="branch 6: there are 6, from 0 to 5"):
        bands.mlip.vibration(6)
    with pytest.raises(InputError, match="the wave fits no crystal of 16 cells a side"):
        bands.mlip.vibration(0, (0.123456, 0, 0))
    with pytest.raises(InputError, match="no force constants"):
        played.mlip.animate()


def test_phonopy_itself_is_at_hand(bands):
    found = bands.mlip.phonopy().run_qpoints(bands["wave_vector"].values[:4]).frequencies
    np.testing.assert_allclose(found, bands["phonon_frequency"].values[:4], atol=1e-6)


def test_polar_vibrations_split_as_two_ions_in_a_dielectric(bands, tersoff):
    """ω_L² - ω_T² = Z² e² / (ε₀ ε V μ) at long waves (Huang), and transverse waves are as without charges."""
    charges = {"born_charges": (f"Si:{CHARGE}", f"C:{-CHARGE}"), "dielectric": (DIELECTRIC,)}
    polar = mlip_nb.Phonons(**SMALL, **charges).run(from_ase(CARBIDE), tersoff)
    at_gamma = np.flatnonzero(bands["band_label"] == "Γ")
    before, after = (squares(data["phonon_frequency"].values[at_gamma]) for data in (bands, polar))
    reduced = 1 / np.sum(1 / CARBIDE.get_masses())
    expected = 4 * np.pi * units.COULOMB * CHARGE**2 / (DIELECTRIC * CARBIDE.get_volume() * reduced)
    np.testing.assert_allclose(after[:, 5] - before[:, 5], expected, rtol=1e-3)
    np.testing.assert_allclose(after[:, 3:5], before[:, 3:5], rtol=1e-3)
    # At the edge of the zone waves of the supercell are what they were.
    edge = int(np.argmax(bands["band_label"].values == "X"))
    same = [data["phonon_frequency"].values[edge] for data in (bands, polar)]
    np.testing.assert_allclose(*same, atol=1e-3)


def test_charges_that_are_none_are_refused(tersoff):
    """Before anything is computed."""

    def refused(match, charges, dielectric=(6.5,)):
        settings = mlip_nb.Phonons(**SMALL, born_charges=charges, dielectric=dielectric)
        with pytest.raises(InputError, match=match):
            settings.run(from_ase(CARBIDE), tersoff)

    refused("'Ge:2' is no atom of CSi with its charge", ("Si:2", "Ge:2"))
    refused(r"atom 1 \(C\) has none", ("Si:2",))
    refused("a charge of 0.5 e is left per atom", ("Si:2", "C:-1"))
    refused("'C:x' has no number", ("Si:2", "C:x"))
    refused("a tensor of 2 numbers", ("Si:2/1", "C:-2"))
    refused("dielectric: a constant of 0.5", ("Si:2", "1:-2"), (0.5,))
    with pytest.raises(ParameterError, match="born_charges come with dielectric"):
        mlip_nb.Phonons(born_charges=("Si:2", "C:-2"))
