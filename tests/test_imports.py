"""Who may import whom. The table below is the truth; ARCHITECTURE.md explains it."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mlip_nb"

VOCABULARY = {"units", "errors", "_table", "telling"}
PHYSICS = VOCABULARY | {"registry", "schedule", "params", "system", "_jax"}
MAY_IMPORT = {
    "errors": set(),
    "units": {"errors"},
    "registry": {"errors"},
    "_jax": set(),
    "_attribute_docs": set(),
    "_table": set(),
    "telling": set(),
    "schedule": VOCABULARY,
    "params": VOCABULARY | {"registry", "schedule", "_attribute_docs"},
    "system": VOCABULARY | {"_jax"},
    "_input_files": VOCABULARY,
    "structures": VOCABULARY | {"system", "_input_files"},
    "neighbors": VOCABULARY | {"system"},
    "potentials": PHYSICS | {"neighbors"},
    "interop": PHYSICS | {"neighbors", "potentials"},
    "simulate": PHYSICS | {"neighbors", "potentials"},
    "path_integrals": PHYSICS | {"neighbors", "potentials", "simulate"},
    "statics": PHYSICS | {"neighbors", "potentials"},
    "results": VOCABULARY | {"params"},
    "workflows": PHYSICS
    | {
        "neighbors",
        "potentials",
        "simulate",
        "path_integrals",
        "results",
        "learn",
        "properties",
        "uncertainty",
        "attack",
        "design",
        "statics",
    },
    "properties": VOCABULARY | {"registry", "params", "results"},
    "uncertainty": PHYSICS | {"neighbors", "potentials", "learn", "properties"},
    "attack": PHYSICS | {"neighbors", "potentials", "uncertainty", "statics"},
    "design": PHYSICS | {"neighbors", "potentials", "statics", "uncertainty", "simulate", "properties"},
    "learn": PHYSICS | {"neighbors", "potentials", "_input_files"},
    "viewers": VOCABULARY | {"system", "results"},
    "accessor": PHYSICS | {"potentials", "results", "workflows", "properties", "viewers"},
    "notebook": PHYSICS
    | {"potentials", "results", "workflows", "properties", "structures", "accessor", "viewers", "learn", "interop"}
    | {"uncertainty", "attack", "statics", "design"}
    | {"_demo"},
    "_demo": {"structures", "potentials", "simulate", "workflows", "accessor"},
    "__init__": {"notebook"},
    "__main__": {"errors", "notebook", "_table"},
}
"""Room -> rooms of ours it may import, inside functions too."""

FRONT_ENDS = {"IPython", "ipykernel", "ipywidgets", "anywidget", "nglview", "matplotlib"}
MUST_NOT_IMPORT = {
    "neighbors": FRONT_ENDS | {"xarray", "jax_md"},
    "potentials": FRONT_ENDS | {"xarray", "jax_md"},
    "interop": FRONT_ENDS | {"xarray"},
    "simulate": FRONT_ENDS | {"xarray", "jax_md"},
    "path_integrals": FRONT_ENDS | {"xarray", "jax_md"},
    "statics": FRONT_ENDS | {"xarray", "jax_md"},
    "system": FRONT_ENDS | {"xarray", "jax_md"},
    "results": FRONT_ENDS | {"jax", "jax_md", "equinox"},
    "workflows": FRONT_ENDS | {"jax_md"},
    "properties": FRONT_ENDS | {"jax_md"},
    "learn": FRONT_ENDS | {"xarray", "jax_md"},
    "viewers": {"jax", "jax_md"},
    "notebook": {"jax_md"},
}
"""Room -> packages of others it must not import."""

ADAPTERS = {
    "simulate/_jaxmd.py",
    "potentials/jax_md.py",
    "potentials/_jax_md_bound.py",
    "potentials/_jax_md_maker.py",
    "potentials/_jax_md_rows.py",
}
"""The only files that know jax_md."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(module: Path) -> Iterator[tuple[str, ...]]:
    """Absolute dotted names of everything a file imports, wherever in the file."""
    package = module.relative_to(PACKAGE.parent).parent.parts
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            target = base + tuple((node.module or "").split(".") if node.module else ())
            yield from ((*target, alias.name) for alias in node.names) if len(target) == 1 else (target,)


def room(module: Path) -> str:
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_imports_follow_the_table(module):
    here = room(module)
    ours = {name[1] for name in imports(module) if name[0] == "mlip_nb" and len(name) > 1} - {here, "__version__"}
    assert ours <= MAY_IMPORT[here], f"{here} must not import {ours - MAY_IMPORT[here]}"
    theirs = {name[0] for name in imports(module)} - {"mlip_nb"}
    if str(module.relative_to(PACKAGE)) not in ADAPTERS:
        forbidden = theirs & MUST_NOT_IMPORT.get(here, set())
        assert not forbidden, f"{here} must not import {forbidden}"


def test_no_room_imports_one_that_imports_it():
    """The table itself has no cycles."""
    reached = {room: set(others) for room, others in MAY_IMPORT.items()}
    for _ in MAY_IMPORT:
        for others in reached.values():
            others |= {further for other in others for further in reached.get(other, ())}
    assert not [room for room, others in reached.items() if room in others]


HEAVY = (
    "jax",
    "jax_md",
    "equinox",
    "xarray",
    "pandas",
    "dask",
    "zarr",
    "matplotlib",
    "nglview",
    "ipywidgets",
    "ase",
    "scipy",
)
SHELL = "from IPython.core.interactiveshell import InteractiveShell as Shell; shell = Shell.instance()"
MEASURE = """
import json, sys, time
{before}
start = time.process_time()
{what}
spent = time.process_time() - start
print(json.dumps([spent, sorted(set(name.split(".")[0] for name in sys.modules))]))
"""


@pytest.mark.parametrize(
    ("before", "what"),
    [("import IPython", "import mlip_nb"), (SHELL, "shell.run_line_magic('load_ext', 'mlip_nb')")],
    ids=["import", "load_ext"],
)
def test_loading_is_light(before, what):
    """Below 0.5 s of processor time beyond IPython (0.02 s when written), and nothing heavy comes along."""
    code = MEASURE.format(before=before, what=what)
    answers = [
        json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    assert not set(answers[0][1]) & set(HEAVY)
    assert sorted(seconds for seconds, _ in answers)[1] < 0.5


def test_every_public_name_exists():
    import mlip_nb

    for name in mlip_nb.__all__:
        assert getattr(mlip_nb, name) is not None
    assert mlip_nb.__version__
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        mlip_nb.nothing  # noqa: B018


def test_names_in_the_documentation_exist(repository):
    import mlip_nb

    pages = [repository / "README.md", *repository.glob("docs/*.md")]
    told = {name for page in pages for name in re.findall(r"\bmlip_nb\.(\w+)\(", page.read_text(encoding="utf-8"))}
    assert "potential" in told
    assert told <= {*mlip_nb.__all__}
