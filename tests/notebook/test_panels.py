"""The Python half of the live panel, its text, its picture; and a real kernel that is steered while it is busy."""

import io
import logging
import time
import tracemalloc

import matplotlib.image
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlip_nb.notebook import panels
from mlip_nb.notebook.panels import figure, text
from mlip_nb.notebook.panels._front_end import CHOICE, takes_widgets
from mlip_nb.notebook.panels._traces import CAPACITY, Traces
from mlip_nb.notebook.panels.run_panel import RunPanel
from mlip_nb.simulate import NVE
from mlip_nb.workflows import MD
from mlip_nb.workflows.design import Design

from .stand_in import StandIn


class Terminal(io.StringIO):
    """A stream that renews its line."""

    def isatty(self):
        return True


def ask(panel, **request):
    """What the front end does with a click."""
    panel._handle_custom_msg(request, [])


def rows(panel, number):
    """The columns that the front end draws."""
    past, recent = (np.frombuffer(data, np.float32).reshape(number, -1) for data in (panel.past, panel.recent))
    return np.concatenate([past, recent], axis=1)


def test_a_panel_tells_what_runs_and_how_far_it_is():
    run = StandIn(MD(steps=60, every=1)).start().wait()
    panel = RunPanel(run)
    panel.refresh()
    assert panel.about == run.about
    assert panel.progress["status"] == "finished"
    assert (panel.progress["done"], panel.progress["total"]) == (60, 60)
    assert [plot["label"] for plot in panel.plots] == ["Temperature", "Energy change"]
    drawn = rows(panel, 5)
    np.testing.assert_allclose(drawn[0], run.series["time"] / 1000, rtol=1e-6)
    np.testing.assert_allclose(drawn[1], run.series["temperature"], rtol=1e-6)
    np.testing.assert_allclose(drawn[4], 0.0)


def test_a_run_that_ends_while_it_is_looked_at_is_looked_at_again(monkeypatch):
    run = StandIn(MD(steps=10**6, every=1)).start()
    panel = RunPanel(run)

    def end_now(series):
        run.stop()
        run.wait()

    with monkeypatch.context() as patch:
        patch.setattr(panel, "_take", end_now)
        panel.refresh()
    assert panel.progress["status"] == "running"
    panel.refresh()
    assert panel.progress["status"] == "stopped"


def test_sliders_come_from_the_declaration():
    panel = RunPanel(StandIn())
    temperature, friction = panel.sliders
    assert (temperature["name"], temperature["unit"], temperature["high"]) == ("temperature", "K", 2000)
    assert temperature["low"] == temperature["step"] == 10
    assert temperature["doc"] == "Target temperature."
    assert (friction["name"], friction["unit"]) == ("friction", "1/ps")
    assert RunPanel(StandIn(MD(ensemble=NVE()))).sliders == []


def test_goals_and_weights_of_a_design_have_sliders():
    panel = RunPanel(StandIn(Design(target="volume=40,pressure=0")))
    goal, zero, *weights = panel.sliders
    assert (goal["name"], goal["label"], goal["unit"], goal["low"], goal["high"]) == (
        "target_volume",
        "volume",
        "Å³",
        20.0,
        60.0,
    )
    assert (zero["low"], zero["high"]) == (-0.5, 0.5)
    assert [weight["name"] for weight in weights] == ["weight_volume", "weight_pressure"]
    assert len(RunPanel(StandIn(Design(target="volume=40"))).sliders) == 1


def test_a_design_can_be_accepted_and_a_simulation_cannot(caplog):
    run, simulation = StandIn(Design(target="volume=40")), StandIn()
    run.accept = simulation.accept = lambda: run.calls.append("accept")
    ask(RunPanel(run), ask="accept")
    with caplog.at_level(logging.WARNING):
        ask(RunPanel(simulation), ask="accept")
    assert run.calls == ["accept"]
    assert len(caplog.records) == 1


def test_requests_reach_the_run():
    run = StandIn()
    panel = RunPanel(run)
    for action in ("pause", "resume", "stop"):
        ask(panel, ask=action)
    ask(panel, ask="set", name="temperature", value=450)
    assert run.calls == ["pause", "resume", "stop", {"temperature": 450}]


