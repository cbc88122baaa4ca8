"""Kinds of variables are told by the names of classes: each name is that of a class, where it is defined."""

from importlib import import_module

import pytest

from mlip_nb.notebook.session import KINDS


@pytest.mark.parametrize("name", sorted({name for names in KINDS.values() for name in names}))
def test_every_kind_names_a_class(name):
    module, _, cls = name.rpartition(".")
    found = getattr(import_module(module), cls)
    assert (found.__module__, found.__qualname__) == (module, cls)
