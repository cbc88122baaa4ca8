"""A widget of ours alone in a page, without Jupyter: a model that does what a notebook's does."""

import base64
import json

from ipywidgets import Widget

OPEN = """
async ([source, state, dark]) => {
  document.body.style.cssText = `margin: 0; background: ${dark ? "#111" : "#fff"}; color: ${dark ? "#ddd" : "#222"}`;
  const host = document.body.appendChild(document.createElement("div"));
  const binary = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const decoded = (value) => (value?.bytes === undefined ? value : binary(value.bytes));
  const listeners = {};
  window.sent = [];
  window.model = {
    state: {},
    update(changes) {
      for (const [name, value] of Object.entries(changes)) this.state[name] = decoded(value);
      for (const name of Object.keys(changes)) listeners[`change:${name}`]?.();
      listeners.change?.();
    },
    answer(told, buffers) { listeners["msg:custom"]({ told }, buffers.map(decoded)); },
    get(name) { return this.state[name]; },
    on(name, listener) { listeners[name] = listener; },
    off(name) { delete listeners[name]; },
    send(request) { window.sent.push(request); },
  };
  model.update(state);
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  window.Scene = module.Scene;
  const made = typeof module.default === "function" ? module.default() : module.default;
  window.leave = made.render({ model, el: host });
  window.view = host.shadowRoot.querySelector(".viewer, .panel");
}
"""


class Stage:
    """A page with one view of a widget of ours."""

    def __init__(self, page, widget: Widget, *, dark: bool = False):
        self.page = page
        page.goto("about:blank")
        page.evaluate(OPEN, [str(widget._esm), state_of(widget), dark])
        if "number" in widget.traits():
            self.wait_for_painted(widget.number)

    @property
    def canvas(self):
        """What is drawn on."""
        return self.page.locator(".viewer canvas")

    def update(self, widget: Widget) -> None:
        """Send what the widget holds now, and wait until it is painted."""
        self.page.evaluate("state => model.update(state)", state_of(widget))
        self.wait_for_painted(widget.number)

    def wait_for_painted(self, number: int) -> None:
        """Until a frame is on the screen."""
        self.page.wait_for_function(
            "number => sent.some(one => one.ask === 'painted' && one.number === number)", arg=number, timeout=60_000
        )


def state_of(widget: Widget) -> dict:
    """The traits of a widget as JSON; bytes in base64."""
    state = {name: value for name, value in widget.get_state().items() if not name.startswith("_") and name != "layout"}
    coded = {
        name: {"bytes": base64.b64encode(value).decode()} for name, value in state.items() if isinstance(value, bytes)
    }
    return json.loads(json.dumps({name: coded.get(name, value) for name, value in state.items() if name != "tabbable"}))
