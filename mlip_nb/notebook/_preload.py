"""Slow imports, made in the background while an interactive kernel is idle."""

import importlib
import logging
import sys
import threading

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
    "mlip_nb.results",
    "mlip_nb.accessor",
    "ipywidgets",
    "mlip_nb.notebook.panels",
    "jax_md.simulate",
)
"""In the order in which a first run asks for them; jax_md, the slowest by far, last."""


class Preloader:
    """Imports `MODULES` after a second without a running cell; a cell that begins puts the next import off."""

    def __init__(self, shell):
        self._shell = shell
        self._idle = threading.Event()
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

    def _busy(self, *_) -> None:
        self._idle.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _rest(self, *_) -> None:
        if all(name in sys.modules for name in MODULES):
            return
        self._busy()
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
            self._idle.wait()
            try:
                importlib.import_module(name)
            except ImportError:
                # Whoever needs the module gets the error, in a cell where it can be read.
                log.debug("cannot import %s ahead of its use", name, exc_info=True)
