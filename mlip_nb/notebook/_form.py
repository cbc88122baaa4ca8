"""A form made from the declarations of parameters: what a line says with flags, with boxes and menus."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import ipywidgets as widgets

from ..errors import InputError, ParameterError
from ..params import ParamField, Params
from ._copied import Copied
from ._flags import default_part, is_choice

Read = Callable[[ParamField, str], Any]
"""What the text of a box means; the session's reader looks for variables too."""

Write = Callable[[Params], str]
"""The parameters as text to take along."""

_LABEL, _BOX = "150px", "340px"
"""Widths of a label, and of a box with its label: a form fits into 600 pixels."""

_ERROR = "var(--jp-error-color1, #d32f2f)"
"""Legible in light and dark themes of JupyterLab."""


class Form(widgets.VBox):
    """All parameters of a class, checked as they are typed; buttons that hand them over, or write them down."""

    def __init__(
        self, params_class: type[Params], on_run: Callable[[Params], object], read: Read, texts: Mapping[str, Write]
    ):
        self._on_run = on_run
        self._section = _Section(params_class, None, read, self.check)
        self.button = widgets.Button(description="Run", button_style="primary", icon="play")
        self.copiers = {label: self._copier(label, write) for label, write in texts.items()}
        self.message, self.copied, self.output = _mistake(), Copied(), widgets.Output()
        self.button.on_click(lambda _: self._run())
        buttons = _row(self.button, *self.copiers.values(), self.message)
        super().__init__([self._section.widget, buttons, self.copied, self.output])
        self.check()

    def __getitem__(self, place: str) -> widgets.ValueWidget:
        """The box of a parameter: `form["workflow.ensemble.temperature"]`; of a part, its menu."""
        return self._section.find(place.split("."))

    def check(self) -> Params | None:
        """The parameters, when they are right; else what is wrong is told beside the boxes."""
        try:
            params = self._section.build()
        except InputError as error:
            self._tell(str(error))
            return None
        self._tell("")
        return params

    def _tell(self, mistake: str) -> None:
        self.message.value = mistake
        for button in (self.button, *self.copiers.values()):
            button.disabled = bool(mistake)

    def _copier(self, label: str, write: Write) -> widgets.Button:
        button = widgets.Button(description=label, tooltip=f"{label}: the text appears below", icon="copy")
        button.on_click(lambda _: self._copy(write))
        return button

    def _copy(self, write: Write) -> None:
        params = self.check()
        if params is None:
            return
        try:
            self.copied.show(write(params))
        except InputError as error:
            self.message.value = str(error)

    def _run(self) -> None:
        params = self.check()
        if params is None:
            return
        self.output.clear_output()
        # What the run shows belongs under the form, also when a click is handled on another thread than the cell's.
        with self.output:
            self._on_run(params)


def form(
    params_class: type[Params],
    on_run: Callable[[Params], object],
    *,
    read: Read = ParamField.read,
    texts: Mapping[str, Write] | None = None,
) -> Form:
    """The form of a class of parameters; `on_run` gets a valid object when its button is pressed.

    `texts` are more buttons: each shows, and copies, what its function makes of the parameters.
    """
    return Form(params_class, on_run, read, texts or {})


class _Entry:
    """One parameter: a box with its name and unit, and what is wrong with it."""

    def __init__(self, field: ParamField, start: Any, read: Read, changed: Callable[[], object]):
        self.field, self._read = field, read
        self.box = _box(field, start)
        self._initial = self.box.value
        self._mistake = _mistake()
        self.widget = _row(self.box, self._mistake)
        self.box.observe(lambda _: changed(), "value")

    def values(self) -> dict[str, Any]:
        """The value, if it was given: a default stays a default."""
        given = self.box.value
        if given == self._initial or (given == "" and not self.field.required):
            return {}
        return {self.field.name: self._read(self.field, given) if isinstance(given, str) else given}

    def tell(self, mistake: str) -> None:
        """Show what is wrong; nothing when all is well."""
        self._mistake.value = mistake

    def find(self, place: list[str]) -> widgets.ValueWidget:
        """The box."""
        return self.box


