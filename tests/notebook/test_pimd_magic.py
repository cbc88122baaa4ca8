"""`%mlip pimd`: quantum nuclei in one line."""

import pytest

from mlip_nb.errors import InputError


@pytest.mark.physics
def test_quantum_silicon_in_one_line(ipython):
    ipython.run("%mlip load Si -o si --quiet")
    line = "%mlip pimd si --potential stillinger-weber --temperature 300 --steps 20 --every 10 --seed 1"
    told = ipython.printed(f"{line} --beads auto --save run.zarr -o ds")
    assert "16 beads: the stiffest vibration (17.8 THz, 2.9 kT) then has -0.35% of its energy" in told
    assert '"beads": 16' in ipython["ds"].attrs["params"]
    ipython.run("%mlip pimd --append --save run.zarr --steps 20 -o more --quiet")
    assert ipython["more"].sizes["frame"] == 5
    assert '"beads": 16' in ipython["more"].attrs["params"]
    assert "atom_kinetic_energy" in ipython["more"]


def test_a_cheap_potential_beside_the_accurate_one(ipython):
    """Its parameters are flags, too, and the Dataset says what was done."""
    pair = "%mlip pimd Ar --potential lennard-jones --cheap lennard-jones"
    told = ipython.printed(f"{pair} --help")
    assert all(name in told for name in ("--cheap-style", "--potential-style", "--contracted-beads"))
    line = f"{pair} --cheap-style shifted --temperature 30 --beads 2 --contracted-beads 1 --inner-steps 2"
    ipython.run(f"{line} --steps 2 --every 1 --quiet -o ds")
    assert ipython["ds"].status == "finished"
    assert '"inner_steps": 2' in ipython["ds"].attrs["params"]
    with pytest.raises(InputError, match="name the cheap one as cheap"):
        ipython.run("%mlip pimd Ar --inner-steps 2")


def test_ensembles_of_ring_polymers_are_offered(ipython):
    told = ipython.printed("%mlip pimd --help")
    assert all(name in told for name in ("pile-l", "pile-g", "rpmd", "trpmd", "pa-cmd", "--beads", "--heat-capacity"))
    with pytest.raises(InputError, match="nvt-langevin"):
        ipython.run("%mlip pimd Si --ensemble nvt-langevin")
