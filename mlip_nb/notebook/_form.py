"""A form made from the declarations of parameters: what a line says with flags, with boxes and menus."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
from IPython.display import display, update_display

from ..errors import InputError, ParameterError
from ..params import ParamField, Params
from ..viewers.fallback import displayed_inside, with_fallback
from ._as_python import number
from ._copied import Copied
from ._defaults import Defaults, Preset
from ._flags import Place, default_part, is_choice
from .commands._base import Recalls

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
        self,
        params_class: type[Params],
        on_run: Callable[[Params], object],
        read: Read,
        texts: Mapping[str, Write],
        defaults: Defaults,
    ):
        self._on_run = on_run
        self._section = _Section(params_class, None, (), _Context(read, defaults, self.check))
        self.button = widgets.Button(description="Run", button_style="primary", icon="play")
        self.copiers = {label: self._copier(label, write) for label, write in texts.items()}
        self.message, self.copied, self.output = _mistake(), Copied(), widgets.Output()
        self.button.on_click(lambda _: self._run())
        buttons = _row(self.button, *self.copiers.values(), self.message)
        self._line = f"The form of {params_class.registered_name}: run this cell to fill it in."
        self._picture: bytes | None = None
        self._display_id = uuid.uuid4().hex
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

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget; for front ends that do not draw it, and for saved files, a sentence, or what it ran last."""
        bundle = with_fallback(super()._repr_mimebundle_(**kwargs), self._line, self._picture)
        return bundle if self._picture else bundle | {"text/html": self._line}

    def _ipython_display_(self) -> None:
        display(self._repr_mimebundle_(), raw=True, display_id=self._display_id)

    def _keep(self, line: str, picture: bytes | None) -> None:
        """What a run that was started here has left."""
        self._line, self._picture = line, picture
        update_display(self._repr_mimebundle_(), raw=True, display_id=self._display_id)

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
        with self.output, displayed_inside(self._keep):
            self._on_run(params)


def form(
    params_class: type[Params],
    on_run: Callable[[Params], object],
    *,
    read: Read = ParamField.read,
    texts: Mapping[str, Write] | None = None,
    defaults: Defaults | None = None,
) -> Form:
    """The form of a class of parameters; `on_run` gets a valid object when its button is pressed.

    `texts` are more buttons: each shows, and copies, what its function makes of the parameters. `defaults` are those
    that users have set; boxes begin with them.
    """
    return Form(params_class, on_run, read, texts or {}, defaults or Defaults())


@dataclass(frozen=True)
class _Context:
    """What every box knows."""

    read: Read
    defaults: Defaults
    changed: Callable[[], object]


class _Entry:
    """One parameter: a box with its name and unit, and what is wrong with it."""

    def __init__(self, field: ParamField, start: Any, place: Place, context: _Context):
        self.field, self._read = field, context.read
        self._preset = context.defaults.of(place, field)
        self.box = _box(field, start, self._preset)
        self._initial = self.box.value
        self._mistake = _mistake()
        self.widget = _row(self.box, self._mistake)
        self.box.observe(lambda _: context.changed(), "value")

    def values(self, *, presets: bool = True) -> dict[str, Any]:
        """The value, if it was given: a default stays a default, unless users have set it (`presets`)."""
        given = self.box.value
        untouched = given == self._initial and not (presets and self._preset)
        if untouched or (given == "" and not self.field.required):
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

    def __init__(self, field: ParamField, place: Place, context: _Context):
        self.field, self._place, self._context = field, place, context
        self._preset = context.defaults.of(place, field)
        self._start = _part_of(field, self._preset) if self._preset else field.default
        self._start = self._start if isinstance(self._start, Params) else None
        self._first = type(self._start) if self._start else default_part(field)
        options = list(self._options())
        self.menu = widgets.Dropdown(options=options, value=self._name(self._first), **_labelled(field))
        self._mistake = _mistake()
        head = [_row(self.menu, self._mistake)] if is_choice(field.part) else []
        self._inner = widgets.VBox(layout=widgets.Layout(margin="0 0 0 16px" if head else "0"))
        self.widget = widgets.VBox([*head, self._inner])
        self._choose(self._first)
        self.menu.observe(lambda change: self._switch(change["new"]), "value")

    def values(self, *, presets: bool = True) -> dict[str, Any]:
        """The part, if it is needed, or its kind or one of its parameters was given."""
        if self.section is None:
            return {}
        same = self.section.params_class is self._first and not (presets and self._preset)
        untouched = same and not self.section.given(presets=presets) and not self.field.required
        return {} if untouched else {self.field.name: self.section.build(presets=presets)}

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
        self._context.changed()

    def _choose(self, part: type[Params] | None) -> None:
        start = self._start if part is self._first else None
        self.section = _Section(part, start, self._place, self._context) if part else None
        self._inner.children = [self.section.widget] if self.section else []


