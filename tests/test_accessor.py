"""`ds.mlip`: pictures, structures, and the run again."""

import numpy as np
import pytest
import xarray as xr

import mlip_nb
from mlip_nb.errors import InputError, StorageError
from mlip_nb.results import build_dataset

FRAMES, ATOMS = 6, 4


@pytest.fixture(scope="module", autouse=True)
def _no_windows():
    pytest.importorskip("matplotlib").use("Agg")


@pytest.fixture
def data() -> xr.Dataset:
    """Six frames of four atoms in a cell that grows, without any simulation."""
    random = np.random.default_rng(0)
    series = {name: random.normal(size=FRAMES) for name in ("potential_energy", "kinetic_energy", "pressure")}
    lengths = np.linspace(4.0, 5.0, FRAMES)
    return build_dataset(
        series
        | {name: random.normal(size=(FRAMES, ATOMS, 3)) for name in ("positions", "velocities", "forces")}
        | {
            "total_energy": series["potential_energy"] + series["kinetic_energy"],
            "conserved": np.linspace(0, 0.004, FRAMES),
            "temperature": np.full(FRAMES, 300.0),
            "volume": lengths**3,
            "cell": lengths[:, None, None] * np.eye(3),
            "symbol": ["Si", "Si", "O", "H"],
            "number": [14, 14, 8, 1],
            "mass": [28.0, 28.0, 16.0, 1.0],
            "step": 10 * np.arange(FRAMES),
            "time": 10.0 * np.arange(FRAMES),
        },
        attrs={"pbc": [True, True, False], "status": "finished", "wall_time": 1.25, "message": ""},
    )


@pytest.fixture(scope="module")
def simulated() -> xr.Dataset:
    """A short real run whose thermostat was changed on the way."""
    system = mlip_nb.load("Ar", repeat=(2, 2, 2))
    potential = mlip_nb.potential("lennard-jones", cutoff=5.0)
    workflow = mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(temperature=60), steps=12, every=4, seed=3)
    return workflow.replay(system, potential, [(6, {"temperature": 90.0})])


def without_attrs(dataset: xr.Dataset) -> xr.Dataset:
    return dataset.load().drop_attrs(deep=False)


# Pictures


def test_a_plot_has_one_labelled_row_for_each_kind_of_series(data):
    figure = data.mlip.plot()
    labels = [axes.get_ylabel().replace("\n", " ") for axes in figure.axes]
    assert labels == [
        "temperature (K)",
        "energy since start (meV/atom)",
        "conserved quantity since start (meV/atom)",
        "pressure (GPa)",
        "volume (Å³)",
    ]
    assert figure.axes[-1].get_xlabel() == "time (fs)"
    drift = figure.axes[2].lines[0].get_ydata()
    np.testing.assert_allclose(drift, np.linspace(0, 1, FRAMES))
    assert [text.get_text() for text in figure.axes[1].get_legend().get_texts()] == ["potential", "kinetic", "total"]


def test_a_plot_leaves_out_what_is_not_there(data):
    long = data.drop_vars(["pressure", "volume", "conserved"]).assign_coords(time=data["time"] * 1e4)
    figure = long.mlip.plot()
    assert len(figure.axes) == 2
    assert figure.axes[-1].get_xlabel() == "time (ps)"
    np.testing.assert_allclose(figure.axes[0].lines[0].get_xdata(), 100.0 * np.arange(FRAMES))


def test_a_plot_is_not_kept_open_by_pyplot(data):
    from matplotlib import pyplot

    data.mlip.plot()
    assert not pyplot.get_fignums()


def test_nothing_to_plot_is_said(data):
    with pytest.raises(InputError, match="^this Dataset has no time series to plot"):
        data[["positions"]].mlip.plot()


def test_the_view_plays_every_frame_by_either_viewer(data):
    assert data.mlip.view().count == FRAMES
    assert data.mlip.view(backend="nglview").max_frame == FRAMES - 1
    assert data.mlip.view(frame=-1).count == 1


# Structures


def test_atoms_have_cell_momenta_energy_and_forces(data):
    atoms = data.mlip.to_ase(2)
    assert atoms.get_chemical_symbols() == ["Si", "Si", "O", "H"]
    assert atoms.pbc.tolist() == [True, True, False]
    np.testing.assert_array_equal(atoms.positions, data["positions"].values[2])
    np.testing.assert_array_equal(atoms.cell.array, data["cell"].values[2])
    np.testing.assert_array_equal(atoms.get_forces(), data["forces"].values[2])
    assert atoms.get_potential_energy() == data["potential_energy"].values[2]
    from ase import units

    np.testing.assert_allclose(atoms.get_velocities() * units.fs, data["velocities"].values[2], rtol=1e-6)


