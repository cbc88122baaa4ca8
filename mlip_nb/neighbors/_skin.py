"""The skin that makes a simulation fastest, from a model of its cost: never from timing, which never repeats."""

import numpy as np

from ..system import System
from ._counting import count_neighbors

_REBUILD, _REBUILD_NEIGHBOR = 0.35, 0.009
"""µs per atom, and per neighbour of an atom, of one rebuild on one core."""
_FRACTIONS = np.linspace(0.03, 0.3, 271)
"""Skins considered, in cutoffs."""
_STEPS = 1e6
"""Of a run in which nobody is to cross half the skin in a single step, which would end it."""


def automatic_skin(system: System, cutoff: float, kT: float, timestep: float, *, edge_cost: float) -> float:
    r"""The best skin, Å, for a temperature (energy) and a timestep in internal units.

    Minimises what one step costs an atom, with $n(s)$ neighbours in reach at the density of the system,

    $$n(s)\,c_\mathrm{edge} + \frac{2 v h}{s}\,(c_0 + c_1 n(s)), \quad n(s) = n(0)\,(1 + s / r_c)^3,$$

    where $v$ is the speed of the fastest atom of a Maxwell distribution, which flies half the skin before a rebuild.
    `edge_cost` is what a potential takes for an edge, µs. The minimum is flat: twice or half the skin costs 10 or 20 %.
    Skins that the fastest atom of a long run would cross in a step are left out.
    """
    if not cutoff:
        return 0.0
    skins = cutoff * _FRACTIONS
    neighbors = count_neighbors(system, (cutoff,)).mean() * (1 + _FRACTIONS) ** 3
    masses = np.asarray(system.masses, float)
    rebuilds = np.minimum(1, 2 * timestep * _fastest(masses, kT) / skins)
    cost = neighbors * edge_cost + rebuilds * (_REBUILD + _REBUILD_NEIGHBOR * neighbors)
    best, least = skins[np.argmin(cost)], 2 * timestep * _fastest(masses, kT, instants=_STEPS)
    return float(np.round(np.clip(least, best, skins[-1]), 3))


def _fastest(masses: np.ndarray, kT: float, instants: float = 1) -> float:
    """Speed that one atom of a kind is expected to exceed at one of so many instants, of the fastest kind."""
    kinds, atoms = np.unique(masses, return_counts=True)
    atoms = atoms * instants
    speed = np.ones(len(kinds))
    for _ in range(5):
        # N sqrt(2/π) x exp(-x²/2) = 1, the tail of the Maxwell distribution at x thermal speeds.
        speed = np.sqrt(2 * np.log(np.maximum(2, atoms * np.sqrt(2 / np.pi) * speed)))
    return float(np.max(speed * np.sqrt(max(kT, 0.0) / kinds)))