class _Section:
    """The parameters of one class."""

    def __init__(self, params_class: type[Params], start: Params | None, place: Place, context: _Context):
        self.params_class = params_class
        self._kept = {name: getattr(start, name) for name in start.model_fields_set} if start else {}
        self._entries = {
            field.name: _Part(field, (*place, field.name), context)
            if field.part
            else _Entry(field, self._kept.get(field.name, field.default), (*place, field.name), context)
            for field in params_class.fields()
        }
        self.widget = widgets.VBox([entry.widget for entry in self._entries.values()])

    def given(self, *, presets: bool = True) -> dict[str, Any]:
        """Values that are not the defaults; with `presets` those that users have set, too."""
        recalled = self._recalled()
        found = (entry.values(presets=presets and name not in recalled) for name, entry in self._entries.items())
        return {name: value for values in found for name, value in values.items()}

    def _recalled(self) -> set[str]:
        """Fields that are what a store says, by a switch that is on."""
        on = (entry.field for entry in self._entries.values() if entry.field.is_switch and entry.find([]).value)
        marks = (mark for field in on for mark in field.markers if isinstance(mark, Recalls))
        return {name for mark in marks for name in mark.fields}

    def build(self, *, presets: bool = True) -> Params:
        """The parameters.

        **Raises:** `ParameterError`, told beside the boxes it is about.
        """
        for entry in self._entries.values():
            entry.tell("")
        try:
            return self.params_class(**(self._kept | self.given(presets=presets)))
        except ParameterError as error:
            for name, message in error.mistakes:
                if name in self._entries:
                    self._entries[name].tell(message)
            raise

    def find(self, place: list[str]) -> widgets.ValueWidget:
        """The box at a place."""
        return self._entries[place[0]].find(place[1:])


def _part_of(field: ParamField, preset: Preset) -> Any:
    """The part that users want by default.

    **Raises:** `InputError` that names the file.
    """
    try:
        registry = field.part.registry
        return registry.build(preset.value) if isinstance(preset.value, (str, dict)) else preset.value
    except InputError as error:
        raise InputError(f"{preset.label}: {error}") from None


def _box(field: ParamField, start: Any, preset: Preset | None) -> widgets.ValueWidget:
    begun = preset.value if preset else start
    if field.is_switch:
        return widgets.Checkbox(value=bool(begun), **_labelled(field))
    if field.beside_choices:
        return widgets.Combobox(value=_text(begun), options=[*map(str, field.choices)], **_labelled(field))
    if field.choices:
        if preset and begun not in field.choices:
            raise InputError(f"{preset.label}: {begun!r} is none of {', '.join(map(str, field.choices))}")
        options = [*([("", None)] if start is None else []), *((str(choice), choice) for choice in field.choices)]
        return widgets.Dropdown(options=options, value=begun, **_labelled(field))
    return widgets.Text(value=_text(begun), continuous_update=False, **_labelled(field))


def _text(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return ",".join(map(_text, value))
    return "" if value is None else number(value) if isinstance(value, float) else str(value)


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
