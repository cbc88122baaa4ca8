"""Path-integral molecular dynamics."""

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..path_integrals import LocalPILE, Rings, beads_needed, largest_spread, stiffest_vibration
from ..potentials import AbstractPotential
from ..results.storage import AbstractStore
from ..schedule import Ladder, Schedule
from ..simulate import Frame
from ..system import System, check
from ._base import Controls, workflows
from ._frames import quantum_variables_of
from ._plots import Plot, Trace
from ._update import Update
from .md import MD

if TYPE_CHECKING:
    from ._run import Run


@workflows.register("pimd")
class PIMD(MD):
    """Path-integral molecular dynamics: atoms as ring polymers of beads, whose averages are those of quantum nuclei.

    Positions, velocities and forces are those of centroids, energies and stress quantum averages.
    """

    ensemble: Rings = LocalPILE()
    """How ring polymers move: sampled (pile-l, pile-g) or in real time (rpmd, trpmd, pa-cmd)."""

    def prepare(self, system: System, potential: AbstractPotential, /) -> None:
        """Refuse what `MD` refuses, and estimators that the potential cannot give."""
        self.ensemble.check(potential)
        if self.walls and self.ensemble.cheap:
            raise InputError("walls do not go with a cheap potential beside the accurate one; leave out walls or cheap")
        super().prepare(system, self.ensemble.corrected(potential))

    def updates(
        self,
        system: System,
        potential: AbstractPotential,
        store: AbstractStore,
        controls: Controls,
        checkpoint: bytes | None = None,
        /,
    ) -> Generator[Update, None, None]:
        """Frames, by the potential in one part or two."""
        return super().updates(system, self.ensemble.corrected(potential), store, controls, checkpoint)

    def settled(self, system: System, potential: AbstractPotential) -> tuple["PIMD", str]:
        """The same with a number of beads, and what is expected of them where they were not given.

        The structure is relaxed, and its stiffest vibration decides.
        """
        if self.ensemble.beads != "auto":
            return self, ""
        check(system)
        potential.check(system)
        choice = beads_needed(stiffest_vibration(system, potential), self._coldest)
        return self.replace(beads=choice.beads), str(choice)

    def plots(self, system: System, /) -> tuple[Plot, ...]:
        """Those of dynamics, and both estimators of the kinetic energy."""
        scale = 1e3 / len(system.numbers)
        estimators = (Trace("virial", "kinetic_energy", scale), Trace("primitive", "primitive_kinetic_energy", scale))
        return (*super().plots(system), Plot("Quantum kinetic energy", "meV/atom", estimators))

    @property
    def _coldest(self) -> float:
        """k_B T, eV: the lowest of a schedule or of replicas."""
        target = self.ensemble.controls()["temperature"]
        return min(target.values) if isinstance(target, (Ladder, Schedule)) else target

    def _variables(self, frames: Frame, system: System, freedom: int) -> dict[str, np.ndarray]:
        return quantum_variables_of(frames, system, self.timestep, freedom)

    def _estimated_skin(self, system: System, potential: AbstractPotential) -> float:
        """What classical atoms need, and twice as far as a bead may be from its centroid."""
        spread = largest_spread(np.asarray(system.masses, float), self._coldest, self.ensemble.count)
        return super()._estimated_skin(system, potential) + (2 * spread if potential.cutoff else 0.0)

    def _make_run(self, subject: System, potential: AbstractPotential, **options: object) -> "Run":
        workflow, _ = self.settled(subject, potential)
        return MD._make_run(workflow, subject, potential, **options)
