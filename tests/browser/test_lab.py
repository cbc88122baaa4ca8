"""The tutorial's first run in JupyterLab, in a real browser: what moves, and what the buttons do in a busy cell."""

import json
import shutil
import time

import pytest

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def tutorial(repository, lab_folder):
    """The tutorial's first cells of code, up to the first run, which is made so long that only Stop ends it."""
    folder = repository / "tutorials"
    for file in folder.glob("*.cif"):
        shutil.copy(file, lab_folder)
    notebook = json.loads((folder / "01_first_run.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    first = next(number for number, cell in enumerate(cells) if "mlip md" in cell)
    return [*cells[:first], cells[first].replace("--steps 4000", "--steps 500000000")]


@pytest.fixture
def running(laboratory, tutorial):
    """A notebook whose last cell is busy with a run."""
    laboratory.open([*tutorial, "ds.attrs['status'], ds.attrs['steering'], ds.sizes['frame']"], "first_run")
    for cell in range(len(tutorial) - 1):
        laboratory.run_cell(cell)
        laboratory.wait_for_cell(cell)
    laboratory.run_cell(len(tutorial) - 1)
    laboratory.wait_for_frames(10)
    return laboratory


def test_traces_move_and_the_buttons_work_while_the_cell_is_busy(running, tutorial, record_property):
    cell = len(tutorial) - 1
    before, frames = running.drawing, running.frames
    running.page.wait_for_timeout(1000)
    assert running.frames > frames
    assert running.drawing != before
    assert running.structure_size == (260, 260)
    atoms = running.structure.screenshot()
    running.page.wait_for_timeout(1000)
    assert running.structure.screenshot() != atoms

    look_at_a_former_frame(running)

    running.panel.locator("button.pause").click()
    record_property("seconds to pause", running.wait_for_status("paused"))
    resting = running.frames
    running.page.wait_for_timeout(1000)
    assert running.frames == resting
    assert running.is_busy(cell)

    running.panel.get_by_label("temperature", exact=True).fill("600")
    running.panel.locator("button.pause").click()
    running.wait_for_status("running")
    began = time.monotonic()
    running.panel.locator("button.stop").click()
    record_property("seconds to stop", running.wait_for_status("stopped"))
    running.wait_for_cell(cell)
    assert time.monotonic() - began < 20

    running.run_cell(cell + 1)
    running.wait_for_cell(cell + 1)
    assert "stopped" in running.text(cell + 1)
    assert '{"temperature": 600.0}' in running.text(cell + 1)


def look_at_a_former_frame(running):
    """While the run goes on, in the colours of the speeds; then the newest again."""
    view = running.page.locator(".viewer").last
    view.locator("select").select_option("velocities")
    view.locator(".key", has_text="velocity (Å/fs)").wait_for()
    view.get_by_label("one frame back").click()
    former = view.get_by_label("frame", exact=True).input_value()
    running.page.wait_for_function(
        "([view, former]) => view.dataset.frame === former", arg=[view.element_handle(), former]
    )
    still = running.structure.screenshot()
    frames = running.frames
    running.page.wait_for_timeout(500)
    assert running.frames > frames
    assert view.get_attribute("data-frame") == former
    assert running.structure.screenshot() == still
    view.get_by_label("show the newest frame").click()
    running.page.wait_for_function(
        "([view, former]) => Number(view.dataset.frame) > former", arg=[view.element_handle(), int(former)]
    )


@pytest.mark.physics
def test_nglview_shows_the_run_where_it_is_asked_for(laboratory, tutorial):
    laboratory.open([*tutorial[:-1], f"{tutorial[-1]} --viewer nglview"], "nglview_run")
    for cell in range(len(tutorial) - 1):
        laboratory.run_cell(cell)
        laboratory.wait_for_cell(cell)
    laboratory.run_cell(len(tutorial) - 1)
    laboratory.wait_for_frames(10)
    laboratory.nglview.wait_for()
    box = laboratory.nglview.bounding_box()
    assert (round(box["width"]), round(box["height"])) == (260, 260)
    atoms = laboratory.nglview.screenshot()
    laboratory.page.wait_for_timeout(1500)
    assert laboratory.nglview.screenshot() != atoms
    laboratory.panel.locator("button.stop").click()
    laboratory.wait_for_status("stopped")


@pytest.mark.physics
def test_arrow_keys_belong_to_the_slider(running, tutorial):
    slider = running.panel.get_by_label("temperature", exact=True)
    slider.focus()
    for _ in range(3):
        running.page.keyboard.press("ArrowRight")
    running.page.wait_for_timeout(500)
    assert slider.input_value() == "330"
    assert running.is_busy(len(tutorial) - 1)
    running.panel.locator("button.stop").focus()
    running.page.keyboard.press("Enter")
    running.wait_for_status("stopped")
    running.wait_for_cell(len(tutorial) - 1)


def test_a_narrow_panel_in_a_dark_theme_keeps_everything_inside(running, lab_folder):
    running.page.set_viewport_size({"width": 930, "height": 1000})
    running.use_theme("JupyterLab Dark")
    running.page.wait_for_timeout(1000)
    panel = running.panel.bounding_box()
    assert panel["width"] < 620
    assert running.structure_size == (260, 260)
    for part in (".bar", "button.stop", ".sliders", ".plots", ".plot >> nth=1"):
        box = running.panel.locator(part).bounding_box()
        assert box["x"] >= panel["x"]
        assert box["x"] + box["width"] <= panel["x"] + panel["width"]
    running.panel.locator("button.stop").click()
    running.wait_for_status("stopped")


@pytest.mark.physics
def test_the_saved_notebook_keeps_a_picture_and_a_line(running, tutorial, lab_folder):
    cell = len(tutorial) - 1
    running.panel.locator("button.stop").click()
    running.wait_for_cell(cell)
    running.save()
    outputs = json.loads((lab_folder / "first_run.ipynb").read_text())["cells"][cell]["outputs"]
    shown = next(output["data"] for output in outputs if "image/png" in output.get("data", {}))
    assert "stopped" in "".join(shown["text/plain"])


def test_a_trajectory_is_played_from_its_store_in_the_colours_that_are_chosen(laboratory):
    run = "%mlip md Si --repeat 2 --potential stillinger-weber --steps 200 --every 10 --save played.zarr --quiet"
    laboratory.open(["%load_ext mlip_nb", run, "%mlip view played.zarr"], "player")
    for cell in range(3):
        laboratory.run_cell(cell)
        laboratory.wait_for_cell(cell)
    view = laboratory.page.locator(".viewer").last
    still = view.locator("canvas").screenshot()
    view.locator("button.play").click()
    laboratory.page.wait_for_function("frame => Number(frame.dataset.frame) > 5", arg=view.element_handle())
    view.locator("button.play").click()
    assert view.locator("canvas").screenshot() != still
    view.locator("select").select_option("velocities")
    view.locator(".key", has_text="velocity (Å/fs)").wait_for()


def test_a_busy_cell_of_notebook_7_is_steered_as_one_of_jupyterlab(laboratory):
    run = "%mlip md Si --repeat 2 --potential stillinger-weber --steps 500000000 -o ds"
    laboratory.open(["%load_ext mlip_nb", run, "ds.attrs['status']"], "classic", classic=True)
    laboratory.run_cell(0)
    laboratory.wait_for_cell(0)
    laboratory.run_cell(1)
    laboratory.wait_for_frames(10)
    laboratory.panel.locator("button.pause").click()
    laboratory.wait_for_status("paused")
    assert laboratory.is_busy(1)
    laboratory.panel.locator("button.stop").click()
    laboratory.wait_for_cell(1)
    laboratory.run_cell(2)
    laboratory.wait_for_cell(2)
    assert "stopped" in laboratory.text(2)


def test_nothing_is_lost_when_the_page_is_reloaded_and_the_kernel_restarted(laboratory):
    run = "%mlip md Si --repeat 2 --potential stillinger-weber --steps 500000000 --save kept.zarr --background"
    ends = (
        "run.stop(); data = run.result(); data.sizes['frame'] > known, set(data['step'].diff('frame').values.tolist())"
    )
    laboratory.open(
        [
            "%load_ext mlip_nb",
            f"run = {run}",
            "%load_ext mlip_nb\n%mlip runs",
            "import mlip_nb\nknown = mlip_nb.open('kept.zarr').sizes['frame']",
            "run = %mlip attach kept.zarr --resume --background",
            ends,
        ],
        "kept",
    )
    for cell in range(2):
        laboratory.run_cell(cell)
        laboratory.wait_for_cell(cell)
    laboratory.wait_for_frames(3)
    laboratory.save()

    laboratory.reload()
    laboratory.wait_for_frames(5)
    laboratory.panel.locator("button.pause").click()
    laboratory.wait_for_status("paused")
    laboratory.panel.locator("button.pause").click()
    laboratory.wait_for_status("running")

    laboratory.restart_kernel()
    for cell in (2, 3, 4):
        laboratory.run_cell(cell)
        laboratory.wait_for_cell(cell)
    assert "killed" in laboratory.text(2)
    laboratory.wait_for_frames(3)
    laboratory.run_cell(5)
    laboratory.wait_for_cell(5)
    assert laboratory.text(5) == "(True, {10})"
