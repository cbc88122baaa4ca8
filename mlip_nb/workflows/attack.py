"""Structures on which a potential is least to be trusted, found by its own gradients."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar

import annotated_types
import numpy as np

from ..attack import Boltzmann, Objective
from ..params import Count, Length, Params, Seed
from ..potentials import AbstractPotential
from ..simulate import Selection
from ..system import System
from ..uncertainty import AbstractUncertainty
from ._plots import Axis, Plot, Trace

if TYPE_CHECKING:
    import xarray as xr

    from ._attack_run import AttackRun

Watcher = Callable[[int, np.ndarray], None]
"""Told of every iteration, and of the objective of each start."""

Positive = Annotated[float, annotated_types.Gt(0)]


class Attack(Params):
    """Where an attack may go, and how long it looks."""

    objective: Objective = Boltzmann()
    """What is made as large as possible."""
    radius: Length = 0.3
    """Longest displacement of an atom."""
    strain: Annotated[float, annotated_types.Ge(0), annotated_types.Lt(0.5)] = 0.0
    """Largest norm of the strain; without it the cell stays as it is."""
    iterations: Count = 40
    """Steps up, at most."""
    starts: Annotated[int, annotated_types.Gt(0), annotated_types.Le(1024)] = 8
    """Places to start from."""
    noise: Annotated[float, annotated_types.Ge(0), annotated_types.Le(1)] = 0.02
    """How far they are from the structure, in units of the radius."""
    window: Positive = 1.0
    """Energy that a structure may cost, eV per atom."""
    closest: Annotated[float, annotated_types.Ge(0), annotated_types.Lt(1)] = 0.75
    """Shortest distance of two atoms over the sum of their covalent radii."""
    bonds: Positive | None = None
    """How much longer or shorter a bond may become, relative to its length; any change where nothing is given."""
    frozen: Selection = ()
    """Atoms held in place: indices, ranges or symbols, such as 0:16,Si; besides those the structure holds."""
    symmetry: bool = False
    """Keep the space group of the structure."""
    seed: Seed = 0
    """Of the starts, and of the random displacements that the result is compared with."""

    registered_name: ClassVar[str] = "attack"
    counts: ClassVar[str] = "iteration"
    axis: ClassVar[Axis] = Axis("iteration", "iterations")
    colours: ClassVar[tuple[str, ...]] = ("atom_uncertainty",)

    def run(
        self,
        system: System,
        uncertainty: AbstractUncertainty,
        /,
        *,
        reference: AbstractPotential | None = None,
        watch: Watcher = lambda iteration, values: None,
    ) -> "xr.Dataset":
        """The structures found from every start, best first, as frames; beside each what chance does.

        Steps go along the gradient; none goes down, and none leaves the bounds, the energy window or the distances.
        With `reference`, a potential that is taken for the truth, errors of forces come along. An interrupt (Ctrl-C)
        ends it and keeps the best so far.

        **Raises:** `InputError` for uncertainties without derivatives, such as those of a convex hull, for potentials
        that do not cover the structure, and for uncertainties that are zero everywhere.
        """
        from ._attack_search import Search

        search = Search(self, system, uncertainty, reference)
        try:
            for iteration in range(1, self.iterations + 1):
                search.climb()
                watch(iteration, search.trace[-1])
        except KeyboardInterrupt:
            pass
        return search.dataset()

    def start(
        self,
        system: System,
        uncertainty: AbstractUncertainty,
        /,
        *,
        reference: AbstractPotential | None = None,
        name: str | None = None,
    ) -> "AttackRun":
        """The same, going on in a thread of its own: it can be watched, paused and stopped."""
        from ._attack_run import AttackRun

        return AttackRun(self, system, uncertainty, reference, name=name).start()

    def plots(self, unit: str) -> tuple[Plot, ...]:
        """Objective, uncertainty and energy of the best."""
        return (
            Plot("Objective", "1", (Trace("best", "objective"), Trace("mean of starts", "mean_objective"))),
            Plot("Uncertainty", unit, (Trace("best", "frame_uncertainty"),)),
            Plot("Energy", "meV/atom", (Trace("best", "energy_rise", 1e3),)),
        )
