"""`%mlip isotope`: isotope effects in one line."""

import pytest

from mlip_nb.errors import RunWarning

LINE = "%mlip isotope si --potential stillinger-weber --masses 28,30 --beads 2 --steps 60 --every 10 --timestep 2"


@pytest.fixture
def silicon(ipython):
    ipython.run("%mlip load Si -o si --quiet")
    return ipython


@pytest.mark.physics
def test_isotopes_of_silicon_in_one_line(silicon):
    """With a reference, kept in a folder, shown as text; the second time nothing is left to do."""
    told = silicon.printed(f"{LINE} --element Si --reference si --seed 1 --save runs --no-plot -o ds")
    assert "30 over 28, BAR" in told
    assert "isotope effect 1.0" in told
    data = silicon["ds"]
    assert data["equilibrium_isotope_effect"].dims == ("route", "isotope")
    assert len(data.mlip.plot().axes) == 2
    again = silicon.printed(f"{LINE} --seed 1 --save runs --resume --no-plot -o more")
    assert again.startswith("substituted")
    assert (silicon["more"]["fractionation_ratio"] == data["fractionation_ratio"]).all()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--masses 0,28", "greater than 0"),
        ("--masses=-1,28", "greater than 0"),
        ("--masses 28,28", "two different ones at least are needed"),
        ("--masses 28,30 --element Ge", "--element: no atom is Ge; the structure has Si"),
        ("--masses 28,30 --element Si --substituted 0", "give --element (Si) or --substituted (0), not both"),
        ("", "masses"),
    ],
)
def test_what_cannot_work_is_told_in_a_line(silicon, flags, message):
    assert message in silicon.refuse(f"%mlip isotope si --potential stillinger-weber {flags}")


def test_interrupted_line_says_so(silicon, monkeypatch):
    """Ctrl-C while a run is followed."""
    from mlip_nb.notebook import panels

    def interrupted(run, **options):
        while run.frames < 10:
            run.wait(0.01)
        run.stop()
        run.wait()

    monkeypatch.setattr(panels, "follow", interrupted)
    with pytest.warns(RunWarning, match="28: stopped by the user"):
        silicon.run(f"{LINE.replace('--steps 60', '--steps 100000')} --no-plot --quiet -o part")
    assert silicon["part"].sizes["isotope"] == 2
