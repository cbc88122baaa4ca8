"""`%mlip melt`: crystal beside liquid in one line."""

import pytest


def test_what_a_line_needs(ipython):
    assert "temperature: a value is needed" in ipython.refuse("%mlip melt Ar").replace("--", "")
    assert "the potential is no committee" in ipython.refuse(
        "%mlip melt Ar --potential lennard-jones --temperature 80 --members"
    )


@pytest.mark.physics
def test_a_short_run_in_one_line(ipython):
    line = "%mlip melt Ar --potential lennard-jones --temperature 78 --timestep 8 --time 20ps --preparation 6ps"
    told = ipython.printed(f"{line} --repeats 3,3,8 --superheat 4 --every 50 --replicas 2 --no-plot -o found")
    assert "melting temperature" in told
    assert "of 2 runs kept both phases" in told
    assert len(ipython["found"].mlip.plot().axes) == 3
