"""Coexistence: what runs say together, when they say nothing, and the smallest run there is."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.properties.interface import Phases
from mlip_nb.results import build_dataset

MELT = mlip_nb.Melt(temperature=80.0, discard=0.5, slabs=6)


def judged(kelvin, share):
    """Two runs of one potential, each with these temperatures and shares of crystal."""
    values = np.full((1, 2), np.nan) if min(share) < 0.1 or max(share) > 0.9 else np.array([[82.0, 86.0]])
    return {
        "run_temperature": np.tile(kelvin, (1, 2, 1)),
        "crystal_share": np.tile(share, (1, 2, 1)),
        "coexistence_temperature": values,
        "coexistence_temperature_error": np.ones((1, 2)),
    }


def test_runs_with_both_phases_tell_the_temperature():
    joined = judged([80.0, 84.0], [0.5, 0.6])
    told = MELT._told(joined)
    assert told["melting_temperature"] == 84
    assert told["melting_temperature_error"] == pytest.approx(2)
    data = build_dataset({"time": [0.0, 1.0], "slab_order": np.ones((2, 6)), **joined, **told})
    left, right, _ = data.mlip.plot().axes
    assert left.get_ylabel() == "temperature (K)"
    assert right.get_xlabel() == "time (ps)"


@pytest.mark.parametrize(("share", "told"), [([0.3, 0.0], "melted as a whole"), ([0.7, 1.0], "froze as a whole")])
def test_a_phase_that_is_lost_is_told(share, told):
    with pytest.raises(InputError, match=f"{told}, and is at 84 K"):
        MELT._told(judged([80.0, 84.0], share))


def test_a_run_that_loses_a_phase_says_nothing():
    """Frames of a perfect crystal and of atoms anywhere: both are told, and neither is coexistence."""
    crystal = np.asarray(mlip_nb.load("Ar", repeat=(3, 3, 3)).positions) + 0.1
    anywhere = np.random.default_rng(0).uniform(0, 15.78, size=crystal.shape)
    mixed = np.where(crystal[:, 2:] < 7.89, crystal, crystal + np.random.default_rng(1).normal(size=crystal.shape))
    for places, share in ((crystal, 1.0), (anywhere, 0.0), (mixed, 0.5)):
        run = build_dataset(
            {
                "positions": np.stack([places] * 20),
                "cell": np.stack([15.78 * np.eye(3)] * 20),
                "temperature": 80 + np.sin(np.arange(20.0)),
            }
        )
        found = MELT._of_run(run, Phases(0.57, 0.1))
        # Slabs at an interface are neither.
        np.testing.assert_allclose(found["crystal_share"], share, atol=0.25 * (share == 0.5))
        assert np.isfinite(found["coexistence_temperature"]) == (share == 0.5)


def test_what_does_not_melt():
    system, potential = mlip_nb.load("Ar"), mlip_nb.potential("lennard-jones")
    with pytest.raises(InputError, match="the potential is no committee"):
        MELT.replace(members=True).run(system, potential)