@pytest.mark.parametrize(
    "request_",
    [
        {"ask": "set", "name": "temperature", "value": -5.0},
        {"ask": "set", "name": "temperature", "value": float("nan")},
        {"ask": "set", "name": "temperature", "value": True},
        {"ask": "set", "name": "temperature", "value": "hot"},
        {"ask": "set", "name": "steps", "value": 3},
        {"ask": "set", "name": "__class__", "value": 3},
        {"ask": "execute"},
        {"ask": ["stop"]},
        {},
        "stop",
        None,
    ],
)
def test_a_request_that_makes_no_sense_is_logged_and_changes_nothing(request_, caplog):
    run = StandIn()
    panel = RunPanel(run)
    with caplog.at_level(logging.WARNING):
        panel._handle_custom_msg(request_, [])
    assert run.calls == []
    assert run.live["temperature"] == 300.0
    assert len(caplog.records) == 1


def test_a_refused_value_moves_the_slider_back(monkeypatch):
    panel = RunPanel(StandIn())
    sent = []
    monkeypatch.setattr(panel, "send_state", sent.append)
    ask(panel, ask="set", name="temperature", value=-5.0)
    panel.refresh()
    assert sent.count("live") == 1


def test_a_checkpoint_is_asked_for_where_there_is_a_store(caplog):
    run = StandIn(MD(steps=10**6, every=1)).start()
    panel = RunPanel(run)
    panel._heed(panel, {"ask": "checkpoint"}, [])
    assert run.calls == []
    assert len(caplog.records) == 1
    run.checkpointed = 0
    panel._heed(panel, {"ask": "checkpoint"}, [])
    run.stop()
    assert run.calls[0] == "checkpoint"
    panel.refresh()
    assert panel.progress["checkpointed"] == 0


@pytest.mark.parametrize("value", [1e30, -1.0, 10**400, float("nan"), True])
def test_a_value_out_of_bounds_is_refused(value):
    run = StandIn(MD(steps=10**6, every=1)).start()
    panel = RunPanel(run)
    panel._heed(panel, {"ask": "set", "name": "temperature", "value": value}, [])
    run.stop()
    assert run.calls == ["stop"]


def test_a_front_end_cannot_change_what_a_panel_holds(caplog):
    panel = RunPanel(StandIn())
    panel.set_state({"title": "<b>", "sliders": [1], "past": b"0" * 100})
    assert panel.title == "md-1"
    assert len(caplog.records) == 1


def test_a_panel_lets_go_of_a_run_that_has_ended():
    run = StandIn(MD(steps=5, every=1)).start().wait()
    panel = RunPanel(run)
    panel.refresh()
    ask(panel, ask="stop")
    assert run.calls == []
    assert panel._run is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_thinned_traces_keep_their_ends_and_their_extremes(pieces, seed):
    values = np.random.default_rng(seed).normal(size=sum(pieces)).astype(np.float32)
    time_ = np.arange(len(values), dtype=np.float32)
    traces = Traces(2)
    for piece in np.split(np.stack([time_, values]), np.cumsum(pieces)[:-1], axis=1):
        traces.append(piece)
    kept = traces.columns
    assert (np.diff(kept[0]) > 0).all()
    assert (kept[0, 0], kept[0, -1]) == (0, len(values) - 1)
    assert (kept[1].min(), kept[1].max()) == (values.min(), values.max())
    assert kept.shape[1] <= 2 * CAPACITY
    assert len(traces.past) + len(traces.recent) == kept.nbytes


def test_a_short_series_is_not_thinned():
    traces = Traces(2)
    traces.append(np.arange(2000.0).reshape(2, 1000))
    np.testing.assert_array_equal(traces.columns, np.arange(2000.0).reshape(2, 1000))


def test_long_runs_stay_small():
    traces = Traces(6)
    for _ in range(300):
        traces.append(np.random.default_rng(0).normal(size=(6, 1000)))
    assert len(traces.past) + len(traces.recent) < 6 * 4 * 1.5 * CAPACITY
    assert len(traces.recent) < 6 * 4 * 1000


