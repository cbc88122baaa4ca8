"""Path-integral molecular dynamics."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from ..errors import InputError
from ..params import Mass
from ..path_integrals import Dynamics, LocalPILE, RingPolymer, Rings, largest_spread, stiffest_vibration
from ..potentials import AbstractPotential
from ..schedule import Ladder, Schedule
from ..simulate import AbstractIntegrator, Frame, Selection, held, selected
from ..system import System, check
from ._base import workflows
from ._frames import quantum_variables_of
from ._plots import Plot, Trace
from .md import MD

if TYPE_CHECKING:
    import xarray as xr

    from ._run import Run

_MANY = 240
"""Beads of a simulation that is only asked whether it could be: every action can divide them."""


@workflows.register("pimd")
class PIMD(MD):
    """Path-integral molecular dynamics: atoms as ring polymers of beads, whose averages are those of quantum nuclei.

    Positions, velocities and forces are those of centroids, energies and stress quantum averages.
    """

    ensemble: Rings = LocalPILE()
    """How ring polymers move: sampled (pile-l, pile-g) or in real time (rpmd, trpmd, pa-cmd)."""
    isotopes: tuple[Mass, ...] = ()
    """Other masses that atoms might have: what beads would do then is stored; each costs as much as energies."""
    substituted: Selection = ()
    """Atoms that change their mass to that of an isotope: indices, ranges or symbols; all without it."""

    def prepare(self, system: System, potential: AbstractPotential, /) -> None:
        """Refuse what `MD` refuses, estimators that the potential cannot give, and isotopes of atoms held in place."""
        check(system)
        self.ensemble.check(potential)
        if self.substituted and not self.isotopes:
            raise InputError(f"substituted: {','.join(self.substituted)} need other masses; give isotopes, too")
        fixed = held(system, self.frozen).mobile
        if fixed is not None and (still := self._substitutes(system) & ~np.asarray(fixed)).any():
            raise InputError(f"substituted: atom {still.argmax()} is held in place and has no beads; leave it out")
        if self.walls and self.ensemble.cheap:
            raise InputError("walls do not go with a cheap potential beside the accurate one; leave out walls or cheap")
        if self.monitoring.monitor is not None and not self.ensemble.store_beads:
            raise InputError("a monitor judges every bead; give store_beads (--store-beads), too")
        super().prepare(system, potential)

    def identity(self, system: System, /) -> Mapping[str, object]:
        """That of dynamics, and which cheap potential there is."""
        cheap = self.ensemble.cheap
        return {**super().identity(system), **({"cheap_fingerprint": cheap.build().fingerprint} if cheap else {})}

    def check_same(self, path: Path, past: "xr.Dataset", system: System, /) -> None:
        """**Raises:** `InputError` as dynamics, and for another cheap potential."""
        super().check_same(path, past, system)
        if past.attrs.get("cheap_fingerprint") != self.identity(system).get("cheap_fingerprint"):
            raise InputError(f"{path} was made with another cheap potential; use that one, with the file it had")

    def constants(self, system: System, /) -> Mapping[str, object]:
        """Those of dynamics, and what the isotopes are."""
        isotopes = {"isotope_mass": np.array(self.isotopes), "substituted": self._substitutes(system)}
        return {**super().constants(system), **(isotopes if self.isotopes else {})}

    def settled(self, system: System, potential: AbstractPotential) -> tuple["PIMD", str]:
        """The same with a number of beads, and what is expected of them where they were not given.

        The structure is relaxed, and its stiffest vibration decides.
        """
        if self.ensemble.beads != "auto":
            return self, ""
        check(system)
        potential.check(system)
        # What no number of beads would cure is refused before the structure is relaxed.
        self.replace(beads=_MANY)._integrator(system)
        choice = self.ensemble.beads_for(stiffest_vibration(system, potential), self._coldest)
        return self.replace(beads=choice.beads), str(choice)

    def plots(self, system: System, /) -> tuple[Plot, ...]:
        """Those of dynamics, and both estimators of the kinetic energy."""
        scale = 1e3 / len(system.numbers)
        estimators = (
            Trace("virial", "kinetic_energy", scale, averaged=True),
            Trace("primitive", "primitive_kinetic_energy", scale, averaged=True),
        )
        return (*super().plots(system), Plot("Quantum kinetic energy", "meV/atom", estimators))

    @property
    def _coldest(self) -> float:
        """k_B T, eV: the lowest of a schedule or of replicas."""
        target = self.ensemble.controls()["temperature"]
        return min(target.values) if isinstance(target, (Ladder, Schedule)) else target

    def _moved_by(self, potential: AbstractPotential) -> AbstractPotential:
        """In two parts where there is a cheap one."""
        return self.ensemble.corrected(potential)

    def _integrator(self, system: System) -> AbstractIntegrator:
        """With the masses that are observed besides those of the system."""
        integrator = super()._integrator(system)
        if not self.isotopes:
            return integrator
        if self.ensemble.cheap:
            raise InputError("isotopes are compared in one potential; leave out cheap")
        if isinstance(self.ensemble, Dynamics) or not isinstance(integrator, RingPolymer):
            raise InputError("isotopes are compared at constant volume and temperature; take pile-l or pile-g")
        if integrator.action.order > 2:
            raise InputError("isotopes compare rings of the primitive action; leave out the action of fourth order")
        return dataclasses.replace(integrator, scaled_masses=jnp.asarray(self._masses(system)))

    def _masses(self, system: System) -> Float[np.ndarray, "isotopes atoms"]:
        """Of the system, and with each of the isotopes in it."""
        own = np.asarray(system.masses, float)
        return np.where(self._substitutes(system), np.array(self.isotopes)[:, None], own)

    def _substitutes(self, system: System) -> Bool[np.ndarray, " atoms"]:
        """True for atoms that change their mass."""
        everybody = np.full(len(system.numbers), bool(self.isotopes))
        return selected(system, self.substituted, "substituted") if self.substituted else everybody

    def _variables(self, frames: Frame, system: System, freedom: int) -> dict[str, np.ndarray]:
        return quantum_variables_of(frames, system, self.timestep, freedom)

    def _estimated_skin(self, system: System, potential: AbstractPotential) -> float:
        """What classical atoms need, and twice as far as a bead may be from its centroid."""
        masses = np.vstack([np.asarray(system.masses, float), *(self._masses(system) if self.isotopes else ())])
        spread = largest_spread(masses.min(axis=0), self._coldest, self.ensemble.count)
        return super()._estimated_skin(system, potential) + (2 * spread if potential.cutoff else 0.0)

    def _make_run(self, subject: System, potential: AbstractPotential, **options: object) -> "Run":
        workflow, _ = self.settled(subject, potential)
        return MD._make_run(workflow, subject, potential, **options)
