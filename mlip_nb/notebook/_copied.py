"""A text to take along: shown where it can be selected, and in the clipboard where the browser permits."""

import anywidget
import ipywidgets as widgets

_FRONT_END = """
function render({ model }) {
  // Outside https and localhost there is no clipboard, and a browser may refuse: the text stands beside it.
  const copy = (message) => navigator.clipboard?.writeText(message.text).catch(() => {});
  model.on("msg:custom", copy);
  return () => model.off("msg:custom", copy);
}
export default { render };
"""


class _Clipboard(anywidget.AnyWidget):
    """Nothing to see. The text is a message, not state: a notebook that is opened again copies nothing."""

    _esm = _FRONT_END


class Copied(widgets.VBox):
    """A box with the text last copied; none before."""

    def __init__(self):
        self.box = widgets.Textarea(
            description="copied",
            tooltip="Select it to copy it by hand",
            style={"description_width": "4em"},
            layout=widgets.Layout(width="auto"),
        )
        self._clipboard = _Clipboard()
        super().__init__([self._clipboard], layout=widgets.Layout(width="100%"))

    def show(self, text: str) -> None:
        """Put it there."""
        self.box.value, self.box.rows = text, text.count("\n") + 1 + len(text) // 80
        self.children = [self._clipboard, self.box]
        self._clipboard.send({"text": text})
