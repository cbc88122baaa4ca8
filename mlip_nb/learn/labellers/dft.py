"""Density-functional theory by a periodic code of this machine."""

import tempfile
from typing import Annotated, Literal

import annotated_types
import numpy as np

from ...errors import InputError
from ...params import Energy, InverseLength, UserPath
from ...system import System, to_ase
from ._base import AbstractOracle, Labeller, OfCalculator, labellers
from ._codes import CODES, AbstractCode, Settings

_ADVICE = (
    "install one (Debian: quantum-espresso and quantum-espresso-data; conda: qe or gpaw), or give an ASE calculator"
)


@labellers.register("dft")
class DFT(Labeller):
    """Density-functional theory with PBE and periodic boundaries, by the first code that is found.

    Cutoffs and k points are yours to converge. Pseudopotentials that Debian ships are examples, not for production.
    """

    code: Literal["auto", "espresso", "gpaw", "abinit", "cp2k"] = "auto"
    """Which code; auto takes the first of these that is there."""
    cutoff: Annotated[Energy, annotated_types.Gt(0)] | None = None
    """Kinetic energy of the largest plane wave; of CP2K that of its finest grid. 500 eV, or 400 Ry of CP2K, when not
    given."""
    k_spacing: InverseLength = 0.25
    """Distance of k points, 2π included."""
    smearing: Annotated[Energy, annotated_types.Gt(0)] = 0.1
    """Width of occupations."""
    pseudopotentials: UserPath | None = None
    """Folder of pseudopotentials; where the code's package puts them when not given."""
    command: str | None = None
    """How the code is started, such as `mpirun -n 4 pw.x`; its usual name when not given."""

    def build(self) -> AbstractOracle:
        """**Raises:** `InputError` when no code, or not that one, is on this machine."""
        settings = Settings(self.cutoff, self.k_spacing, self.smearing, self.pseudopotentials, self.command)
        wanted = list(CODES) if self.code == "auto" else [self.code]
        found = next((name for name in wanted if CODES[name](settings).is_there()), None)
        if found is None:
            tried = ", ".join(f"{name} ({CODES[name].program})" for name in wanted)
            raise InputError(f"labeller dft: no code is on this machine; looked for {tried}: {_ADVICE}")
        code = CODES[found](settings)
        return _OfCode(code, f"{found} {self._about(code.cutoff)}")

    def _about(self, cutoff: float) -> str:
        """Settings on which labels depend."""
        potentials = "its own pseudopotentials" if self.pseudopotentials is None else str(self.pseudopotentials)
        return f"{cutoff:g} eV, {self.k_spacing:g}/Å, smearing {self.smearing:g} eV, {potentials}"


class _OfCode(AbstractOracle):
    """A calculation in a folder of its own, which is left behind by nobody."""

    def __init__(self, code: AbstractCode, about: str):
        self._code, self.about = code, about

    def labels(self, system: System) -> tuple[float, np.ndarray, np.ndarray | None]:
        """With a grid of k points for this cell.

        **Raises:** `InputError` for a structure that is not periodic along all directions.
        """
        if not all(system.pbc):
            raise InputError("labeller dft needs a structure that is periodic along all directions; take xtb")
        with tempfile.TemporaryDirectory(prefix="mlip-dft-") as folder:
            calculator = self._code.calculator(to_ase(system), folder)
            return OfCalculator(calculator).labels(system)
