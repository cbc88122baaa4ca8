"""`%mlip isotope`: free energies, fractionation and equilibrium isotope effects."""

from typing import Annotated, Any

import numpy as np

from ...errors import InputError
from ...params import Mass, Share, UserPath, WallTime
from ...system import System
from ...viewers import LiveViewer
from ...workflows import CHECKPOINT_SECONDS, PIMD
from ...workflows._isotope import isotope_effect
from ..session import Session
from ._base import Command, Positional, commands
from ._potential import PotentialChoice, potential_for
from ._running import follow
from ._show import show
from ._structure import Loading, Structure, system_of


@commands.register("isotope")
class Isotope(Command):
    """What isotopes of an element change: path integrals for each mass, and free energies between them.

    Ratios of partition functions are heavy over light, of all atoms and for one of them (the fractionation ratio),
    without the classical part: classical nuclei give 1. Four routes are compared: scaled coordinates from the
    lighter mass, from the heavier one, from both (BAR), and integration over the mass. An interrupt (Ctrl-C) ends it
    and keeps what was computed.
    """

    structure: Annotated[Structure, Positional("STRUCTURE")]
    """A variable (ase.Atoms, System, or a Dataset: its last frame), a file, or a name such as Si."""
    loading: Loading
    masses: tuple[Mass, ...]
    """Masses to compare, two or more; each has a run."""
    element: str | None = None
    """Element whose atoms change their mass; not needed where there is one only, or where --substituted names atoms."""
    reference: Structure | None = None
    """Another structure: the equilibrium isotope effect is that of STRUCTURE over this one."""
    potential: PotentialChoice = None
    """What gives the forces: a name, a .safetensors file, or a variable that holds a potential or an ASE calculator."""
    workflow: PIMD
    discard: Share = 0.2
    """Part of the frames, at the start, that is left out."""
    save: UserPath | None = None
    """Folder for the store of each run."""
    overwrite: bool = False
    """Replace stores that exist."""
    resume: bool = False
    """Complete the runs in the folder."""
    checkpoint_every: WallTime = CHECKPOINT_SECONDS
    """Wall time from one checkpoint of a saved run to the next."""
    panel: bool = True
    """Show the live panel of each run; without it there is a line of text."""
    viewer: LiveViewer = "mlip"
    """What shows the structure while a run goes on."""
    plot: bool = True
    """Draw fractionation ratios against the mass."""

    def execute(self, session: Session) -> Any:
        """The Dataset; runs are shown one after another, then a table and a picture."""
        system = system_of(self.structure, self.loading)
        potential, remark = potential_for(self.potential, system, session)
        if remark:
            self.say(remark)
        data = isotope_effect(
            system,
            potential,
            self.masses,
            self.workflow,
            substituted=self._substituted(system),
            reference=None if self.reference is None else system_of(self.reference, Loading()),
            follow=lambda run: follow(run, session, viewer=self.viewer, quiet=self.quiet, live=self.panel),
            tell=self.say,
            **{name: getattr(self, name) for name in ("discard", "save", "overwrite", "resume", "checkpoint_every")},
        )
        self.say(data.mlip.summary())
        if self.plot and session.in_notebook and not self.quiet:
            show(data.mlip.plot(), session)
        return data if session.in_notebook else None

    def _substituted(self, system: System) -> tuple[str, ...]:
        """As a selection.

        **Raises:** `InputError` for both ways of naming atoms, or none where there are several elements.
        """
        named, elements = self.workflow.substituted, list(dict.fromkeys(system.symbols))
        there = ", ".join(elements)
        if self.element and named:
            raise InputError(f"give --element ({self.element}) or --substituted ({','.join(named)}), not both")
        if self.element and self.element not in system.symbols:
            raise InputError(f"--element: no atom is {self.element}; the structure has {there}")
        if not (self.element or named) and len(elements) > 1:
            raise InputError(f"--element: say which of {there} changes its mass")
        return named or _moving(system, self.element or elements[0])


def _moving(system: System, element: str) -> tuple[str, ...]:
    """The atoms of an element that are not held in place; its symbol where none is."""
    if system.mobile is None:
        return (element,)
    pairs = zip(system.symbols, np.asarray(system.mobile), strict=True)
    return tuple(str(atom) for atom, (symbol, moves) in enumerate(pairs) if moves and symbol == element)
