"""Slow imports, made in the background while an interactive kernel is idle."""

import importlib
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
MODULES = (
    "jax",
    "equinox",
    "xarray",
    "mlip_nb.structures",
    "mlip_nb.potentials",
    "mlip_nb.simulate",
    "mlip_nb.workflows",
    "mlip_nb.accessor",
    "mlip_nb.notebook.commands.md",
    "ipywidgets",
    "mlip_nb.notebook.panels",
)
"""In the order in which a first run asks for them."""
SLOWEST = "jax_md.simulate"
"""Several seconds by itself, and nothing else waits for it: last."""


class Preloader:
    """Imports `MODULES` after a second without a running cell; a cell that begins puts the next import off."""

    def __init__(self, shell):
        self._shell = shell
        self._idle, self._importing = threading.Event(), threading.Lock()
        self._timer: threading.Timer | None = None
        self._thread: threading.Thread | None = None

    def watch(self) -> None:
        """Begin, in a kernel; a terminal or a script imports what it needs when it needs it."""
        if getattr(self._shell, "kernel", None) is None:
            return
        self._shell.events.register("pre_run_cell", self._busy)
        self._shell.events.register("post_run_cell", self._rest)
        self._rest()

    def unwatch(self) -> None:
        """Import nothing more."""
        if getattr(self._shell, "kernel", None) is not None:
            self._shell.events.unregister("pre_run_cell", self._busy)
            self._shell.events.unregister("post_run_cell", self._rest)
            self._busy()

    def settle(self) -> None:
        """Wait for the import under way: two threads in the same circular imports would see half a module."""
        with self._importing:
            pass

    def hold(self) -> None:
        """The same, and begin no other before the cell has ended: it may be the one that loads the extension, which
        began before anybody watched."""
        self._busy()
        self.settle()

    def _busy(self, *_) -> None:
        self._idle.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _rest(self, *_) -> None:
        self._busy()
        if SLOWEST not in sys.modules:
            self._timer = threading.Timer(IDLE_SECONDS, self._begin)
            self._timer.daemon = True
            self._timer.start()

    def _begin(self) -> None:
        self._idle.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._import_all, name="mlip-preload", daemon=True)
            self._thread.start()

    def _import_all(self) -> None:
        for name in MODULES:
            with self._turn():
                import_quietly(name)
        self._idle.wait()
        import_quietly(SLOWEST)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Held while no cell runs."""
        while True:
            self._idle.wait()
            with self._importing:
                # A cell may have begun between the two lines above.
                if self._idle.is_set():
                    yield
                    return


def import_quietly(name: str) -> None:
    """Import ahead of use. Whoever needs a module that fails gets the error, in a cell where it can be read."""
    try:
        importlib.import_module(name)
    except ImportError:
        log.debug("cannot import %s ahead of its use", name, exc_info=True)
