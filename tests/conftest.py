"""Shapes are checked at every call; compiled programs are kept from one run of the tests to the next."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import jax
import jaxtyping
import pytest

from . import annotations

CHECKED = (
    "mlip_nb.system",
    "mlip_nb.neighbors",
    "mlip_nb.potentials",
    "mlip_nb.simulate",
    "mlip_nb.path_integrals",
    "mlip_nb.statics",
)
"""Packages whose annotations are checked; the hook has to come before their first import."""

jaxtyping.install_import_hook(CHECKED, f"{annotations.__name__}.checked")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--report", action="store_true", help="write tests/physics/REPORT.md from what was measured")


def pytest_configure(config: pytest.Config) -> None:
    # Subprocesses and kernels inherit it: nothing is compiled twice, and the user's own cache is left alone.
    os.environ["MLIP_NB_CACHE"] = str(config.cache.mkdir("mlip_nb"))
    # Nobody's own defaults.
    os.environ["XDG_CONFIG_HOME"] = str(config.cache.mkdir("no_config"))
    # Shells let their background jobs ignore Ctrl-C, and children inherit that; some tests send one.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module", autouse=True)
def programs_are_forgotten() -> Iterator[None]:
    """Each compiled program holds memory maps, and Linux grants a process 65530: one suite uses them up."""
    yield
    jax.clear_caches()
    gc.collect()


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the working tree."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def report(request) -> Iterator:
    """Takes down figures of ensembles, from this run and earlier ones."""
    from .physics.reporting import PAGE, Figures

    figures = Figures(Path(request.config.cache.mkdir("physics")) / "figures.json")
    yield figures
    if request.config.getoption("report"):
        PAGE.write_text(figures.page())


@pytest.fixture(scope="session")
def shared_data(repository) -> Path:
    """Reference data that are too large for the repository, in a folder beside it."""
    folder = repository.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"reference data not found at {folder}")
    return folder