def test_several_frames_become_a_list(data):
    assert len(data.mlip.to_ase()) == FRAMES
    chosen = data.mlip.to_ase(slice(None, None, 2))
    assert [atoms.cell[0, 0] for atoms in chosen] == data["cell"].values[::2, 0, 0].tolist()


def test_the_system_of_a_frame_moves_as_it_did(data):
    from mlip_nb.system import velocities

    system = data.mlip.system(-2)
    np.testing.assert_array_equal(system.positions, data["positions"].values[-2])
    np.testing.assert_allclose(
        velocities(system.momenta, system.masses[:, None]), data["velocities"].values[-2], rtol=1e-15
    )
    assert data.drop_vars("velocities").mlip.system().momenta is None


@pytest.mark.parametrize("frame", [FRAMES, -FRAMES - 1])
def test_a_frame_that_is_not_there_is_told(data, frame):
    with pytest.raises(InputError, match=f"^there is no frame {frame}; this Dataset has 6, from 0 to 5$"):
        data.mlip.system(frame)


def test_a_dataset_without_frames_is_told(data):
    for empty in (data.isel(frame=slice(0)), data[["temperature"]]):
        with pytest.raises(InputError, match="^this Dataset has no frames with positions"):
            empty.mlip.to_ase()


def test_a_summary_says_what_happened(data):
    assert data.mlip.summary().splitlines() == [
        "atoms:       Si2OH (4 atoms)",
        "frames:      6, from 0 to 50 fs",
        "temperature: 300.0 ± 0.0 K (mean, standard deviation)",
        "drift:       20 meV/atom/ps in the conserved quantity",
        "status:      finished after 1.2 s",
    ]


# Again


def test_a_run_is_repeated_exactly_with_its_steering(simulated):
    assert simulated.attrs["steering"] != "[]"
    xr.testing.assert_identical(without_attrs(simulated.mlip.rerun()), without_attrs(simulated))


def test_a_run_that_was_stopped_is_repeated_as_far_as_it_came(simulated):
    """Its ramp was over all the steps that were planned, and stays as slow."""
    workflow = mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(temperature="60->90"), steps=10**7, every=100)
    run = workflow.start(simulated.mlip.system(0), simulated.mlip.potential())
    run.on_update(lambda run: run.stop())
    stopped = run.result()
    assert stopped.attrs["status"] == "stopped"
    xr.testing.assert_identical(without_attrs(stopped.mlip.rerun()), without_attrs(stopped))


def test_a_saved_run_is_repeated_exactly(simulated, tmp_path):
    simulated.mlip.save(tmp_path / "run.zarr")
    saved = mlip_nb.open(tmp_path / "run.zarr")
    xr.testing.assert_identical(saved.load(), simulated)
    xr.testing.assert_identical(without_attrs(saved.mlip.rerun()), without_attrs(simulated))
    with pytest.raises(StorageError, match="--overwrite"):
        simulated.mlip.save(tmp_path / "run.zarr")


def test_a_run_from_the_last_frame_of_another_is_repeated_exactly(simulated):
    potential = simulated.mlip.potential()
    ensemble = mlip_nb.NVTLangevin(temperature=60)
    following = mlip_nb.MD(ensemble=ensemble, steps=8, every=4).run(simulated.mlip.system(), potential)
    np.testing.assert_allclose(following["velocities"][0], simulated["velocities"][-1], rtol=1e-14)
    xr.testing.assert_identical(without_attrs(following.mlip.rerun()), without_attrs(following))


def test_workflow_and_potential_are_built_from_attributes(simulated):
    assert simulated.mlip.workflow() == mlip_nb.MD(
        ensemble=mlip_nb.NVTLangevin(temperature=60), steps=12, every=4, seed=3
    )
    assert simulated.mlip.potential().fingerprint == simulated.attrs["potential_fingerprint"]


def test_a_potential_that_has_changed_is_refused(simulated):
    other = simulated.assign_attrs(potential_fingerprint="0" * 64)
    with pytest.raises(InputError, match="^the potential .* has changed since .*, was 000000000000"):
        other.mlip.rerun()


def test_a_run_without_its_start_is_not_repeated(simulated):
    with pytest.raises(InputError, match="^the first frame is step 4; rerun the whole Dataset"):
        simulated.isel(frame=slice(1, None)).mlip.rerun()


def test_a_dataset_of_no_run_is_not_repeated(data):
    with pytest.raises(InputError, match="^this Dataset has no attribute 'steering'"):
        data.mlip.rerun()
