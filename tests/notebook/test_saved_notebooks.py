"""What is left of panels, viewers and plots in a saved notebook, and on the pages that are made of it."""

import base64
import copy
import io
import os
import re

import matplotlib.image
import nbformat
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter

WIDGET = "application/vnd.jupyter.widget-view+json"
RUN = "%mlip md argon --potential lennard-jones --steps 40 --every 4"
PICTURED = {
    "run": f"{RUN} -o ds",
    "run by nglview": f"{RUN} --viewer nglview -o again",
    "plot": "ds.mlip.plot()",
    "trajectory": "ds.mlip.view()",
    "structure": "%mlip view argon",
    "trajectory by nglview": "ds.mlip.view(backend='nglview')",
    "structure by nglview": "%mlip view argon --viewer nglview",
    "background run": f"run = {RUN} --background",
    "run of a form": """filled = %mlip md --form
for place, value in {"structure": "argon", "potential": "lennard-jones", "workflow.steps": "40"}.items():
    filled[place].value = value
display(filled)
filled.button.click()""",
    "endless run": f"endless = {RUN} --steps 1000000000 --background".replace("--steps 40 ", ""),
}
CELLS = {
    "start": "%load_ext mlip_nb\nimport ipywidgets",
    "load": "%mlip load Ar --repeat 2 -o argon",
    **{name: source for name, source in PICTURED.items() if name != "endless run"},
    "wait": "run.wait().status",
    "form": "%mlip md --form",
    # It slows down whatever comes after it.
    "endless run": PICTURED["endless run"],
    "not ours": "ipywidgets.IntSlider(description='not ours')",
}


@pytest.fixture(scope="module")
def saved(repository, tmp_path_factory):
    """All of it in one notebook, executed by a program, and read as it is saved."""
    cells = [nbformat.v4.new_code_cell(source, id=name.replace(" ", "-")) for name, source in CELLS.items()]
    notebook, folder = nbformat.v4.new_notebook(cells=cells), str(tmp_path_factory.mktemp("saved"))
    # Now and then a reply is there and not noticed before the timeout, which does no harm but to patience.
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": folder}})
    client.execute(env=os.environ | {"PYTHONPATH": str(repository), "IPYTHONDIR": folder})
    return nbformat.reads(nbformat.writes(notebook), as_version=4)


@pytest.fixture
def ours(saved):
    """The same without the widget of somebody else."""
    notebook = copy.deepcopy(saved)
    del notebook.cells[list(CELLS).index("not ours")]
    return notebook


@pytest.fixture
def exporter(repository):
    """Pages by the template that the wheel brings."""
    return HTMLExporter(template_name="mlip", extra_template_basedirs=[str(repository / "jupyter-config/nbconvert")])


def shown(notebook, name):
    """What one cell shows, as it is saved."""
    outputs = notebook.cells[list(CELLS).index(name)].outputs
    return [output.data for output in outputs if "data" in output]


def cell_of(page, name):
    """One cell of an HTML page."""
    identifier = f'id="cell-id={name.replace(" ", "-")}"'
    return page[page.index(identifier) :].split('id="cell-id=')[1]


def pictures(cell):
    """The pictures in it."""
    return [base64.b64decode(data) for data in re.findall(r'src="data:image/png;base64,([^"]+)"', cell)]


def is_blank(picture):
    """True of one colour, or of a file that holds no picture of a hundred pixels a side."""
    pixels = matplotlib.image.imread(io.BytesIO(picture))
    return min(pixels.shape[:2]) < 100 or pixels[..., :3].std() < 0.02


@pytest.mark.parametrize("name", PICTURED)
def test_everything_that_is_drawn_is_saved_with_one_picture(saved, name):
    (picture,) = [base64.b64decode(data["image/png"]) for data in shown(saved, name) if "image/png" in data]
    assert not is_blank(picture)


def test_no_widget_of_ours_is_saved_alone(ours):
    everything = [output.data for cell in ours.cells for output in cell.outputs if WIDGET in output.get("data", {})]
    lonely = [data["text/plain"] for data in everything if not {"image/png", "text/html"} & data.keys()]
    assert len(everything) > len(PICTURED)
    # nglview registers its colours by a widget with nothing to see.
    assert "".join(lonely) == ""


def test_a_cell_that_waits_for_a_run_in_the_background_ends_with_its_last_picture_in_place(saved):
    (last,), (now,), (begun,) = (shown(saved, name) for name in ("background run", "run", "endless run"))
    assert last["text/plain"].endswith("finished, 40 of 40 steps")
    assert begun["text/plain"].endswith("1000000000 steps of md")
    width, same, narrow = (
        matplotlib.image.imread(io.BytesIO(base64.b64decode(data["image/png"]))).shape[1] for data in (last, now, begun)
    )
    assert narrow < width == same


@pytest.mark.parametrize("name", PICTURED)
def test_the_page_shows_every_picture(saved, exporter, name):
    (picture,) = pictures(cell_of(exporter.from_notebook_node(saved)[0], name))
    assert not is_blank(picture)


def test_without_the_template_the_page_hides_the_pictures_of_widgets(saved):
    page, _ = HTMLExporter().from_notebook_node(saved)
    assert [name for name in PICTURED if pictures(cell_of(page, name))] == ["plot"]


def test_pages_of_notebooks_saved_without_the_state_of_widgets_show_pictures_without_the_template(ours):
    """JupyterLab saves no state unless it is asked to; so do nbviewer's pages, which are nbconvert's."""
    del ours.metadata["widgets"]
    page, _ = HTMLExporter().from_notebook_node(ours)
    assert [name for name in PICTURED if pictures(cell_of(page, name))] == list(PICTURED)


def test_latex_takes_the_pictures_by_itself(saved):
    """What `--to pdf` prints."""
    text, resources = LatexExporter().from_notebook_node(saved)
    files = resources["outputs"]
    assert len(files) == len(PICTURED)
    assert all(name in text for name in files)
    assert not any(map(is_blank, files.values()))


def test_the_page_says_in_words_what_its_pictures_show(saved, exporter):
    page, _ = exporter.from_notebook_node(saved)
    assert 'alt="md: finished, 40 of 40 steps"' in cell_of(page, "run")
    assert 'alt="Ar32"' in cell_of(page, "trajectory by nglview")
    assert "The form of md" in cell_of(page, "form")


def test_words_with_markup_stay_words(saved, exporter):
    notebook, words = copy.deepcopy(saved), 'a" onload="alert(1)"><b>'
    shown(notebook, "run")[0]["text/plain"] = words
    (picture,) = BeautifulSoup(cell_of(exporter.from_notebook_node(notebook)[0], "run"), "html.parser").find_all("img")
    assert picture["alt"] == words
    assert "onload" not in picture.attrs


def test_a_page_of_ours_alone_needs_no_widget_manager(ours, exporter):
    page, _ = exporter.from_notebook_node(ours)
    assert "html-manager" not in page
    assert "widget-view+json" not in page
    assert "widget-state+json" not in page


def test_widgets_of_others_are_left_alive(saved, exporter):
    page, _ = exporter.from_notebook_node(saved)
    assert "html-manager" in page
    assert WIDGET in cell_of(page, "not ours")
    assert "widget-state+json" in page


def test_markdown_takes_the_pictures_by_itself(saved):
    text, resources = MarkdownExporter().from_notebook_node(saved)
    files = resources["outputs"]
    assert len(files) == len(PICTURED)
    assert all(f"({name})" in text for name in files)
    assert not any(map(is_blank, files.values()))
