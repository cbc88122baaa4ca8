"""Replica exchange: detailed balance in closed form, bookkeeping, exact continuation."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import betainc

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.schedule import Ladder
from mlip_nb.simulate import Standing
from mlip_nb.system import System
from mlip_nb.workflows import ReplicaExchange, _exchange

from ..simulate.oscillators import Oscillators

POTENTIAL = Oscillators(1.0)
ATOMS = 4


@pytest.fixture(scope="module")
def system():
    positions = 0.2 * jnp.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    return System(positions, jnp.full(ATOMS, 1, jnp.int32), jnp.ones(ATOMS), jnp.zeros((3, 3)))


@pytest.fixture(scope="module")
def dataset(system):
    return _exchanging(steps=90).run(system, POTENTIAL)


def _exchanging(**changes):
    ensemble = changes.pop("ensemble", mlip_nb.NVTLangevin(friction=100))
    given = {"replicas": 4, "lowest": 300, "highest": 600, "exchange_every": 7, "timestep": 2.0, "every": 4}
    return ReplicaExchange(**{"ensemble": ensemble, **given, **changes})


def test_temperatures_are_in_geometric_progression(dataset):
    np.testing.assert_allclose(dataset["target_temperature"], 300 * 2 ** (np.arange(4) / 3))


def test_every_walker_is_somewhere_and_some_have_moved(dataset):
    walkers = dataset["walker"].values
    np.testing.assert_array_equal(np.sort(walkers, axis=1), np.tile(np.arange(4), (len(walkers), 1)))
    assert (walkers[0] == np.arange(4)).all()
    assert (walkers[-1] != np.arange(4)).any()
    # Twelve attempts: six of the even pairs, six of the odd one.
    assert dataset["attempts"][-1].values.tolist() == [6, 6, 6]
    assert (dataset["exchanges"] <= dataset["attempts"]).all()


def test_walkers_keep_their_atoms_and_temperatures_move(dataset):
    """Followed by walker, positions are continuous: an exchange moves nobody."""
    inverse = np.argsort(dataset["walker"].values, axis=1)
    path = np.take_along_axis(dataset["positions"].values, inverse[:, :, None, None], axis=1)
    speed = np.abs(dataset["velocities"]).max().item()
    assert np.abs(np.diff(path, axis=0)).max() < 2 * speed * 4 * 2.0


def test_conserved_quantity_knows_of_exchanges(dataset):
    """Of each temperature it is conserved, though another structure comes with another energy."""
    assert np.ptp(dataset["total_energy"].values, axis=0).min() > 0.05
    assert np.ptp(dataset["conserved"].values, axis=0).max() < 0.01


def test_continued_exchange_equals_the_whole_one_and_is_repeated(system, dataset, tmp_path):
    """Stopped between two exchanges, and storing every other step: chunks do not matter either."""
    _exchanging(steps=45).run(system, POTENTIAL, save=tmp_path / "run.zarr")
    both = _exchanging(steps=45).run(system, POTENTIAL, save=tmp_path / "run.zarr", append=True)
    often = _exchanging(steps=90, every=2).run(system, POTENTIAL)
    again = dataset.mlip.workflow().replay(system, POTENTIAL, [])
    for name in dataset.data_vars:
        np.testing.assert_array_equal(both[name], dataset[name])
        np.testing.assert_array_equal(often[name][::2], dataset[name])
        np.testing.assert_array_equal(again[name], dataset[name])


def test_summary_tells_acceptance(dataset):
    made, tried = dataset["exchanges"][-1].values, dataset["attempts"][-1].values
    assert f"exchanges:   {made[0] / tried[0]:.0%}, " in dataset.mlip.summary()


def test_acceptance_is_the_ratio_of_boltzmann_weights():
    """Of the two states swapped and as they are, with a pressure for each temperature."""
    rng = np.random.default_rng(3)
    energy, volume = rng.normal(size=3), rng.uniform(5, 9, 3)
    kT, pressure = (0.7, 1.0, 1.3), (0.2, 0.5, 0.1)
    rungs = {"temperature": Ladder(kT), "pressure": Ladder(pressure)}
    now = Standing(*(jnp.asarray(values) for values in (energy, volume, energy)))

    def log_weight(walkers) -> float:
        return -sum((energy[w] + pressure[i] * volume[w]) / kT[i] for i, w in enumerate(walkers))

    expected = log_weight((2, 1, 0)) - log_weight((2, 0, 1))
    assert _exchange.log_acceptance(rungs, now, 1, (0, 1)) == pytest.approx(expected)


def test_round_trip_is_coldest_to_hottest_and_back():
    """One walker climbs a ladder of three and comes down; who only came down has made none."""
    ends, trips = (1, 0, 0), 0
    for walkers in ([1, 0, 2], [1, 2, 0], [1, 0, 2], [0, 1, 2], [0, 2, 1], [2, 0, 1]):
        ends, new = _exchange._travelled(ends, walkers)
        trips += new
    assert trips == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ensemble": mlip_nb.NVE()}, "nve has no thermostat"),
        ({"ensemble": mlip_nb.NVTLangevin(temperature=400)}, "give lowest and highest, or a ladder"),
        ({"lowest": 900}, "each above the one before; got 900, "),
        ({"replicas": 1}, "two temperatures or more"),
        ({"ensemble": mlip_nb.NVTLangevin(temperature="300:600:5")}, "temperature has 5 values for 4 replicas"),
        (
            {"ensemble": mlip_nb.NVTLangevin(temperature="310:600:4")},
            "lowest is 300 K, but the ladder ends at 310 K; give one of them",
        ),
    ],
)
def test_what_cannot_be_exchanged_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        _exchanging(**changes)


def test_a_ladder_cannot_be_steered_away(system):
    run = _exchanging(steps=20).start(system, POTENTIAL)
    with pytest.raises(InputError, match="give lowest and highest, or a ladder"):
        run.set(temperature=500)
    run.wait()


def _sampled(system):
    """At ωh = 0.4, with a friction that forgets an exchange a few exchanges later."""
    ensemble = mlip_nb.NVTLangevin(friction=5)
    sampling = _exchanging(ensemble=ensemble, timestep=4.0, exchange_every=10, every=20, seed=5, steps=10_000)
    return sampling.run(system, POTENTIAL)


def _distances(dataset) -> tuple[float, np.ndarray]:
    """From the closed forms, in standard errors by blocks: acceptance of all pairs, <x²> at each temperature."""
    ratio = float(dataset["target_temperature"][1] / dataset["target_temperature"][0])
    expected = 2 * betainc(1.5 * ATOMS, 1.5 * ATOMS, 1 / (1 + ratio))
    tried, made = (np.diff(dataset[name].sum("pair").values) for name in ("attempts", "exchanges"))
    squares = (dataset["positions"][1:] ** 2).mean(["atom", "xyz"]).values
    squares = squares / (dataset["target_temperature"].values * units.KELVIN)
    return _away(made / tried, expected), _away(squares, 1.0)


def _away(values: np.ndarray, expected: float) -> np.ndarray:
    blocks = np.array([block.mean(axis=0) for block in np.array_split(values, 25)])
    return (blocks.mean(axis=0) - expected) / (blocks.std(axis=0, ddof=1) / np.sqrt(len(blocks)))


@pytest.mark.physics
def test_acceptance_and_widths_have_their_closed_forms(system):
    r"""Energies of d oscillators are Γ(d/2, kT), so that $p = 2 I_{T_1/(T_1+T_2)}(d/2, d/2)$."""
    acceptance, widths = _distances(_sampled(system))
    assert abs(acceptance) < 5
    assert np.abs(widths).max() < 5


@pytest.mark.physics
@pytest.mark.parametrize("factor", [-1, 0.5])
def test_wrong_acceptance_is_found_out(system, monkeypatch, factor):
    """Control: the exponent with the wrong sign, and half of it, which only the acceptance tells at once."""
    right = _exchange.log_acceptance
    monkeypatch.setattr(_exchange, "log_acceptance", lambda *given: factor * right(*given))
    acceptance, widths = _distances(_sampled(system))
    assert abs(acceptance) > 5
    assert factor > 0 or np.abs(widths).max() > 5
