"""`%mlip design --temperature`: a thermal average that is wanted, where the answer follows from a scaling law."""

import json

import numpy as np
import pytest

POTENTIAL = "lj = mlip_nb.potential('lennard-jones', epsilon=0.0104, sigma=3.4, cutoff=6.0)"
LINE = (
    "%mlip design Ar --a 5.4 --potential lj --vary parameters --parameters length --temperature 20 --hold pressure "
    "--samples 40 --equilibration 10 --interval 50 --timestep 5 --starts 1 --optimizer gauss-newton"
)


@pytest.mark.physics
def test_lengths_of_the_potential_are_lengths_of_the_crystal_at_any_temperature(ipython):
    """⟨V⟩ goes with the cube of all lengths, and nothing else changes: the same samples serve, with equal weights.

    So a volume that is wanted is met exactly, though volumes fluctuate.
    """
    ipython.run("import mlip_nb")
    ipython.run(POTENTIAL)
    told = ipython.printed(f"{LINE} --steps 6 --target mean_volume=170 -o best")
    best = ipython["best"].isel(replica=0)
    assert "mean volume 170 ±" in told
    names = json.loads(best.attrs["averaged"])
    assert names == ["objective", "mean_volume"]
    value, slope = best["average_value"][:, 1], best["average_slope"][:, 1, 0]
    np.testing.assert_allclose(slope, 3 * value, rtol=1e-9)
    np.testing.assert_allclose(best["sample_share"], 1, rtol=1e-9)
    assert best["draws"].values.tolist() == [1] * best.sizes["frame"]
    factor = np.exp(best["design_vector"][-1, 0])
    assert float(factor) == pytest.approx(float(170 / value[0]) ** (1 / 3), rel=1e-7)
    # Errors of a mean and of its slope are in the same proportion.
    np.testing.assert_allclose(best["average_slope_error"][:, 1, 0], 3 * best["average_error"][:, 1], rtol=1e-6)
    assert 0 < float(best["average_error"][-1, 1]) < 5
    assert len(ipython["best"].mlip.plot().axes) == 2
