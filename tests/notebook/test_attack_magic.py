"""`%mlip attack`: break a potential in one line."""

import numpy as np
import pytest

from mlip_nb.learn import Recipe, fit_linear, fresh
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.uncertainty import uncertainties

from ..learn.teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si",), degree=1, channels=4, hidden=8, radial=4, cutoff=3.8)
LINE = "%mlip attack Si --radius 0.2 --iterations 4 --starts 2"


@pytest.fixture
def ready(ipython):
    """A notebook with the spread of a committee that has learned from little."""
    frames = frames_of_silicon(4)
    committee, _ = fit_linear(fresh(SPEC.replace(members=2), frames), frames, Recipe(batch=64))
    ipython["unc"] = uncertainties["committee"]().fitted(committee)
    return ipython


@pytest.mark.physics
def test_a_potential_is_attacked_in_one_line(ready):
    told = ready.printed(f"{LINE} --uncertainty unc --temperature 2000 --reference stillinger-weber -o found")
    assert "times the uncertainty of random displacements as long" in told
    assert "times their true error" in told
    found = ready["found"]
    assert found["objective"].shape == (5, 2)
    assert (np.diff(found["objective"], axis=0) >= 0).all()
    assert len(found.mlip.plot().axes) == 3
    assert len(found.drop_vars("true_error").mlip.plot().axes) == 2
    assert len(found.mlip.to_ase(0)) == 8
    ready.run(f"{LINE} --uncertainty unc --temperature 2000 --background -o going")
    np.testing.assert_allclose(ready["going"].result()["positions"], found["positions"])
    assert "%mlip calibrate DATA" in ready.refuse(f"{LINE} --uncertainty nothing")
    assert "radius" in ready.refuse(f"{LINE} --uncertainty unc".replace("0.2", "-1"))
