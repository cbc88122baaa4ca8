"""`%mlip gsf`: stacking faults in one line."""

import numpy as np

LINE = "%mlip gsf Ar --a 5.27 --potential lennard-jones --layers 4 --direction 1,1,-2 --no-relax --no-relax-crystal"


def test_a_curve_and_a_surface_in_one_line(ipython):
    told = ipython.printed(f"{LINE} --points 7 -o curve")
    assert "unstable fault" in told
    assert "shear strength" in told
    assert ipython["curve"].mlip.plot().axes[0].get_ylabel() == "fault energy (J/m²)"
    told = ipython.printed(f"{LINE} --points 4 --second 1,-1,0 -o whole")
    assert "translations of 6.4544 and 3.7265 Å" in told
    found = ipython["whole"]["fault_energy_map"].values
    np.testing.assert_allclose(found[:, [0]], found[:, [3]], atol=1e-12)
    np.testing.assert_allclose(found[[0]], found[[3]], atol=1e-12)
    assert found.max() > 0.01
    assert len(ipython["whole"].mlip.plot().axes) == 2
    assert "0,0,0 is no plane" in ipython.refuse("%mlip gsf Ar --miller 0,0,0")
