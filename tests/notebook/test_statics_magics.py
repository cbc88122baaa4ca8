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
    assert "--force: Input should be greater than 0" in ipython.refuse(f"%mlip relax {LINE} --force -1")


def test_elastic_constants_in_one_line(ipython):
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


@pytest.mark.physics
def test_phonons_and_what_follows_in_one_line_each(ipython):
    small = f"{LINE.replace('5.4 ', '5.43095 ')} --supercell 2,2,2 --mesh 15"
    told = ipython.printed(f"%mlip phonons {small} -o bands")
    assert "supercell of 16 atoms; frequencies from -0.000 to 17.8" in told
    assert [ax.get_ylabel() for ax in ipython["bands"].mlip.plot().axes][0] == "frequency (THz)"
    assert "linear expansion" in ipython.printed(f"%mlip gruneisen {small} -o gamma")
    assert len(ipython["gamma"].mlip.plot().axes) == 2
    assert "at 300 K" in ipython.printed(f"%mlip qha {small} --volumes 5 -o warm")
    assert len(ipython["warm"].mlip.plot().axes) == 4
    assert "B = 101.4" in ipython.printed("%mlip eos bands --potential stillinger-weber --points 7 -o curve")
    assert len(ipython["curve"].mlip.plot().axes) == 2


@pytest.mark.physics
def test_lattice_vectors_that_expand_in_one_line(ipython):
    line = "Si --a 5.43095 --potential stillinger-weber --supercell 1,1,1 --mesh 10 --lengths 4"
    told = ipython.printed(f"%mlip anisotropic-qha {line} -o warm")
    assert "at 300 K: a, b, c 5.4" in told
    assert len(ipython["warm"].mlip.plot().axes) == 2
