"""`%config MlipMagics`: defaults of flags for one notebook. Light, because `%load_ext` makes it."""

import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import traitlets
from traitlets.config import Configurable

_OF_ALL = ("quiet", "panel", "viewer", "precision", "potential")
"""Flags of several verbs that have a trait of their own; any other one stands below its verb."""


def _traits() -> Iterator[tuple[str, traitlets.TraitType]]:
    for name in _OF_ALL:
        told = f"Default of --{name}, for every verb that has it."
        yield name, traitlets.Any(None, help=told).tag(config=True)
    # By their files: to list verbs must import none.
    for module in pkgutil.iter_modules([str(Path(__file__).with_name("commands"))]):
        if not module.name.startswith("_"):
            told = f"Defaults of the flags of %mlip {module.name.replace('_', '-')}, such as {{'name': 'value'}}."
            yield module.name, traitlets.Dict(help=told).tag(config=True)


MlipMagics = type(Configurable)(
    "MlipMagics",
    (Configurable,),
    {
        "__doc__": "Defaults of flags in this notebook: what a line does not say. `%mlip VERB --help` tells them.",
        "__module__": __name__,
        **dict(_traits()),
    },
)


def chosen(config: Configurable) -> Mapping[str, Any]:
    """What somebody has set."""
    values = {name: getattr(config, name) for name in config.trait_names(config=True)}
    return {name: value for name, value in values.items() if value is not None and value != {}}
