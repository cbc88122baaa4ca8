"""`%mlip neb`: a barrier in one line."""

import ase
import numpy as np
import pytest

import mlip_nb

from ..path_integrals.barriers import LEPS


def hydrogen(first, second):
    """Three atoms in a row, so far apart."""
    positions = np.array([[0.0, 0, 0], [first, 0, 0], [first + second, 0, 0]])
    row = ase.Atoms("H3", positions)
    return mlip_nb.from_ase(row)


def test_a_reaction_in_one_line(ipython):
    """H + H2, at the saddle of `%mlip tst`; ends as they are: a free atom has no minimum."""
    ipython["before"], ipython["after"], ipython["leps"] = hydrogen(2.5, 0.742), hydrogen(0.742, 2.5), LEPS()
    line = "%mlip neb before --end after --potential leps --no-relax --images 11 --force 0.003 --no-plot"
    told = ipython.printed(f"{line} -o path")
    path = ipython["path"]
    assert f"barrier {float(path['forward_barrier']):.4f} eV" in told
    assert float(path["forward_barrier"] - path["reverse_barrier"]) == pytest.approx(0, abs=1e-6)
    middle = path["positions"].isel(frame=5).values
    assert middle[1, 0] - middle[0, 0] == pytest.approx(middle[2, 0] - middle[1, 0], abs=1e-4)
    string = ipython.run(f"{line} --method string --quiet")
    assert float(string["forward_barrier"]) == pytest.approx(float(path["forward_barrier"]), abs=1e-5)
    both = ipython.run(f"{line.replace('before', 'before,after').replace('--end after', '--end after,before')} --quiet")
    np.testing.assert_array_equal(both["path_energy"].sel(structure="before"), path["path_energy"])
    assert both["forward_barrier"].dims == ("structure",)
    assert ipython.run("%mlip plot path").axes
    assert "the path goes from H3 to Si8" in ipython.refuse("%mlip neb before --end Si --potential leps")
    told = ipython.printed(f"{line} --steps 1 -o path")
    assert "not converged: after 1 steps a force of" in told


def test_a_saddle_in_one_line(ipython):
    """From a guess of H + H2; by forces alone, any other way would do as well."""
    ipython["guess"], ipython["leps"] = hydrogen(0.98, 0.9), LEPS()
    line = "%mlip saddle guess --potential leps --displacement 0 --force 1e-3"
    told = ipython.printed(f"{line} -o over")
    over = ipython["over"]
    assert "lowest curvature -" in told
    top = over["positions"].values[1]
    assert top[1, 0] - top[0, 0] == pytest.approx(top[2, 0] - top[1, 0], abs=1e-3)
    assert ipython.run("%mlip plot over").axes
    assert "--around: Input should be greater than or equal to 0" in ipython.refuse(f"{line} --around -1")
