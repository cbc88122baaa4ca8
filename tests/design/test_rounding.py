"""One element on every site: beside all that there are."""

import itertools
import math
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb.design import Campaign, rounding
from mlip_nb.potentials.lennard_jones import LennardJones, LennardJonesSpec
from mlip_nb.results.storage import MemoryStore
from mlip_nb.workflows._design_problem import problem_of
from mlip_nb.workflows._designing import Designing

DEPTHS = np.array([0.0050, 0.0070, 0.0104, 0.0120, 0.0140, 0.0200])
DIAMETERS = np.array([3.10, 3.55, 3.40, 3.75, 3.65, 3.98])
ELEMENTS = ("Ne", "N", "Ar", "O", "Kr", "Xe")


class SixGasesSpec(LennardJonesSpec):
    """Six kinds of atoms, larger ones not always deeper."""

    known: ClassVar[tuple[str, ...]] = ELEMENTS

    def build(self):
        """Lorentz and Berthelot's mixtures."""
        depths, diameters = np.sqrt(np.outer(DEPTHS, DEPTHS)), np.add.outer(DIAMETERS, DIAMETERS) / 2
        return LennardJones(jnp.asarray(depths), jnp.asarray(diameters), 6.5, self)


@pytest.mark.physics
def test_a_rounded_alloy_is_in_the_best_hundredth_of_all():
    """Four sites of six elements: 1296 alloys. Every sublattice of fcc is as good as any other, so that 126 of them are
    evaluated; the median of five goals that no alloy has exactly."""
    design = mlip_nb.Design(
        vary=("species",), target="lattice_constant=5.3,energy=-0.5", cell_shape="isotropic", steps=40, starts=8
    )
    system, potential = mlip_nb.load("Ar", a=5.4), SixGasesSpec().build()
    problem = problem_of(design, system, potential)
    mixtures = [*itertools.combinations_with_replacement(range(6), 4)]
    alloys = np.stack([np.eye(6)[:, list(kinds)].ravel() for kinds in mixtures])
    copies = np.array([_orders(kinds) for kinds in mixtures])
    assert copies.sum() == 6**4
    every = Campaign(problem, design.optimizer, np.zeros((8, 24)), goals=[5.3, -0.5], reach=20, seed=0)
    every.step()
    ranks = []
    for lattice_constant, energy in ((5.3, -0.5), (5.52, -0.31), (5.11, -0.27), (5.75, -0.62), (5.43, -0.43)):
        every.aim(np.array([lattice_constant, energy]), np.ones(2), 1.0)
        values = every.pure(alloys).objective
        live = design.live() | {"target_lattice_constant": lattice_constant, "target_energy": energy}
        found = _designed(design, system, problem, live)
        ranks.append(int(copies[values < found * (1 - 1e-9)].sum()))
    assert np.median(ranks) < 0.01 * 6**4, ranks


def _orders(kinds):
    return math.factorial(len(kinds)) // math.prod(math.factorial(kinds.count(kind)) for kind in set(kinds))


def _designed(design, system, problem, live):
    """The objective of what comes out."""
    store = MemoryStore(design.constants(system), {})
    for _ in Designing(design, system, problem, store).updates(lambda step: (live, 10**9), None):
        pass
    data = store.dataset()
    assert bool(data["rounded"][-1])
    assert (data["shares"][-1].values.max(axis=1) == 1).all()
    return float(data["design_objective"][-1, 0])


def test_designs_around_a_whole_one_differ_in_one_site():
    system, potential = mlip_nb.load("Ar", a=5.4), SixGasesSpec().build()
    problem = problem_of(mlip_nb.Design(vary=("species",), target="volume=150"), system, potential)
    alloy = np.eye(6)[:, [0, 3, 3, 5]]
    around = rounding.neighbours(problem.variables, alloy.ravel()).reshape(-1, 6, 4)
    assert len(around) == 4 * 5
    assert (np.abs(around - alloy).sum(axis=(1, 2)) == 2).all()
