"""`%%mlip design`: an objective in the body of a cell."""

import numpy as np
import pytest

POTENTIAL = "lj = mlip_nb.potential('lennard-jones', epsilon=1, sigma=1, cutoff=2.2, style='smooth')"
LINE = "%%mlip design Ar --a 1.6 --potential lj --cell-shape isotropic --relax nothing --starts 1 --steps 8"
BODY = """
wanted = 1.55
def objective(x):
    return (x.lattice_constant - wanted) ** 2
"""


@pytest.fixture
def ready(ipython):
    """A notebook with a cheap potential."""
    ipython.run("import mlip_nb, jax.numpy as jnp")
    ipython.run(POTENTIAL)
    return ipython


def test_a_cell_says_what_is_wanted(ready):
    told = ready.printed(f"{LINE} -o best{BODY}")
    assert "lattice constant 1.55" in told
    best = ready["best"]
    assert best["design_lattice_constant"][-1, 0] == pytest.approx(1.55, abs=1e-6)
    assert len(best.mlip.to_ase(-1)) == 4
    assert len(best.mlip.plot().axes) == 2
    assert ready["best"].mlip.system(-1).cell[0, 0] == pytest.approx(1.55, abs=1e-6)
    # The source alone says all that is needed, the number from the notebook included.
    again = best.mlip.rerun()
    np.testing.assert_array_equal(again["design_vector"], best["design_vector"])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("def objective(x):\n    return x.latice_constant", "line 2 of the cell, 'return x.latice_constant'"),
        ("def objective(x):\n    return x.cell", "an array of 3 by 3 numbers"),
        ("def objective(x):\n    a = float(x.volume)\n    return a", "line 2 of the cell, 'a = float(x.volume)'"),
        ("def objective(x):\n    return 3.0", "does not depend on the design"),
        ("def objective(x):\n    return jnp.log(-x.volume)", "not a number (NaN)"),
        ("def objective(x):\n    return x.pressure.missing", "AttributeError"),
    ],
)
def test_mistakes_name_the_line_of_the_cell(ready, body, told):
    shown = ready.refuse(f"{LINE}\n{body}\n")
    assert told in shown
    assert "line 2 of the cell" in shown


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("", "nothing is wanted"),
        ("--target bulk_modulos=90GPa", "Did you mean 'bulk_modulus'"),
        ("--target bulk_modulus=90K", "GPa"),
        ("--target volume=1 --vary species", "knows no mixtures"),
        ("--target volume=1 --vary parameters --parameters depth", "unknown parameter of lennard-jones 'depth'"),
        ("--target volume=1 --trust 0.1", "says how sure it is"),
        ("--target forces=1", "several numbers"),
        ("--target barrier=0.1", "barrier needs the structure at the other side; give --end"),
        ("--target coordination_number=12", "give --radius, such as 2.8"),
        ("--target coordination_number=12 --radius 2", "the potential sees pairs up to 2.2 Å only; give 1.7 Å at most"),
        ("--target energy_above_hull=0", "give --competitors"),
        ("--target vacancy_energy=1 --vacancy 9", "there is no atom 9 among 4"),
        ("--target volume=1 --charges Ar=1", "species are not varied, so that nothing can be neutral"),
    ],
)
def test_what_cannot_be_designed_is_refused(ready, flags, told):
    assert told in ready.refuse(f"%mlip design Ar --a 1.6 --potential lj {flags}")


def test_a_design_in_the_background_is_accepted_by_name(ready):
    line = LINE.replace("--steps 8", "--steps 100000 --tolerance 0 --optimizer adam --background --name long")
    ready.run(f"{line} -o run{BODY}")
    assert "long: finished after step" in ready.printed("%mlip accept long")
    assert 0 < ready["run"].done < 100000
    assert ready["run"].data().attrs["status"] == "finished"
    assert "nothing left to accept" in ready.refuse("%mlip accept long")
