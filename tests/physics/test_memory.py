"""Host memory of a long run: frames go to disk and do not stay."""

import psutil
import pytest
from ase.build import bulk

import mlip_nb

pytestmark = pytest.mark.physics

MOST_GROWTH = 48e6
"""Bytes. Frames that wait to be written are 32 MB at most, and the series of this run are below 1 MB."""


def test_a_run_that_is_saved_holds_no_more_at_its_end_than_after_a_third(tmp_path):
    argon = mlip_nb.from_ase(bulk("Ar", "fcc", a=5.4, cubic=True).repeat(5))
    potential = mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=7.0)
    md = mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(temperature=60), timestep=4.0, every=1, steps=9000)
    run = md._make_run(argon, potential, save=tmp_path / "run.zarr", checkpoint_every=2)
    resident = []
    run.on_update(lambda run: resident.append((run.done, psutil.Process().memory_info().rss)))
    data = run.start().wait(500).result()

    third = max(bytes for done, bytes in resident if done < 3000)
    later = max(bytes for done, bytes in resident if done >= 3000)
    stored = data.nbytes * 2 / 3
    print(f"{later - third:.3g} bytes more while {stored:.3g} were stored")
    assert stored > 4 * MOST_GROWTH, "too short a run to tell"
    assert later - third < MOST_GROWTH
    assert run.status == "finished"
