"""Path-integral runs: classical with one bead, continued and repeated to the last bit, steered, in replicas."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.path_integrals import beads_needed, expected_error, harmonic_energy, rings
from mlip_nb.workflows import workflows

from ..path_integrals.rings import KT, Polynomial, frequency_of, scattered

WELL = Polynomial((0.0, 0.0, 0.5, 0.1, 0.01), 3.0)


@pytest.fixture(scope="module")
def system():
    return scattered(4)


def pimd(ensemble=None, **changes):
    ensemble = ensemble or mlip_nb.LocalPILE(beads=4)
    return mlip_nb.PIMD(**{"ensemble": ensemble, "timestep": 0.5, "steps": 60, "every": 10, "seed": 3} | changes)


@pytest.mark.physics
def test_one_bead_is_molecular_dynamics(system):
    """The same seed gives the same trajectory; the quantum kinetic energy is the mean of the classical one."""
    quantum = pimd(mlip_nb.LocalPILE(beads=1, friction=5)).run(system, WELL)
    classical = mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(friction=5), timestep=0.5, steps=60, seed=3).run(system, WELL)
    for name in ("positions", "velocities", "potential_energy", "conserved", "temperature"):
        np.testing.assert_allclose(quantum[name], classical[name], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(quantum["kinetic_energy"], 1.5 * 4 * KT)
    np.testing.assert_array_equal(quantum["gyration_radius"], 0)


def subject_of(name: str, system):
    """What an ensemble is tried on: pressure needs a cell."""
    if name == "npt-pile":
        return mlip_nb.load("Si"), mlip_nb.potential("stillinger-weber")
    return system, WELL


@pytest.mark.parametrize(
    "name", [name if name == "pile-l" else pytest.param(name, marks=pytest.mark.physics) for name in rings]
)
def test_two_parts_are_the_whole_and_the_whole_is_repeated(system, tmp_path, name):
    """In every ensemble; the parts end between two frames, and where there is a preparation, within it."""
    changes = {"beads": 3, "store_beads": True} | ({"preparation": 20} if name in ("rpmd", "trpmd", "pa-cmd") else {})
    ensemble, (subject, potential) = rings.build(name).replace(**changes), subject_of(name, system)
    whole = pimd(ensemble).run(subject, potential)
    for steps in (33, 27):
        append = (tmp_path / "run.zarr").exists()
        both = pimd(ensemble, steps=steps).run(subject, potential, save=tmp_path / "run.zarr", append=append)
    again = both.mlip.workflow().replay(subject, potential, [])
    for data in (both, again):
        for variable in whole.data_vars:
            np.testing.assert_array_equal(data[variable], whole[variable], err_msg=variable)


@pytest.mark.physics
def test_replica_is_the_run_with_its_seed_and_temperature(system):
    """A ladder of temperatures: of each rung the springs, too."""
    ladder = pimd(mlip_nb.LocalPILE(beads=3, temperature="100:300:2")).run(system, WELL)
    single = pimd(mlip_nb.LocalPILE(beads=3, temperature=300), seed=4).run(system, WELL)
    assert ladder["atom_kinetic_energy"].dims == ("frame", "replica", "atom")
    for name in ("positions", "kinetic_energy", "conserved"):
        np.testing.assert_array_equal(ladder[name].isel(replica=1), single[name])


def test_temperature_is_steered_and_averages_say_what_they_rest_on(system):
    """Cold after a while; a heat capacity is no number then."""
    wanted = pimd(mlip_nb.LocalPILE(beads=4, heat_capacity=True), steps=1000).resolved()
    data = wanted.replay(system, WELL, [(20, {"temperature": 30.0, "friction": 50.0})])
    assert float(data["temperature"][-20:].mean()) < 100
    table = data.mlip.quantum_averages().set_index(estimator="estimator")
    assert "heat capacity per atom" not in table["estimator"]
    row = table.sel(estimator="kinetic energy, centroid virial")
    kept = data["kinetic_energy"][int(0.2 * data.sizes["frame"]) :]
    assert float(row["estimate"]) == pytest.approx(float(kept.mean()))
    assert 1 < float(row["effective_samples"]) < 10 * len(kept)
    width, kinetic = (table.sel(estimator=f"{name} of H") for name in ("width of momenta", "kinetic energy per atom"))
    assert float(width["estimate"]) ** 2 == pytest.approx(2 * float(kinetic["estimate"]) / 3 / units.HBAR**2)
    assert "of kinetic energy (centroid virial)" in data.mlip.summary()
    assert data.mlip.average("atom_kinetic_energy").error.shape == (4,)
    for wrong, message in (
        (data.drop_vars("atom_kinetic_energy"), "no path-integral estimators"),
        (data.expand_dims("replica"), "several replicas; choose one"),
    ):
        with pytest.raises(InputError, match=message):
            wrong.mlip.quantum_averages()
    with pytest.raises(InputError, match="discard is the part"):
        data.mlip.quantum_averages(discard=1.5)


@pytest.mark.physics
def test_pressure_is_steered_and_follows_a_schedule():
    """A crystal pressed ever harder, and let go at once; the target is recorded, and the volume answers."""
    silicon, potential = mlip_nb.load("Si"), mlip_nb.potential("stillinger-weber")
    ensemble = mlip_nb.NPTPILE(beads=2, temperature=100, pressure="0->20", pressure_time=50)
    data = pimd(ensemble, timestep=2.0, steps=300).resolved().replay(silicon, potential, [(200, {"pressure": 0.0})])
    live, volume = data["live_pressure"].values, data["volume"].values
    np.testing.assert_allclose(live[[0, 10, 19]], [0, 20 / 3, 19 * 20 / 30], atol=1e-6)
    assert live[-1] == 0
    assert volume[19] < 0.95 * volume[0] < volume[-1]


# --- how many beads


def test_beads_are_as_many_as_the_stiffest_vibration_needs():
    choice = beads_needed(frequency_of(5.0), KT)
    assert abs(expected_error(frequency_of(5.0), KT, choice.beads)) < 0.01
    assert abs(expected_error(frequency_of(5.0), KT, choice.beads // 2)) > 0.01
    assert str(choice).startswith("32 beads: the stiffest vibration (31.3 THz, 5.0 kT) then has -0.30% of its energy")
    assert beads_needed(frequency_of(0.01), KT).beads == 1


def test_quantum_energy_is_the_limit_of_many_beads():
    omega = frequency_of(5.0)
    assert harmonic_energy(omega, KT, 10_000) == pytest.approx(harmonic_energy(omega, KT), rel=1e-6)
    assert harmonic_energy(omega, KT, 1) == pytest.approx(KT)


def test_beads_auto_are_settled_before_the_run(system):
    """And written down, so that the run can be continued and repeated. ħω = 3 kT asks for 16."""
    auto = pimd(mlip_nb.LocalPILE(beads="auto"), steps=10)
    data = auto.run(system, WELL)
    stored = workflows.build(data.attrs["params"]).ensemble.beads
    assert stored == beads_needed(frequency_of(3.0), KT).beads == 16
    assert "16 beads" in auto.settled(system, WELL)[1]
    with pytest.raises(InputError, match="beads 'auto' depends on structure and potential"):
        auto.ensemble.integrator(1.0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"beads": 0}, "beads: .*greater than or equal to 1"),
        ({"beads": "many"}, "beads"),
        ({"temperature": 0}, "0 K is out of bounds"),
        ({"propagator": "verlet"}, "propagator: .*'bcocb', 'baoab' or 'obabo'"),
    ],
)
def test_wrong_parameters_are_told_in_a_line(wrong, message):
    with pytest.raises(InputError, match=message) as error:
        mlip_nb.LocalPILE(**wrong)
    assert len(str(error.value).splitlines()) <= 2
