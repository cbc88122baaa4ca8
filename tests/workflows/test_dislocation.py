"""Lines in molybdenum: their Burgers vector, the hill between two valleys, and what is refused."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError


@pytest.fixture(scope="module")
def molybdenum():
    return mlip_nb.load("Mo"), mlip_nb.potential("mlip-Mo")


@pytest.mark.physics
def test_a_screw_goes_over_one_hill(molybdenum):
    """From one easy core to the next: symmetric, with nothing left at the ends, and as steep as a load says."""
    line = mlip_nb.ScrewDislocation(radius=14.0, rim=6.0).build(*molybdenum)
    path = mlip_nb.NEB(images=9, force=0.005, steps=600)
    data = mlip_nb.Peierls(path=path, shear=True).of_line(line, molybdenum[1])
    energies = data["line_energy"].values
    np.testing.assert_allclose(energies, energies[::-1], atol=2e-5)
    assert np.all(np.diff(energies[:5]) > 0)
    # The steepest of nine images, and the largest of as many loads: 7 % apart.
    assert float(data["peierls_stress"]) == pytest.approx(float(data["shear_peierls_stress"]), rel=0.1)
    # Density functionals have 1 to 2 GPa: L. Dezerald et al., Phys. Rev. B 89, 024104 (2014).
    assert 0.5 < float(data["peierls_stress"]) < 3


@pytest.mark.physics
def test_a_circuit_around_a_screw_misses_its_burgers_vector(molybdenum):
    """Atoms of a perfect crystal lie on rows along the line, whose heights the screw changes by one vector a turn."""
    line = mlip_nb.ScrewDislocation(radius=16.0, rim=6.0).build(*molybdenum)
    atoms = mlip_nb.to_ase(line.initial)
    assert line.burgers == pytest.approx(np.linalg.norm(atoms.cell[2]), rel=1e-6)
    places = atoms.positions - atoms.positions.mean(axis=0)
    away = np.linalg.norm(places[:, :2], axis=1)
    ring = np.flatnonzero((away > 10) & (away < 14))
    ring = ring[np.argsort(np.arctan2(places[ring, 1], places[ring, 0]))]
    # Rows of a perfect crystal are at thirds of the vector; what is left over turns with the angle.
    phases = np.exp(6j * np.pi * places[ring, 2] / line.burgers)
    turns = np.angle(np.roll(phases, -1) / phases).sum() / (2 * np.pi)
    assert abs(turns) == pytest.approx(3)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"rim": 4.0}, "rim: 4 Å is less than the potential reaches, 5.2 Å"),
        ({"radius": 6.0, "rim": 6.0}, "radius: 6 Å leaves no atom free"),
        pytest.param({"radius": 8.5, "rim": 8.0}, "radius: 8.5 Å leaves no atom free", marks=pytest.mark.physics),
    ],
)
def test_cylinders_that_are_too_small(molybdenum, options, told):
    with pytest.raises(InputError, match=told):
        mlip_nb.ScrewDislocation(**options).build(*molybdenum)


def test_what_is_no_body_centred_crystal():
    with pytest.raises(InputError, match="Si8 is no body-centred cubic crystal"):
        mlip_nb.ScrewDislocation().build(mlip_nb.load("Si"), mlip_nb.potential("stillinger-weber"))
