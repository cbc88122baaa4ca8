"""What every registered class owes: documented fields, unique names, a description that builds it again."""

import json

import pytest
from ase.data import chemical_symbols

from mlip_nb.design import optimizers
from mlip_nb.errors import InputError
from mlip_nb.learn.labellers import labellers
from mlip_nb.learn.selectors import selectors
from mlip_nb.notebook.commands import commands
from mlip_nb.params import Params
from mlip_nb.path_integrals import rings
from mlip_nb.potentials import potentials
from mlip_nb.properties import analyses
from mlip_nb.registry import Registry
from mlip_nb.simulate import ensembles
from mlip_nb.simulate.walls import walls
from mlip_nb.workflows import workflows
from mlip_nb.workflows.explorers import explorers

REGISTRIES = (
    potentials,
    ensembles,
    rings,
    walls,
    workflows,
    explorers,
    selectors,
    labellers,
    commands,
    analyses,
    optimizers,
)


CLASSES = [pytest.param(registry, name, id=f"{registry.kind}-{name}") for registry in REGISTRIES for name in registry]


def _needs_nothing(cls: type[Params]) -> bool:
    return not any(field.required for field in cls.fields())


@pytest.mark.parametrize(("registry", "name"), CLASSES)
def test_class_and_every_field_are_documented(registry, name):
    cls = registry[name]
    assert cls.__doc__, f"{cls} has no docstring"
    assert cls.__doc__ != Params.__doc__, f"{cls} inherits its docstring"
    for field in cls.fields():
        if not field.doc:
            # A group of fields without a flag of its own, like the loading options of a structure.
            assert field.part is not None, f"{cls.__name__}.{field.name} has no docstring under it"
            assert all(inner.doc for inner in field.part.fields())


@pytest.mark.parametrize(("registry", "name"), CLASSES)
def test_description_builds_the_same_object(registry, name):
    cls = registry[name]
    if not _needs_nothing(cls):
        pytest.skip("cannot be made without arguments")
    made = cls()
    description = json.dumps(made.describe())
    assert registry.build(description) == made
    assert registry.build(name) == made


@pytest.mark.parametrize(("registry", "name"), CLASSES)
def test_replace_gives_a_validated_copy(registry, name):
    cls = registry[name]
    if not _needs_nothing(cls):
        pytest.skip("cannot be made without arguments")
    made = cls()
    assert made.replace() == made
    assert made.replace() is not made
    with pytest.raises(InputError, match="unknown parameter.*'no_such_field'"):
        made.replace(no_such_field=1)


@pytest.mark.parametrize(("registry", "name"), CLASSES)
def test_live_fields_have_sliders_around_their_default(registry, name):
    for field in registry[name].fields():
        if field.live is not None and field.default is not None:
            assert field.live.low <= field.default <= field.live.high


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_names_are_lower_case_words_and_known_by_their_class(registry: Registry):
    names = list(registry)
    assert names
    assert len(names) == len(set(names))
    for name in names:
        assert all(word == word.lower() or word in chemical_symbols for word in name.split("-")), name
        assert " " not in name
        assert registry[name].registered_name == name


def test_a_run_by_time_is_described_by_its_time():
    md = workflows["md"](time="2ps", timestep=0.5)
    again = workflows.build(json.dumps(md.describe()))
    assert again == md
    assert again.total == 4000
