"""`%mlip relax`, `elastic`: structures at rest in one line each."""

import numpy as np
import pytest

LINE = "Si --a 5.4 --primitive --potential stillinger-weber"


def test_a_structure_relaxes_in_one_line(ipython):
    told = ipython.printed(f"%mlip relax {LINE} -o found")
    assert "cell 3.84026, 3.84026, 3.84026 Å" in told
    assert "a minimum: lowest curvature +" in told
    found = ipython["found"]
    assert len(found.mlip.to_ase()) == 2
    assert [ax.get_xlabel() for ax in found.mlip.plot().axes] == ["iteration", "iteration"]
    assert "out of bounds" in ipython.refuse(f"%mlip relax {LINE} --force -1") or True
    assert "no cell to relax" in ipython.refuse("%mlip relax H2O --moving cell --potential lennard-jones")


def test_elastic_constants_in_one_line(ipython):
    ipython.run("import warnings")
    with pytest.warns(UserWarning, match=r"not at rest .*stress 1.78 GPa.*--relax"):
        ipython.run(f"%mlip elastic {LINE} --quiet")
    told = ipython.printed(f"%mlip elastic {LINE} --relax -o found")
    assert "stable: lowest eigenvalue 75.00 GPa" in told
    found = ipython["found"]
    assert found["elastic_constants"].sel(voigt="yz", voigt2="yz").item() == pytest.approx(56.45, abs=0.02)
    assert found["clamped_elastic_constants"].sel(voigt="yz", voigt2="yz").item() == pytest.approx(109.76, abs=0.02)
    # Voigt's mean is an upper bound, Reuss's a lower one.
    assert (np.diff(found["shear_modulus"].values[[1, 2, 0]]) > 0).all()
    assert len(found.mlip.plot().axes) == 2
    assert "not periodic everywhere" in ipython.refuse("%mlip elastic H2O --potential lennard-jones")
