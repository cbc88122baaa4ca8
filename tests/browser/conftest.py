"""A real JupyterLab and a real Chromium."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from laboratory import Laboratory

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Viewers need WebGL, which is drawn in software here.
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def chromium():
    """A browser, or the reason why there is none."""
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"no Chromium at {CHROMIUM}; install Debian's chromium, or set CHROMIUM to its path")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (extra: dev)")
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed (extra: dev)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab_folder(tmp_path_factory):
    """The folder that JupyterLab shows."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="session")
def lab_address(chromium, lab_folder):
    """Address of a JupyterLab of our own, with its token."""
    port, token = _free_port(), secrets.token_hex(16)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "notebook"), os.environ.get("PYTHONPATH", "")]),
        "JUPYTER_CONFIG_DIR": str(lab_folder / ".config"),
        "JUPYTERLAB_SETTINGS_DIR": str(lab_folder / ".settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(lab_folder / ".workspaces"),
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    options = {"ServerApp.port": port, "ServerApp.root_dir": lab_folder, "IdentityProvider.token": token}
    _settle(lab_folder / ".settings")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--{name}={value}" for name, value in options.items()]
    with open(lab_folder / ".log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={token}", server, lab_folder / ".log")
        yield f"http://127.0.0.1:{port}/lab", token
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def laboratory(chromium, lab_address, lab_folder):
    """One page of JupyterLab; opens notebooks and runs their cells."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    yield Laboratory(page, *lab_address, lab_folder)
    page.close()
    _end_kernels(*lab_address)


def _end_kernels(address: str, token: str) -> None:
    """No test finds a kernel that is still busy with the run of another."""
    kernels = address.removesuffix("/lab") + "/api/kernels"
    header = {"Authorization": f"token {token}"}
    with urllib.request.urlopen(urllib.request.Request(kernels, headers=header)) as reply:
        running = json.load(reply)
    for kernel in running:
        request = urllib.request.Request(f"{kernels}/{kernel['id']}", headers=header, method="DELETE")
        urllib.request.urlopen(request).close()


def _settle(settings: Path) -> None:
    """Nobody outside is asked for news, so no question about it covers the page."""
    folder = settings / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    (folder / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address: str, server: subprocess.Popen, log: Path, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")
