"""One run of several replicas, one Dataset: what it holds, how it goes on, what is refused."""

import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.system import System

from ..simulate.oscillators import Oscillators

POTENTIAL = Oscillators(1.0)


@pytest.fixture(scope="module")
def system():
    """Five atoms without momenta: each replica draws its own."""
    positions = jnp.asarray(np.random.default_rng(0).normal(size=(5, 3)))
    return System(positions, jnp.full(5, 18, jnp.int32), jnp.full(5, 40.0), jnp.zeros((3, 3)))


@pytest.fixture(scope="module")
def dataset(system):
    return _md().run(system, POTENTIAL)


def _md(**changes):
    ensemble = changes.pop("ensemble", mlip_nb.NVTLangevin(temperature="100:300:3", friction=10))
    return mlip_nb.MD(**{"ensemble": ensemble, "timestep": 5.0, "steps": 60, "every": 20, "seed": 7} | changes)


def test_dataset_says_who_is_who(dataset):
    assert dict(dataset.sizes) == {"frame": 4, "replica": 3, "atom": 5, "xyz": 3, "vector": 3}
    assert dataset["positions"].dims == ("frame", "replica", "atom", "xyz")
    assert dataset["temperature"].dims == ("frame", "replica")
    assert dataset["time"].dims == ("frame",)
    assert dataset["seed"].values.tolist() == [7, 8, 9]
    assert dataset["target_temperature"].values.tolist() == [100, 200, 300]


@pytest.mark.parametrize("index", range(3))
def test_replica_is_the_run_with_its_seed_and_temperature(system, dataset, index):
    """Its initial momenta too: they are in frame 0."""
    ensemble = mlip_nb.NVTLangevin(temperature=100 + 100 * index, friction=10)
    single = _md(ensemble=ensemble, seed=7 + index).run(system, POTENTIAL)
    assert "replica" not in single.dims
    for name in single.data_vars:
        np.testing.assert_array_equal(single[name], dataset[name].isel(replica=index))


def test_seeds_differ_where_temperatures_do_not(system):
    dataset = _md(replicas=2, ensemble=mlip_nb.NVTLangevin(temperature=200), steps=20).run(system, POTENTIAL)
    assert "target_temperature" not in dataset
    assert not np.allclose(dataset["velocities"][0, 0], dataset["velocities"][0, 1])


def test_as_many_replicas_as_a_ladder_has_values():
    assert _md().copies == 3
    assert _md(ensemble=mlip_nb.NVTLangevin(temperature=300)).copies == 1
    with pytest.raises(InputError, match="temperature has 3 values for 8 replicas; give one value, or one for each"):
        _md(replicas=8)


def test_continued_run_equals_the_whole_one_and_is_repeated(system, dataset, tmp_path):
    _md(steps=30).run(system, POTENTIAL, save=tmp_path / "run.zarr")
    both = _md(steps=30).run(system, POTENTIAL, save=tmp_path / "run.zarr", append=True)
    for name in dataset.data_vars:
        np.testing.assert_array_equal(both[name], dataset[name])
    four = mlip_nb.NVTLangevin(temperature="100:300:4", friction=10)
    with pytest.raises(InputError, match="same settings"):
        _md(ensemble=four).run(system, POTENTIAL, save=tmp_path / "run.zarr", append=True)


def test_a_number_from_a_slider_holds_for_all_replicas(system):
    """Steered to a hundredth of a kelvin by a strong friction, all of them freeze."""
    steering = [(20, {"temperature": 0.01, "friction": 200.0})]
    steered = _md(steps=400, every=400).resolved().replay(system, POTENTIAL, steering)
    assert (steered["temperature"][-1] < 1).all()
    assert (steered["temperature"][0] > 10).all()


def test_run_follows_the_mean_of_its_replicas(system, dataset):
    run = _md().start(system, POTENTIAL)
    run.wait()
    np.testing.assert_allclose(run.series["temperature"], dataset["temperature"].mean("replica"))
    assert run.live["temperature"] == pytest.approx(200)
    with pytest.raises(InputError, match="temperature has 2 values for 3 replicas"):
        run.set(temperature="100:200:2")


def test_accessor_takes_one_replica(dataset):
    atoms = dataset.mlip.to_ase(-1, replica=2)
    np.testing.assert_array_equal(atoms.positions, dataset["positions"][-1, 2])
    assert atoms.get_potential_energy() == dataset["potential_energy"][-1, 2]
    assert len(dataset.mlip.to_ase(replica=1)) == 4
    np.testing.assert_array_equal(dataset.sel(replica=2).mlip.system().positions, atoms.positions)
    with pytest.raises(InputError, match="there is no replica 3; this Dataset has 3, from 0 to 2"):
        dataset.mlip.system(replica=3)


def test_replicas_are_drawn_and_told(dataset):
    figure = dataset.mlip.plot()
    assert len(figure.axes[0].lines) == 3
    assert "replicas:    3, with seeds 7 to 9" in dataset.mlip.summary()
