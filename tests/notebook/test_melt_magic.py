"""`%mlip melt`: crystal beside liquid in one line."""

import numpy as np

from mlip_nb.results import build_dataset

from ..workflows.test_melt import MELT, judged


def test_what_a_line_needs(ipython):
    assert "temperature: a value is needed" in ipython.refuse("%mlip melt Ar").replace("--", "")
    assert "the potential is no committee" in ipython.refuse(
        "%mlip melt Ar --potential lennard-jones --temperature 80 --members"
    )


def test_what_runs_tell_in_one_line(ipython, monkeypatch):
    """The runs themselves take minutes: tests/physics has them."""
    joined = judged([80.0, 84.0], [0.5, 0.6])
    data = build_dataset({"time": [0.0, 1.0], "slab_order": np.ones((2, 4)), **joined, **MELT._told(joined)})
    monkeypatch.setattr(type(MELT), "run", lambda melt, system, potential, **options: data)
    told = ipython.printed("%mlip melt Ar --potential lennard-jones --temperature 80 --replicas 2 --no-plot")
    assert "melting temperature 84.0 ± 2 K; 2 of 2 runs kept both phases, 60% crystal" in told
