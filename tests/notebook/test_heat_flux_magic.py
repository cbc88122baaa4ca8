"""`%mlip heat-flux`: thermal conductivity in one line."""

import pytest


@pytest.mark.physics
def test_a_run_conducts_heat(ipython):
    ipython.run("%mlip md Ar --ensemble nve --temperature 30 --steps 400 --every 5 --timestep 4 --quiet -o run")
    told = ipython.printed("%mlip heat-flux run --blocks 4 --no-plot -o found")
    assert "W/(m·K)" in told
    found = ipython["found"]
    assert found["thermal_conductivity_integral"].attrs["units"] == "W/(m·K)"
    ipython.run("import mlip_nb; run = mlip_nb.with_heat_flux(run, run.mlip.potential())")
    same = ipython.run("%mlip heat-flux run --blocks 4 --quiet")
    assert float(same["thermal_conductivity"]) == float(found["thermal_conductivity"])
    assert len(found.mlip.plot().axes) == 2
    told = ipython.refuse("%mlip heat-flux run --blocks 4 --replica 3")
    assert "there is no replica 3" in told
