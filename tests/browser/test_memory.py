"""Ten minutes of news, ten a second, do not fill the browser."""

import numpy as np
import pytest
from stage import Stage

import mlip_nb
from mlip_nb import viewers
from mlip_nb.notebook.panels.run_panel import RunPanel
from mlip_nb.viewers.moment import Moment

pytestmark = [pytest.mark.physics, pytest.mark.timeout(600)]

UPDATES, FIRST = 6000, 1000
STREAM = """
async ([updates, names]) => {
  const moved = (view) => {
    const values = new Float32Array(view.buffer.slice(0));
    for (let place = 0; place < values.length; place++) values[place] += 0.01 * (Math.random() - 0.5);
    return new DataView(values.buffer);
  };
  for (let update = 0; update < updates; update++) {
    window.sent.length = 0;
    const state = window.model.state;
    const news = Object.fromEntries(names.map((name) => [name, moved(state[name])]));
    if ("number" in state) news.number = state.number + 1;
    if ("progress" in state) news.progress = { ...state.progress, done: state.progress.done + 10 };
    window.model.update(news);
    await new Promise(requestAnimationFrame);
  }
}
"""


@pytest.fixture
def page(chromium):
    page = chromium.new_page(viewport={"width": 640, "height": 460})
    yield page
    page.close()


@pytest.fixture(scope="module")
def run():
    md = mlip_nb.MD(steps=3000, every=1)
    return md.start(mlip_nb.load("Si", repeat=2), mlip_nb.potential("stillinger-weber")).wait()


def growth(page, names: list[str]) -> float:
    """MB that the page has more after all updates than after the first ones."""
    session = page.context.new_cdp_session(page)

    def used() -> float:
        session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["usedSize"] / 1e6

    page.evaluate(STREAM, [FIRST, names])
    before = used()
    page.evaluate(STREAM, [UPDATES - FIRST, names])
    return used() - before


def test_a_panel_that_is_told_news(page, run):
    panel = RunPanel(run)
    panel.refresh()
    Stage(page, panel)
    assert growth(page, ["past", "recent"]) < 0.5


def test_a_structure_that_moves(page, run):
    view = viewers.follow(Moment(run.system), "mlip", data=run.data, colours=run.workflow.colours)
    view.show(Moment(run.system, run.frames, 3000.0, run.of_atoms))
    Stage(page, view.widget)
    assert np.frombuffer(view.widget.positions, np.float32).size == 3 * 64
    assert growth(page, ["positions"]) < 0.5