class _Part:
    """A part: the menu of its kinds where there are several, and the parameters of the one that is chosen."""

    def __init__(self, field: ParamField, read: Read, changed: Callable[[], object]):
        self.field, self._read, self._changed = field, read, changed
        self._start = field.default if isinstance(field.default, Params) else None
        self._first = default_part(field)
        options = list(self._options())
        self.menu = widgets.Dropdown(options=options, value=self._name(self._first), **_labelled(field))
        self._mistake = _mistake()
        head = [_row(self.menu, self._mistake)] if is_choice(field.part) else []
        self._inner = widgets.VBox(layout=widgets.Layout(margin="0 0 0 16px" if head else "0"))
        self.widget = widgets.VBox([*head, self._inner])
        self._choose(self._first)
        self.menu.observe(lambda change: self._switch(change["new"]), "value")

    def values(self) -> dict[str, Any]:
        """The part, if it is needed, or its kind or one of its parameters was given."""
        if self.section is None:
            return {}
        same = self.section.params_class is self._first
        untouched = same and not self.section.given() and not self.field.required
        return {} if untouched else {self.field.name: self.section.build()}

    def tell(self, mistake: str) -> None:
        """Show what is wrong with the choice."""
        self._mistake.value = mistake

    def find(self, place: list[str]) -> widgets.ValueWidget:
        """A box of the chosen kind, or the menu."""
        return self.section.find(place) if place else self.menu

    def _options(self) -> Iterator[tuple[str, str]]:
        if self._first is None:
            yield "chosen for you", ""
        yield from ((name, name) for name in (self.field.part.registry if is_choice(self.field.part) else ()))
        if not is_choice(self.field.part):
            yield "", self._name(self._first)

    def _name(self, part: type[Params] | None) -> str:
        return part.registered_name if part else ""

    def _switch(self, name: str) -> None:
        self._choose(self.field.part.registry[name] if name else None)
        self._changed()

    def _choose(self, part: type[Params] | None) -> None:
        start = self._start if part is self._first else None
        self.section = _Section(part, start, self._read, self._changed) if part else None
        self._inner.children = [self.section.widget] if self.section else []


class _Section:
    """The parameters of one class."""

    def __init__(self, params_class: type[Params], start: Params | None, read: Read, changed: Callable[[], object]):
        self.params_class = params_class
        self._kept = {name: getattr(start, name) for name in start.model_fields_set} if start else {}
        self._entries = {
            field.name: _Part(field, read, changed)
            if field.part
            else _Entry(field, self._kept.get(field.name, field.default), read, changed)
            for field in params_class.fields()
        }
        self.widget = widgets.VBox([entry.widget for entry in self._entries.values()])

    def given(self) -> dict[str, Any]:
        """Values that are not the defaults."""
        return {name: value for entry in self._entries.values() for name, value in entry.values().items()}

    def build(self) -> Params:
        """The parameters.

        **Raises:** `ParameterError`, told beside the boxes it is about.
        """
        for entry in self._entries.values():
            entry.tell("")
        try:
            return self.params_class(**(self._kept | self.given()))
        except ParameterError as error:
            for name, message in error.mistakes:
                if name in self._entries:
                    self._entries[name].tell(message)
            raise

    def find(self, place: list[str]) -> widgets.ValueWidget:
        """The box at a place."""
        return self._entries[place[0]].find(place[1:])


def _box(field: ParamField, start: Any) -> widgets.ValueWidget:
    if field.is_switch:
        return widgets.Checkbox(value=bool(start), **_labelled(field))
    if field.choices:
        options = [*([("", None)] if start is None else []), *((str(choice), choice) for choice in field.choices)]
        return widgets.Dropdown(options=options, value=start, **_labelled(field))
    return widgets.Text(value=_text(start), continuous_update=False, **_labelled(field))


def _text(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return ",".join(map(_text, value))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _labelled(field: ParamField) -> dict[str, Any]:
    """A description is a `<label>` of its box, which screen readers read out with it; the tooltip tells more."""
    unit = f" ({field.unit})" if field.unit else ""
    return {
        "description": field.name.replace("_", " ") + unit,
        "tooltip": field.doc,
        "style": {"description_width": _LABEL},
        "layout": widgets.Layout(width=_BOX, max_width="100%"),
    }


def _mistake() -> widgets.Label:
    return widgets.Label(style={"text_color": _ERROR})


def _row(*members: widgets.Widget) -> widgets.HBox:
    """Side by side, or below each other where there is no room."""
    return widgets.HBox(members, layout=widgets.Layout(flex_flow="row wrap"))
