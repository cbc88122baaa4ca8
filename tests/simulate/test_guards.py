"""A simulation that goes wrong ends, tells why and where, and keeps what was sound."""

import warnings

import pytest

import mlip_nb
from mlip_nb.errors import RunWarning
from mlip_nb.simulate import NVE, Guards, NPTRescaling, NVTLangevin
from mlip_nb.workflows import MD


@pytest.fixture(scope="module")
def silicon():
    return mlip_nb.load("Si", repeat=2)


@pytest.fixture(scope="module")
def stillinger_weber():
    return mlip_nb.potential("stillinger-weber")


def _end(md, system, potential):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RunWarning)
        return md.run(system, potential)


def test_atoms_that_pass_through_each_other_are_named():
    """Particles of size 1 Å and hardly any energy, at 3000 K."""
    potential = mlip_nb.potential("lennard-jones", epsilon=1e-7, sigma=1.0, cutoff=4.0)
    argon = mlip_nb.load("Ar", repeat=2)
    data = _end(MD(ensemble=NVE(temperature=3000), steps=5000), argon, potential)
    assert data.attrs["status"] == "failed"
    assert "(Ar) are at" in data.attrs["message"]
    assert "covalent radii" in data.attrs["message"]
    assert "all was well at step" in data.attrs["message"]
    assert 0 < data.step[-1] < 5000


def test_structure_that_is_dense_by_choice_is_left_alone(stillinger_weber):
    """Reduced units: argon with a diameter of 1 Å begins at half of its covalent radii."""
    potential = mlip_nb.potential("lennard-jones", epsilon=0.01, sigma=1.0)
    crystal = mlip_nb.load("Ar", repeat=3, a=1.55)
    assert (
        _end(MD(ensemble=NVE(temperature=20), timestep=0.5, steps=50), crystal, potential).attrs["status"] == "finished"
    )


@pytest.mark.physics
def test_runaway_of_the_temperature_is_told(silicon, stillinger_weber):
    hot = NVTLangevin(temperature="300->90000", friction=50)
    data = _end(MD(ensemble=hot, timestep=0.2, steps=3000), silicon, stillinger_weber)
    assert data.attrs["status"] == "failed"
    assert "temperature ran away to" in data.attrs["message"]


def test_drift_of_the_conserved_quantity_is_told(silicon, stillinger_weber):
    """A timestep a few times too long."""
    md = MD(ensemble=NVE(temperature=1500), timestep=14, steps=3000, skin=1.5, guards=Guards(drift=0.05))
    data = _end(md, silicon, stillinger_weber)
    assert data.attrs["status"] == "failed"
    assert "conserved quantity has drifted by" in data.attrs["message"]
    assert "shorter timestep" in data.attrs["message"]


def test_drift_is_counted_from_the_last_change_of_a_target(silicon, stillinger_weber):
    """Guards set so tight that a change of the bath's temperature would break them, were it a drift."""
    md = MD(ensemble=NVTLangevin(temperature=300), steps=400, guards=Guards(drift=0.01))
    data = md.replay(silicon, stillinger_weber, [(200, {"temperature": 600})])
    assert data.attrs["status"] == "finished"


@pytest.mark.physics
def test_cell_that_is_torn_is_told_from_an_atom_that_flies(silicon, stillinger_weber):
    """A pressure far beyond what the crystal bears, on a barostat as fast as it may be."""
    torn = NPTRescaling(pressure=20, pressure_time=10, compressibility=10)
    data = _end(MD(ensemble=torn, steps=500), silicon, stillinger_weber)
    assert data.attrs["status"] == "failed"
    assert "pressure" in data.attrs["message"]