class Streaming(StandIn):
    """Whose series are as long as one says."""

    length = 0

    def __init__(self, most):
        super().__init__(MD(steps=10**6, every=1))
        noise = np.random.default_rng(0).normal(size=most)
        self._whole = dict.fromkeys(("time", "temperature", "total_energy"), noise)

    @property
    def series(self):
        return {name: values[: self.length] for name, values in self._whole.items()}


@pytest.mark.physics
def test_ten_minutes_of_news_do_not_fill_the_kernel():
    """What a panel keeps; the series are the run's."""
    updates, new, used = 6000, 20, []
    run = Streaming(updates * new)
    panel = RunPanel(run)
    tracemalloc.start()
    for run.length in range(new, updates * new + 1, new):
        panel.refresh()
        if run.length in (updates * new // 2, updates * new):
            used.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert used[1] - used[0] < 0.2e6


def test_text_in_a_file_is_a_line_every_tenth():
    run, stream = StandIn(MD(steps=200, every=1)), io.StringIO()
    text.follow(run.start(), stream)
    lines = stream.getvalue().splitlines()
    assert 2 <= len(lines) <= 10
    assert lines[-1].startswith("md-1: finished, 200 of 200 steps in")
    assert "\r" not in stream.getvalue()


def test_text_in_a_terminal_renews_its_line():
    run, stream = StandIn(MD(steps=200, every=1)), Terminal()
    text.follow(run.start(), stream)
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().count("\r") > 2


def test_an_interrupt_stops_the_run_and_keeps_waiting_for_its_end():
    run = StandIn(MD(steps=10**6, every=1)).start()

    def interrupt(run):
        if "stop" not in run.calls:
            raise KeyboardInterrupt

    text.wait(run, interrupt)
    assert run.status == "stopped"


@pytest.mark.parametrize(("seconds", "words"), [(42, "42 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")])
def test_durations_read_well(seconds, words):
    assert text.duration(seconds) == words


def test_without_a_kernel_there_is_text(monkeypatch, capsys):
    monkeypatch.delenv(CHOICE, raising=False)
    assert not takes_widgets()
    panels.follow(StandIn(MD(steps=20, every=1)).start())
    assert "md-1: finished, 20 of 20 steps" in capsys.readouterr().out


def test_quiet_is_quiet(capsys):
    panels.follow(StandIn(MD(steps=20, every=1)).start(), quiet=True)
    assert capsys.readouterr().out == ""


def test_a_picture_stays():
    run = StandIn(MD(steps=20, every=1)).start().wait()
    assert figure.png(run).startswith(b"\x89PNG")
    assert figure.png(StandIn()) is None


def test_the_picture_that_stays_shows_the_structure_beside_the_diagrams():
    run = StandIn(MD(steps=20, every=1)).start().wait()
    diagrams, both = (matplotlib.image.imread(io.BytesIO(figure.png(run, last))) for last in (None, run.system))
    assert both.shape[1] == 1.5 * diagrams.shape[1]
    assert both[:, : both.shape[1] // 3, :3].std() > 0.05


# A real kernel

SETUP = """
import sys; sys.path.insert(0, {folder!r})
from stand_in import StandIn, MD
from mlip_nb.notebook import panels
run = StandIn(MD(steps=10**6, every=1), frames_per_second=100).start()
"""


class Conversation:
    """A kernel, heard and spoken to as a front end does it: widgets on a subshell."""

    def __init__(self, client):
        self.client = client
        self.heard = []
        self.subshell = self._control("create_subshell_request")["subshell_id"]

    def execute(self, code):
        """Run a cell to its end; its messages."""
        self.start(code)
        self.listen(lambda message: message["msg_type"] == "status" and self._is_end(message))
        return self.heard

    def start(self, code):
        """Begin a cell."""
        self.heard = []
        self.cell = self.client.execute(code)

    def listen(self, wanted, seconds=30.0):
        """Messages until the wanted one, which is returned."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            message = self.client.get_iopub_msg(timeout=seconds)
            self.heard.append(message)
            assert message["msg_type"] != "error", message["content"]["traceback"]
            if wanted(message):
                return message
        raise AssertionError("the message that was waited for never came")

    def ask(self, comm, **request):
        """A request of the panel's front end."""
        content = {"comm_id": comm, "data": {"method": "custom", "content": request}}
        message = self.client.session.msg("comm_msg", content)
        message["header"]["subshell_id"] = self.subshell
        self.client.shell_channel.send(message)

    def panel(self):
        """The comm of the panel, once it is open."""
        opened = self.listen(
            lambda m: m["msg_type"] == "comm_open" and "sliders" in m["content"]["data"].get("state", {})
        )
        return opened["content"]["comm_id"]

    def status(self, comm, status, seconds=30.0):
        """Wait until the panel shows a status."""
        began = time.monotonic()
        self.listen(lambda m: _state(m, comm).get("progress", {}).get("status") == status, seconds)
        return time.monotonic() - began

    def _is_end(self, message):
        return message["content"]["execution_state"] == "idle" and message["parent_header"].get("msg_id") == self.cell

    def _control(self, kind):
        message = self.client.session.msg(kind, {})
        self.client.control_channel.send(message)
        while (reply := self.client.get_control_msg(timeout=30))["parent_header"]["msg_id"] != message["header"][
            "msg_id"
        ]:
            pass
        return reply["content"]


def _state(message, comm):
    content = message["content"]
    return content["data"].get("state", {}) if content.get("comm_id") == comm else {}


@pytest.fixture
def conversation(kernel, repository):
    """A kernel in which a run goes on."""
    talk = Conversation(kernel)
    talk.execute(SETUP.format(folder=str(repository / "tests" / "notebook")))
    return talk


def test_buttons_answer_while_the_cell_is_busy(conversation):
    conversation.start("panels.follow(run)")
    comm = conversation.panel()
    conversation.status(comm, "running")
    conversation.ask(comm, ask="hello", dark=True)
    conversation.listen(lambda m: _state(m, comm).get("heard"))
    conversation.ask(comm, ask="pause")
    assert conversation.status(comm, "paused", 5) < 2
    conversation.ask(comm, ask="set", name="temperature", value=700)
    conversation.ask(comm, ask="resume")
    assert conversation.status(comm, "running", 5) < 2
    conversation.ask(comm, ask="stop")
    assert conversation.status(comm, "stopped", 5) < 2
    left = conversation.listen(lambda m: m["msg_type"] == "update_display_data")
    assert left["content"]["data"]["text/plain"].startswith("md-1: stopped")
    assert "image/png" in left["content"]["data"]
    said = conversation.execute("print(run.live['temperature'], run.calls)")
    assert any("700.0 ['pause'" in m["content"].get("text", "") for m in said if m["msg_type"] == "stream")


def test_an_interrupt_of_the_kernel_stops_the_run(conversation):
    conversation.start("panels.follow(run); print(run.status)")
    comm = conversation.panel()
    conversation.status(comm, "running")
    message = conversation.client.session.msg("interrupt_request", {})
    conversation.client.control_channel.send(message)
    said = conversation.listen(lambda m: m["msg_type"] == "stream" and "stopped" in m["content"]["text"])
    assert said


def test_without_a_front_end_the_cell_leaves_a_line_and_a_picture(conversation):
    conversation.start("panels.follow(StandIn(MD(steps=30, every=1), frames_per_second=100).start())")
    shown = conversation.listen(lambda m: m["msg_type"] == "display_data")["content"]
    assert shown["data"]["text/plain"] == "md-1: 30 steps of md"
    updated = conversation.listen(lambda m: m["msg_type"] == "update_display_data")["content"]
    assert updated["transient"] == shown["transient"]
    assert updated["data"]["text/plain"] == "md-1: finished, 30 of 30 steps"
    assert "image/png" in updated["data"]


def test_without_a_panel_there_is_a_line_of_text(monkeypatch, capsys):
    monkeypatch.setattr(panels, "takes_widgets", lambda: True)
    panels.follow(StandIn(MD(steps=10, every=1)).start(), live=False)
    panels.show(StandIn(), live=False)
    finished, announced = capsys.readouterr().out.splitlines()[-2:]
    assert "md-1" in finished
    assert "in the background" in announced
