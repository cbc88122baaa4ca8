"""A run that a monitor watches, in JupyterLab: the cell ends at the alarm, and the panel answers."""

import pytest

pytestmark = [pytest.mark.timeout(300), pytest.mark.physics]

BEGIN = """
import warnings; warnings.simplefilter("ignore")
from tests.workflows.closeness import Closeness, argon, potential
ar, lj = argon(), potential()
unc = Closeness(lj)
%load_ext mlip_nb
"""
LINE = (
    "%mlip md ar --potential lj --temperature 1->120 --friction 5 --timestep 4 --every 2 --steps 200 --look-every 4 "
    "--monitor unc --threshold 0.45"
)


def test_a_cell_ends_at_an_alarm_and_the_panel_resumes_the_run(laboratory, tmp_path):
    laboratory.open([BEGIN, LINE], "monitor")
    for cell in range(2):
        laboratory.run_cell(cell)
        laboratory.wait_for_cell(cell)
    laboratory.wait_for_status("paused")
    light = laboratory.panel.locator(".light")
    assert light.get_attribute("data-colour") == "red"
    assert "beyond the threshold" in light.inner_text()
    assert "above the threshold of 0.45" in laboratory.panel.locator(".message").inner_text()
    colour = laboratory.page.get_by_label("colour by")
    assert colour.input_value() == "atom_uncertainty"
    laboratory.page.wait_for_timeout(1500)
    laboratory.page.screenshot(path=tmp_path / "alarm.png")
    laboratory.panel.get_by_label("threshold", exact=True).fill("1")
    laboratory.panel.locator("button.pause").click()
    laboratory.wait_for_status("finished")
    assert light.get_attribute("data-colour") != "red"
