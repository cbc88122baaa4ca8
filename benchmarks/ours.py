"""The compiled loop of this package, on the systems of `engines.py`."""

import engines
import jax
import jax.numpy as jnp

from mlip_nb.neighbors import Neighbors, finder
from mlip_nb.potentials import Edges
from mlip_nb.simulate import NVE, Layout, start_state
from mlip_nb.simulate._advance import Progress, advance, empty_frames
from mlip_nb.simulate._replicas import advance_replicas, stack
from mlip_nb.simulate._schedule import script


class Simulation:
    """No frames in between; goes on from where it stood."""

    def __init__(self, kind: str, atoms: int, precision: str, ensemble=None, seed: int = 0):
        ensemble, key = ensemble or NVE(), jax.random.PRNGKey(seed)
        system = engines.initial(kind, atoms).astype(precision)
        self.potential = engines.potential(kind, precision)
        self.integrator = ensemble.integrator(engines.TIMESTEP[kind])
        target = {"temperature": engines.KT[kind] / 2} if "temperature" in ensemble.controls() else {}
        self.script = script(ensemble.controls() | target, system.positions.dtype)
        state = start_state(system, self.integrator, key=key)
        search = finder(self.potential.cutoff, engines.SKIN[kind], reverse=self.potential.needs_reverse)
        self.progress = Progress.start(
            state, Neighbors.blank(search.grid(state.system(system.pbc)), state.system(system.pbc))
        )
        self._frames = empty_frames(state, 1)
        self._forces = jax.jit(lambda edges: self.potential.measure(edges)[1])

    def run(self, steps: int) -> None:
        """So many steps more."""
        target = jnp.int32(int(self.progress.state.step) + steps)
        rest = (self.potential, self.integrator, self.script, target, jnp.int32(10**8))
        self.progress, self._frames, _ = advance(self.progress, self._frames, *rest)
        assert self.progress.healthy

    def forces(self, times: int) -> None:
        """Forces where it stands, so many times."""
        state = self.progress.state
        edges = Edges(state.positions, state.cell, state.numbers, self.progress.neighbors)
        for _ in range(times):
            jax.block_until_ready(self._forces(edges))


class Fleet:
    """Several simulations in one compiled program."""

    def __init__(self, simulations: list[Simulation]):
        self._progress = stack([one.progress for one in simulations])
        self._scripts = stack([one.script for one in simulations])
        self._first = simulations[0]
        self.run(0)  # the frame before the first step, which would end the first go early
        self._start = self._progress

    def rewind(self) -> None:
        """Back to where it began."""
        self._progress = self._start

    def run(self, steps: int) -> None:
        """So many steps more of each."""
        target = jnp.int32(int(self._progress.state.step[0]) + steps)
        layout = Layout.of_machine(*self._progress.state.masses.shape)
        rest = (self._first.potential, self._first.integrator, self._scripts, target, jnp.int32(10**8))
        self._progress, _, _ = advance_replicas(layout, self._progress, 1, *rest)
        assert self._progress.healthy.all()
        assert (self._progress.state.step == target).all()
