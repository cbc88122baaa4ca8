"""Spectral neighbour analysis potentials (SNAP) from their published files, evaluated by LAMMPS."""

from itertools import combinations_with_replacement
from pathlib import Path
from typing import ClassVar

import jax.numpy as jnp
from ase.data import atomic_numbers
from pydantic import field_validator, model_validator

from ..params import Length
from . import _snap_files
from ._host import HostPotential
from ._lammps import LammpsHost
from ._spec import PotentialSpec, potentials


@potentials.register("snap", file_ending=".snapcoeff")
class SNAPSpec(PotentialSpec):
    """SNAP, linear or quadratic, from .snapcoeff and .snapparam files; needs LAMMPS; not differentiable.

    ??? cite "Reference"
        A. P. Thompson, L. P. Swiler, C. R. Trott, S. M. Foiles and G. J. Tucker, *J. Comput. Phys.* **285**, 316
        (2015), doi:10.1016/j.jcp.2014.12.018; the repulsion: J. F. Ziegler, J. P. Biersack and U. Littmark, *The
        Stopping and Range of Ions in Matter* (1985).
    """

    origin: ClassVar[str] = "the file; form by Thompson 2015, J. Comput. Phys. 285, 316, in LAMMPS"
    licence: ClassVar[str] = "that of the file"
    differentiable: ClassVar[bool] = False

    file: Path
    """The coefficients: a .snapcoeff file, for example of those that come with LAMMPS."""
    parameters: Path | None = None
    """The parameters: a .snapparam file; by default the one beside the coefficients."""
    zbl_inner: Length | None = None
    """Where the universal repulsion of nuclei (ZBL), for potentials fitted on top of it, begins to be switched off."""
    zbl_outer: Length | None = None
    """Where that repulsion ends."""

    @field_validator("file", "parameters")
    @classmethod
    def _expanded(cls, file: Path | None) -> Path | None:
        return file and file.expanduser()

    @model_validator(mode="after")
    def _complete(self) -> "SNAPSpec":
        self._tables()
        script = self.file.with_suffix(".snap")
        if self.zbl_inner is None and self.zbl_outer is None:
            if script.is_file() and "zbl" in script.read_text(errors="replace").lower():
                raise ValueError(f"{script} adds a ZBL repulsion; give --zbl-inner and --zbl-outer as it says")
        elif self.zbl_inner is None or self.zbl_outer is None or self.zbl_inner >= self.zbl_outer:
            raise ValueError(
                f"zbl_inner {self.zbl_inner}, zbl_outer {self.zbl_outer}: give both, the inner one smaller"
            )
        return self

    @property
    def elements(self) -> tuple[str, ...] | None:
        """Those of the coefficients."""
        return self._tables().elements

    def build(self) -> HostPotential:
        """The potential, from its files.

        **Raises:** `InputError` without LAMMPS, and with the words of LAMMPS when it refuses a file.
        """
        tables = self._tables()
        reach = max(tables.cutoff, self.zbl_outer or 0.0)
        host = LammpsHost(tables.elements, reach, self._commands(tables.elements))
        return HostPotential(host, contents=jnp.frombuffer(tables.digest, "uint8"), cutoff=0.0, spec=self)

    def _tables(self) -> _snap_files.Tables:
        return _snap_files.read(self.file, self._parameter_file)

    @property
    def _parameter_file(self) -> Path:
        return self.parameters or self.file.with_suffix(".snapparam")

    def _commands(self, elements: tuple[str, ...]) -> list[str]:
        files = f'"{self.file.absolute()}" "{self._parameter_file.absolute()}" {" ".join(elements)}'
        if self.zbl_outer is None:
            return ["pair_style snap", f"pair_coeff * * {files}"]
        nuclei = enumerate((atomic_numbers[symbol] for symbol in elements), start=1)
        return [
            f"pair_style hybrid/overlay zbl {self.zbl_inner} {self.zbl_outer} snap",
            f"pair_coeff * * snap {files}",
            *(f"pair_coeff {i} {j} zbl {a} {b}" for (i, a), (j, b) in combinations_with_replacement(nuclei, 2)),
        ]
