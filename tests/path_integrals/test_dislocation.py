"""A line that is pushed over a hill."""

import numpy as np
import pytest

from mlip_nb.errors import SimulationError
from mlip_nb.path_integrals.dislocation import Glide

LINE = Glide(np.zeros(1), np.ones(1), 1.0)


@pytest.mark.parametrize("width", [0.53, 0.61, 0.7, 0.83])
def test_the_largest_load_is_found_wherever_it_is(width):
    """A slope of sin πx/w, whose summit lies between the steps in which the line is pushed."""

    def hill(places):
        return -width / np.pi * np.cos(np.pi * places[:, 0] / width), np.sin(np.pi * places / width)

    assert LINE.critical(hill, force=1e-6, steps=10) == pytest.approx(1, abs=1e-3)


def test_a_slope_that_never_falls_is_no_hill():
    with pytest.raises(SimulationError, match="the line does not glide"):
        LINE.critical(lambda places: (places[:, 0] ** 2 / 2, places), force=1e-6, steps=10)
