"""`%mlip reweight`: another potential in one line."""

import pytest


@pytest.fixture
def run(ipython):
    ipython.run("%mlip load Si -o si --quiet")
    ipython.run(
        "%mlip pimd si --potential stillinger-weber --beads 2 --steps 60 --every 10 --timestep 2 --store-beads "
        "--quiet -o ds"
    )
    return ipython


def test_same_potential_is_no_change(run):
    """Tables of neighbours are made anew: energies are those the run had, to the last digits."""
    told = run.printed("%mlip reweight ds --potential stillinger-weber --discard 0 -o same")
    assert "free-energy difference" in told
    assert "100% of the frames carry the weights" in told
    found = run["same"].set_index(estimator="estimator")["estimate"]
    assert float(found.sel(estimator="free-energy difference")) == pytest.approx(0, abs=1e-9)
    kinetic = float(found.sel(estimator="kinetic energy, centroid virial"))
    assert kinetic == pytest.approx(float(run["ds"]["kinetic_energy"].mean()), rel=1e-9)
    run.run("%mlip reweight ds --potential stillinger-weber --discard 0 --route cumulant --quiet -o other")
    assert run["other"].attrs["route"] == "cumulant"
    assert "--potential: a value is needed" in run.refuse("%mlip reweight ds")
