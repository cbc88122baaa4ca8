"""`%mlip calibrate` and `%mlip assess`: uncertainties in two lines."""

import ase.io
import numpy as np
import pytest

LINE = "%mlip calibrate frames --potential mlip-Si --coverage 0.8 --quiet -o unc"


@pytest.fixture
def ready(ipython, repository):
    """A notebook with data of silicon that the shipped committee was not trained on."""
    ipython["frames"] = ase.io.read(repository / "tutorials" / "silicon_test.xyz.gz", ":")
    return ipython


@pytest.mark.physics
def test_the_spread_of_a_committee_is_calibrated_and_asked(ready):
    told = ready.printed(LINE.replace(" --quiet", " --report report"))
    assert "miscalibration area" in told
    assert "with a probability of 0.8" in told
    report = ready["report"]
    before, after = report["miscalibration_area"].values
    assert after < 0.5 * before
    # Frames are of different kinds, so that the half that judges is not quite as the half that calibrated.
    assert float(report["variance_ratio"][1]) == pytest.approx(1, abs=0.5)
    assert len(report.mlip.plot().axes) == 2
    told = ready.printed("%mlip assess frames --uncertainty unc -o found")
    assert "least sure of atom" in told
    found = ready["found"]
    sigma, errors = found["site_uncertainty"].values, found["site_force_error"].values
    assert found["site_uncertainty"].attrs["units"] == "eV/Å"
    assert np.corrcoef(np.argsort(np.argsort(sigma)), np.argsort(np.argsort(errors)))[0, 1] > 0.3
    assert (found["site_radius"] > found["site_uncertainty"]).all()
    largest = [sigma[found["site_frame"] == frame].max() for frame in range(found.sizes["frame"])]
    np.testing.assert_array_equal(found["frame_uncertainty"], largest)
    assert len(found.mlip.plot().axes) == 2
    ready.run("%mlip load Si --repeat 2 -o si\n%mlip assess si --uncertainty unc --quiet -o one")
    assert "site_force_error" not in ready["one"]


def test_what_cannot_work_is_told_in_a_line(ready):
    assert "--potential: a value is needed" in ready.refuse("%mlip calibrate frames")
    assert "%mlip calibrate DATA" in ready.refuse("%mlip assess frames --uncertainty nothing")
    refused = ready.refuse(f"{LINE} --uncertainty d-optimal")
    assert "compares with the frames that the potential was trained on; give them" in refused
    assert "single potential" in ready.refuse(
        "%mlip calibrate frames --potential stillinger-weber --uncertainty committee"
    )
    assert "less than 1" in ready.refuse(f"{LINE.replace('0.8', '1')}")
