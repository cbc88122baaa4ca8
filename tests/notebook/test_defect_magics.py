"""Point defects in one line."""


def test_a_vacancy_in_one_line(ipython):
    line = "%mlip vacancy Ar --supercells 1,2 --expected 0.09 --steps 200 --no-relax-crystal -o gap"
    told = ipython.printed(line)
    assert "infinite crystal" in told
    assert "eV expected: passes" in told
    line = "%mlip vacancy Ar --supercells 1 --expected 0.3 --no-relax-crystal -o other"
    assert "eV expected: FAILS" in ipython.printed(line)
    found = ipython["gap"]
    assert [*found["supercell"].values] == [4, 32]
    assert found.mlip.plot().axes[0].get_xlabel() == "1/atoms"
    assert "the reservoir of Kr is not known" in ipython.refuse("%mlip substitution Ar --element Kr")


def test_a_mixture_in_one_line(ipython):
    line = "%mlip mix Ar --potential lennard-jones --elements Ar,Kr --supercell 1 --terms 1 --no-relax -o alloy"
    told = ipython.printed(line)
    assert "part of the second" in told
    assert ipython["alloy"].sizes["composition"] == 5
