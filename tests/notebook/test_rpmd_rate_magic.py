"""`%mlip rpmd-rate`: a rate in one line."""

import numpy as np
import pytest

from ..path_integrals.barriers import atoms_at
from ..path_integrals.test_rpmd_rate import BOTTOM, FAR, Joined, classical

LINE = f"%mlip rpmd-rate well --potential joined --dividing 0 --reactants {FAR:.6f}"
QUICK = "--beads 1 --windows 124 --sampling 500 --preparation 400 --pairs 512 --release 66"


@pytest.fixture
def shell(ipython):
    ipython["well"], ipython["joined"] = atoms_at([[BOTTOM, 0.0, 0.0]]), Joined()
    return ipython


def test_rate_and_its_picture_in_one_line(shell):
    told = shell.printed(f"{LINE} --coordinate x:0 {QUICK} --no-plot -o ds")
    assert "pairs leave the dividing surface" in told
    assert "classical TST" in told
    data = shell["ds"]
    np.testing.assert_allclose(data["rate_constant"], classical(), rtol=5e-3)
    assert data["window"].attrs["units"] == "Å"
    assert "reaction coordinate" in data.mlip.plot().axes[0].get_xlabel()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--coordinate w:0", "unknown coordinate 'w'"),
        ("--coordinate well", "the variable well is no function of positions"),
        ("--coordinate x:0 --products -1", "is outside of the windows"),
    ],
)
def test_mistakes_are_told_in_a_line(shell, line, message):
    assert message in shell.refuse(f"{LINE} {line}")
