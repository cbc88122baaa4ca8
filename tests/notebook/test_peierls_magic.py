"""`%mlip peierls`: a dislocation in one line."""

from ..path_integrals.chains import FrenkelKontorovaSpec, chain


def test_a_barrier_in_one_line(ipython):
    ipython["start"], ipython["end"] = chain(12, 6), chain(12, 5)
    ipython["substrate"] = FrenkelKontorovaSpec(stiffness=0.0).build()
    line = "%mlip peierls start --end end --potential substrate --burgers 2.5"
    told = ipython.printed(f"{line} --length 2 --images 7 --no-plot -o found")
    assert "Peierls barrier 10 meV/Å, stress 0.8" in told
    assert ipython.run("%mlip plot found").axes
    assert "has no third lattice vector" in ipython.refuse(line)
