"""The parts of the tutorial about steering that a person does with the mouse, in JupyterLab."""

import json

import pytest

pytestmark = [pytest.mark.timeout(300), pytest.mark.physics]


@pytest.fixture
def background(laboratory, repository):
    """The tutorial up to its run in the background, and what is asked of that run at the end."""
    notebook = json.loads((repository / "tutorials" / "04_steer_a_run.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    cells = cells[: 1 + next(number for number, cell in enumerate(cells) if "--background" in cell)]
    laboratory.open([*cells, "import time; time.sleep(8)", "ds = run.result(); ds.attrs['steering']"], "steering")
    for cell in range(len(cells)):
        laboratory.run_cell(cell)
        laboratory.wait_for_cell(cell)
    laboratory.wait_for_frames(10)
    return laboratory, len(cells)


def test_a_run_in_the_background_is_paused_heated_and_stopped_while_another_cell_is_busy(background):
    laboratory, cell = background
    laboratory.run_cell(cell)
    laboratory.panel.locator("button.pause").click()
    laboratory.wait_for_status("paused")
    assert laboratory.is_busy(cell)
    laboratory.panel.get_by_label("temperature", exact=True).fill("110")
    laboratory.panel.locator("button.pause").click()
    laboratory.wait_for_status("running")
    laboratory.page.wait_for_timeout(500)
    laboratory.panel.locator("button.stop").click()
    laboratory.wait_for_status("stopped")
    laboratory.wait_for_cell(cell)
    laboratory.run_cell(cell + 1)
    laboratory.wait_for_cell(cell + 1)
    assert '{"temperature": 110.0}' in laboratory.text(cell + 1)
