"""What is installed with the wheel: a kernel, a setting, the front end, the tutorials."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

import mlip_nb
from mlip_nb._demo import copy_tutorials


@pytest.fixture(scope="module")
def project(repository) -> dict:
    return tomllib.loads((repository / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def installed():
    """The distribution, editable or not, in the environment that runs the tests."""
    try:
        found = distribution("mlip_nb")
    except PackageNotFoundError:
        pytest.skip("mlip_nb is not installed in this environment; pip install -e '.[dev]'")
    if not (Path(sys.prefix) / "share/jupyter/kernels/mlip").is_dir():
        pytest.skip("mlip_nb is installed without its kernel; pip install -e '.[dev]'")
    return found


def test_readme_has_the_two_commands(repository):
    readme = (repository / "README.md").read_text()
    setting_up, testing = re.findall(r"^python3 -m venv .*$", readme, re.MULTILINE)
    assert setting_up.endswith("-m mlip_nb demo")
    assert testing.endswith("-m pytest")


def test_links_of_the_readme_lead_somewhere(repository):
    for document in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (repository / document).read_text()):
            assert target.startswith("http") or (repository / target).exists(), f"{document}: {target}"


def test_kernelspec_is_the_one_that_install_writes(repository):
    from mlip_nb.notebook.terminal.install import kernelspec

    shipped = json.loads((repository / "jupyter-config/kernels/mlip/kernel.json").read_text())
    assert kernelspec() | {"argv": ["python", *kernelspec()["argv"][1:]]} == shipped


def test_setting_is_one_that_jupyterlab_knows(repository):
    """A misspelt setting is ignored without a word."""
    setting = json.loads((repository / "jupyter-config/overrides.d/mlip_nb.json").read_text())
    ((plugin, values),) = setting.items()
    extension, _, schema = plugin.partition(":")
    folder = Path(sys.prefix) / "share/jupyter/labextensions" / extension
    if not folder.is_dir():
        pytest.skip(f"{extension} is not installed here")
    known = json.loads((folder / "schemas" / extension / f"{schema}.json").read_text())["properties"]
    assert set(values) <= set(known)
    assert all(known[name]["default"] != value for name, value in values.items()), "the setting changes nothing"


def test_the_template_of_pages_is_where_nbconvert_looks(project, repository):
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    (source,) = [source for source, place in shared.items() if place == "share/jupyter/nbconvert/templates/mlip"]
    assert (repository / source / "index.html.j2").exists()
    assert json.loads((repository / source / "conf.json").read_text())["base_template"] == "lab"
    assert all((repository / source).exists() for source in shared)


def test_broken_releases_are_excluded(project):
    requirements = " ".join(project["project"]["dependencies"])
    assert "!=0.10.2" in requirements
    assert "!=0.11.1" in requirements
    assert "nglview==4.0" in requirements


def test_installed_versions_are_not_the_broken_ones(installed):
    assert distribution("jax").version not in ("0.10.2", "0.11.1")
    assert distribution("nglview").version == "4.0"
    assert installed.version == mlip_nb.__version__


def test_front_end_and_tutorials_are_committed(repository):
    assert (repository / "mlip_nb/notebook/panels/static/run_panel.js").stat().st_size > 1000
    for notebook in (repository / "tutorials").glob("*.ipynb"):
        cells = json.loads(notebook.read_text())["cells"]
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells), notebook.name


def test_demo_copies_tutorials_once(tmp_path):
    first = copy_tutorials(tmp_path / "demo")
    assert first.name == "01_first_run.ipynb"
    first.write_text("edited")
    assert copy_tutorials(tmp_path / "demo").read_text() == "edited"
    assert (tmp_path / "demo" / "si.cif").exists()
    assert (tmp_path / "demo" / "silicon_training.xyz.gz").exists()


def test_kernel_starts_with_the_magic(installed, repository):
    script = repository / "tests" / "kernel_check.py"
    answer = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=240)
    assert answer.returncode == 0, answer.stderr
    assert "answers in" in answer.stdout
