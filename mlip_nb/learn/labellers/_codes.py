"""Periodic codes through ASE: where each is found, and the calculator of one structure."""

import abc
import importlib.util
import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from ase.units import Rydberg

from ...errors import InputError

if TYPE_CHECKING:
    import ase


@dataclass(frozen=True)
class Settings:
    """What all codes have in common."""

    cutoff: float | None
    """eV; None: the usual one of the code."""
    k_spacing: float
    """1/Å, 2π included."""
    smearing: float
    """eV."""
    pseudopotentials: Path | None
    command: str | None


class AbstractCode(abc.ABC):
    """One code."""

    program: ClassVar[str]
    """What has to be there."""
    usual_cutoff: ClassVar[float] = 500.0
    """eV."""
    library: ClassVar[str] = ""
    """Where its package puts pseudopotentials."""

    def __init__(self, settings: Settings):
        self.settings = settings

    def is_there(self) -> bool:
        """True when its program is found, or the one of the command."""
        return shutil.which((self.settings.command or self.program).split()[0]) is not None

    @abc.abstractmethod
    def calculator(self, atoms: "ase.Atoms", folder: str):
        """For one structure, with energies, forces and stress."""

    @property
    def cutoff(self) -> float:
        """eV."""
        return self.usual_cutoff if self.settings.cutoff is None else self.settings.cutoff

    @property
    def _command(self) -> str:
        return self.settings.command or self.program

    def _folder(self) -> Path:
        return self.settings.pseudopotentials or Path(self.library)


class Espresso(AbstractCode):
    """Quantum ESPRESSO."""

    program = "pw.x"
    library = "/usr/share/espresso/pseudo"

    def calculator(self, atoms, folder):
        """By pseudopotential files `Symbol.*pbe*.UPF`."""
        from ase.calculators.espresso import Espresso as Calculator
        from ase.calculators.espresso import EspressoProfile

        cutoff = self.cutoff / Rydberg
        system = {"ecutwfc": cutoff, "ecutrho": 8 * cutoff, "occupations": "smearing", "smearing": "gaussian"}
        system["degauss"] = self.settings.smearing / Rydberg
        control = {"tprnfor": True, "tstress": True}
        electrons = {"conv_thr": 1e-8 * len(atoms)}
        return Calculator(
            profile=EspressoProfile(command=self._command, pseudo_dir=str(self._folder())),
            pseudopotentials=_files(self._folder(), set(atoms.symbols), ".upf"),
            input_data={"control": control, "system": system, "electrons": electrons},
            kpts=grid(atoms.cell.array, self.settings.k_spacing),
            directory=folder,
        )


class GPAW(AbstractCode):
    """GPAW with plane waves; its data sets come with it."""

    program = "gpaw"

    def is_there(self) -> bool:
        """True when Python can import it."""
        return importlib.util.find_spec("gpaw") is not None

    def calculator(self, atoms, folder):
        """Silent."""
        from gpaw import GPAW as Calculator  # pyright: ignore[reportMissingImports] - where it is installed
        from gpaw import PW, FermiDirac  # pyright: ignore[reportMissingImports]

        kpts = grid(atoms.cell.array, self.settings.k_spacing)
        occupations = FermiDirac(self.settings.smearing)
        return Calculator(mode=PW(self.cutoff), xc="PBE", kpts=kpts, occupations=occupations, txt=None)


class Abinit(AbstractCode):
    """ABINIT."""

    program = "abinit"
    library = "/usr/share/abinit/psp"

    def calculator(self, atoms, folder):
        """Symmetries that are none of the crystal's are no reason to stop."""
        from ase.calculators.abinit import Abinit as Calculator
        from ase.calculators.abinit import AbinitProfile

        return Calculator(
            profile=AbinitProfile(self._command, pp_paths=[str(self._folder())]),
            ecut=self.cutoff,
            tsmear=self.settings.smearing,
            occopt=7,
            xc="PBE",
            kpts=grid(atoms.cell.array, self.settings.k_spacing),
            toldff=1e-5,
            chksymtnons=0,
            directory=folder,
        )


class CP2K(AbstractCode):
    """CP2K, Gaussians and plane waves; at the Γ point, so take supercells."""

    program = "cp2k_shell.psmp"
    # Of the grid for densities, which is far finer than that of orbitals.
    usual_cutoff = 400 * Rydberg

    def calculator(self, atoms, folder):
        """With the basis sets and pseudopotentials of its own data folder."""
        from ase.calculators.cp2k import CP2K as Calculator

        return Calculator(command=self._command, xc="PBE", cutoff=self.cutoff, directory=folder, label="cp2k")


CODES: dict[str, type[AbstractCode]] = {"espresso": Espresso, "gpaw": GPAW, "abinit": Abinit, "cp2k": CP2K}
"""In the order in which they are looked for."""


def grid(cell: np.ndarray, spacing: float) -> tuple[int, int, int]:
    r"""Points along the reciprocal vectors, at most `spacing` apart: $n_i = \lceil 2\pi |b_i| / \Delta k \rceil$."""
    lengths = 2 * math.pi * np.linalg.norm(np.linalg.inv(cell), axis=0)
    first, second, third = (max(1, math.ceil(length / spacing - 1e-9)) for length in lengths)
    return first, second, third


def _files(folder: Path, symbols: set[str], ending: str) -> dict[str, str]:
    """A pseudopotential of each element; those of PBE before others.

    **Raises:** `InputError` for an element without one.
    """
    there = sorted(path.name for path in folder.glob("*") if path.suffix.lower() == ending)
    chosen = {}
    for symbol in sorted(symbols):
        own = [name for name in there if name.lower().startswith((f"{symbol.lower()}.", f"{symbol.lower()}_"))]
        if not own:
            raise InputError(f"no pseudopotential {symbol}.*{ending} in {folder}; name its folder by pseudopotentials")
        chosen[symbol] = min(own, key=lambda name: (".pbe-" not in name.lower(), "rel" in name.lower(), name))
    return chosen
