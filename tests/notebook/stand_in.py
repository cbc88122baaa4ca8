"""A run without physics: what a panel sees of a `Run`, as fast as the test wants it."""

import threading
import time

import jax.numpy as jnp
import numpy as np

from mlip_nb.system import System
from mlip_nb.workflows import MD, RunStatus
from mlip_nb.workflows._plots import present


class StandIn:
    """The public face of `Run`; its thread makes frames of noise at a given rate."""

    def __init__(self, workflow=None, *, frames_per_second=500.0, atoms=8):
        self.workflow = workflow or MD(steps=1000, every=1)
        self.name, self.message, self.store = "md-1", "", None
        self.about = "md · nvt-langevin"
        self.status, self.done, self.total, self.wall_time = RunStatus.PENDING, 0, self.workflow.total, 0.0
        self.rate, self.eta = 0.0, None
        self.calls = []
        self._pause_between = 1 / frames_per_second
        self._steered = self.workflow
        self._columns = []
        self._watchers = []
        self._going, self._stopping, self._over = threading.Event(), threading.Event(), threading.Event()
        self._going.set()
        self._noise = np.random.default_rng(0)
        self._home = 2.5 * np.stack(np.meshgrid(*[np.arange(2)] * 3), axis=-1).reshape(-1, 3)[:atoms]
        self.subject = self.system = self._system()
        self._thread = threading.Thread(target=self._drive, daemon=True)

    @property
    def live(self):
        return self._steered.live()

    clouds, of_atoms, checkpointed, spread, verdict, asks = (), {}, None, None, None, False

    @property
    def frames(self):
        return len(self._columns)

    @property
    def series(self):
        columns = np.array(self._columns).reshape(-1, 6).T
        names = ("step", "time", "temperature", "potential_energy", "kinetic_energy", "total_energy")
        return dict(zip(names, columns, strict=True))

    def plots(self):
        return present(self.workflow.plots(self.subject), self.series, self.live)

    def start(self):
        self._thread.start()
        return self

    def pause(self):
        self.calls.append("pause")
        self._going.clear()

    def resume(self):
        self.calls.append("resume")
        self._going.set()

    def stop(self):
        self.calls.append("stop")
        self._stopping.set()
        self._going.set()

    def checkpoint(self):
        self.calls.append("checkpoint")

    def set(self, **live):
        self._steered = self._steered.replace(**live)
        self.calls.append(live)

    def wait(self, timeout=None):
        self._over.wait(timeout)
        return self

    def on_update(self, watcher):
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def _drive(self):
        self.status, began = RunStatus.RUNNING, time.perf_counter()
        while self.done < self.total and not self._stopping.is_set():
            if not self._going.is_set():
                self._rest()
            self._step()
            self.wall_time = time.perf_counter() - began
            self.rate = self.done / self.wall_time
            self.eta = (self.total - self.done) / self.rate
            self._notify()
            time.sleep(self._pause_between)
        self.status = RunStatus.STOPPED if self.done < self.total else RunStatus.FINISHED
        self._over.set()
        self._notify()

    def _rest(self):
        self.status = RunStatus.PAUSED
        self._notify()
        self._going.wait()
        self.status = RunStatus.RUNNING

    def _step(self):
        temperature = self.live.get("temperature", 300.0) * (1 + 0.1 * self._noise.normal())
        kinetic = 1.5 * 8.617e-5 * temperature * len(self._home)
        self._columns.append((self.done, float(self.done), temperature, -4.0 - kinetic, kinetic, -4.0))
        self.subject = self.system = self._system()
        self.done += self.workflow.every

    def _notify(self):
        for watcher in list(self._watchers):
            watcher(self)

    def _system(self):
        atoms = len(self._home)
        positions = self._home + 0.1 * self._noise.normal(size=self._home.shape)
        argon = np.full(atoms, 18), np.full(atoms, 39.95)
        return System(*map(jnp.asarray, (positions, *argon, 5.0 * np.eye(3))), None, (True, True, True))
