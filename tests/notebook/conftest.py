"""A real InteractiveShell, and a real kernel."""

import os
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell


class Shell:
    """Runs cells in one IPython; keeps what they print and what they raise."""

    def __init__(self, shell: InteractiveShell, capture: pytest.CaptureFixture):
        self.shell, self._capture = shell, capture

    def run(self, cell: str):
        """The value of a cell's last line; its error is raised."""
        result = self.shell.run_cell(cell)
        result.raise_error()
        return result.result

    def refuse(self, cell: str) -> str:
        """What a cell that must fail shows: one or two lines and no traceback."""
        self._capture.readouterr()
        assert self.shell.run_cell(cell).error_in_exec is not None
        shown = "".join(self._capture.readouterr())
        assert len(shown.strip().splitlines()) <= 2, shown
        return shown

    def printed(self, cell: str) -> str:
        """What a cell prints."""
        self._capture.readouterr()
        self.run(cell)
        return self._capture.readouterr().out

    def __getitem__(self, name: str):
        return self.shell.user_ns[name]

    def __setitem__(self, name: str, value):
        self.shell.user_ns[name] = value


@pytest.fixture(scope="module")
def interactive_shell():
    """An IPython with the extension loaded."""
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "mlip_nb")
    yield shell
    shell.run_line_magic("unload_ext", "mlip_nb")
    InteractiveShell.clear_instance()


@pytest.fixture
def ipython(interactive_shell, capsys, tmp_path, monkeypatch):
    """The shell, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Shell(interactive_shell, capsys)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """A client of a real kernel that was started with the extension, as the kernelspec does it."""
    from jupyter_client import KernelManager

    repository = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(repository), "IPYTHONDIR": str(tmp_path_factory.mktemp("ipython"))}
    manager = KernelManager()
    manager.start_kernel(
        extra_arguments=["--ext", "mlip_nb"], env=environment, cwd=str(tmp_path_factory.mktemp("notebook"))
    )
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
