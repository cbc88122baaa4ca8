"""What all barostats share: the target, the strains that are free, and how a cell and its atoms follow a strain.

Strains are matrices that multiply lattice vectors and positions, both rows, from the right: h' = h exp(ε).
"""

from typing import Annotated, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from pydantic import model_validator

from .. import units
from ..errors import InputError
from ..params import Duration, Live, Pressure, TargetPressure
from ..system import System
from ._base import AbstractIntegrator, Ensemble, MDState

Coupling = Literal["isotropic", "anisotropic", "triclinic"]
_STRAINS: dict[Coupling, int] = {"isotropic": 1, "anisotropic": 3, "triclinic": 6}
_SHORTEST = 10
"""Steps a pressure time must have at least."""
_TERMS = 8
"""Terms of the exponential series: exact to 1e-16 for strains below 0.05 in one step."""


class Load(eqx.Module):
    """What pulls at a cell, and which of its strains are free."""

    coupling: Coupling = eqx.field(static=True)
    stress: tuple[float, ...] = eqx.field(static=True)
    """Beyond the pressure, eV/Å³, tension positive: xx, yy, zz, yz, xz, xy."""

    @property
    def strains(self) -> int:
        """How many strains are free."""
        return _STRAINS[self.coupling]

    @property
    def shears(self) -> bool:
        """True when angles of the cell are free."""
        return self.coupling == "triclinic"

    @property
    def hydrostatic(self) -> bool:
        """True when only the size of the cell is free."""
        return self.coupling == "isotropic"

    def free(self, tensor: Float[Array, "3 3"]) -> Float[Array, "3 3"]:
        """The part of a symmetric tensor along the free strains."""
        if self.coupling == "triclinic":
            return 0.5 * (tensor + tensor.T)
        diagonal = jnp.diagonal(tensor)
        return jnp.diag(diagonal if self.coupling == "anisotropic" else jnp.full_like(diagonal, diagonal.mean()))

    def tensor(self, dtype) -> Float[Array, "3 3"]:
        """The stress beyond the pressure as a matrix, eV/Å³."""
        xx, yy, zz, yz, xz, xy = self.stress
        return jnp.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]], dtype)


class AbstractBarostat(AbstractIntegrator):
    """An integrator under a load."""

    load: eqx.AbstractVar[Load]
    changes_cell: ClassVar[bool] = True

    @property
    def shears(self) -> bool:
        """As the coupling says."""
        return self.load.shears

    @property
    def hydrostatic(self) -> bool:
        """As the coupling says."""
        return self.load.hydrostatic


class Deformation(eqx.Module):
    """What the strain of one step does to a cell, and to what is in it."""

    strain: Float[Array, "3 3"]
    cell: Float[Array, "3 3"]
    """Afterwards."""
    stretch: Float[Array, "3 3"]
    """Positions that the cell carries along, columns, are multiplied by this;"""
    shrink: Float[Array, "3 3"]
    """their momenta by this;"""
    turn: Float[Array, "3 3"]
    """and by this, a rotation, what only keeps its place in the frame of the cell."""

    @classmethod
    def of(cls, cell: Float[Array, "3 3"], strain: Float[Array, "3 3"]) -> "Deformation":
        """By a symmetric strain."""
        stretch, shrink = exponential(strain)[0], exponential(-strain)[0]
        back = upright(cell @ stretch, cell)
        return cls(strain, cell @ stretch @ back, back.T @ stretch, back.T @ shrink, back.T)

    def work(self, before: Float[Array, "3 3"], after: Float[Array, "3 3"]) -> Float[Array, ""]:
        """Done on the potential energy, eV, of which these are the strain derivatives before and after the step.

        The strain took place between two evaluations: their mean is the derivative half way.
        """
        return 0.5 * jnp.sum(self.strain * (before + self.turn.T @ after @ self.turn))


def volume(cell: Float[Array, "3 3"]) -> Float[Array, ""]:
    """Å³."""
    return jnp.abs(jnp.linalg.det(cell))


def flow(momenta: Float[Array, "3 atoms"], masses: Float[Array, " atoms"]) -> Float[Array, "3 3"]:
    """Σ p p/m, eV: the kinetic part of the inner pressure times the volume."""
    return (momenta / masses) @ momenta.T


def exponential(matrix: Float[Array, "3 3"]) -> tuple[Float[Array, "3 3"], Float[Array, "3 3"]]:
    r"""$e^A$ and its mean $\int_0^1 e^{sA}\,ds$ for a small matrix.

    A series rather than eigenvectors: a dozen products of 3 × 3 matrices, on any device.
    """
    one = jnp.eye(3, dtype=matrix.dtype)
    mean = one
    for k in range(_TERMS, 1, -1):
        mean = one + matrix @ mean / k
    return one + matrix @ mean, mean


def upright(cell: Float[Array, "3 3"], before: Float[Array, "3 3"]) -> Float[Array, "3 3"]:
    """The rotation that turns a cell back: its a vector along that of the cell `before`, b in the same plane.

    Symmetric strains in a row amount to a rotation, which nothing holds back.
    """
    return _frame(cell).T @ _frame(before)


def refuse_held(state: MDState) -> None:
    """Raises `InputError` when atoms are held in place: a cell that moves would carry them along."""
    if state.mobile is not None:
        raise InputError("atoms are held in place, and a changing cell would move them; choose a constant volume")


class Pressurised(Ensemble):
    """The settings that all ensembles with a changing cell have."""

    pressure: Annotated[TargetPressure, Live(-5, 20)] = 0.0
    """Target pressure; compression positive."""
    coupling: Coupling = "isotropic"
    """What of the cell may change: its size, the three lengths of a rectangular cell, or all lengths and angles."""
    stress: tuple[Pressure, ...] | None = None
    """Target stress beyond the pressure, GPa, tension positive: xx,yy,zz or, for triclinic, xx,yy,zz,yz,xz,xy."""
    pressure_time: Duration = 1000.0
    """How slowly the cell answers; ten steps at least."""

    @model_validator(mode="after")
    def _stress_suits_coupling(self) -> "Pressurised":
        if self.stress is None:
            return self
        given = f"{len(self.stress)} stress components"
        if self.coupling == "isotropic":
            raise ValueError("isotropic coupling knows no stress; give a pressure, or take coupling triclinic")
        if self.coupling == "anisotropic" and len(self.stress) != 3:
            raise ValueError(f"{given} for anisotropic coupling; give three (xx, yy, zz), or take triclinic")
        if self.coupling == "triclinic" and len(self.stress) != 6:
            raise ValueError(f"{given} for triclinic coupling; give six (xx, yy, zz, yz, xz, xy)")
        return self

    @property
    def load(self) -> Load:
        """The target in internal units."""
        stress = tuple(units.to_internal(value, "GPa") for value in self.stress or ())
        return Load(self.coupling, stress + (0.0,) * (6 - len(stress)))

    def prepare(self, system: System, timestep: float) -> None:
        """Raises `InputError` for a system that cannot be pressed on, and for a barostat that is too fast."""
        if not all(system.pbc):
            loose = ", ".join(axis for axis, periodic in zip("abc", system.pbc, strict=True) if not periodic)
            raise InputError(
                f"pressure needs a cell periodic along a, b and c, and it is not along {loose}; "
                "set pbc=True, or choose an ensemble of constant volume"
            )
        cell = np.asarray(system.cell)
        if self.coupling == "anisotropic" and np.any(cell != np.diag(np.diagonal(cell))):
            raise InputError(
                f"anisotropic coupling needs lattice vectors along x, y and z, and they are {cell.tolist()}; "
                "take coupling triclinic, or a rectangular cell"
            )
        shortest = _SHORTEST * units.from_internal(timestep, "fs")
        if self.pressure_time < shortest * (1 - 1e-9):
            raise InputError(
                f"pressure_time {self.pressure_time:g} fs is shorter than {_SHORTEST} steps; "
                f"take {shortest:g} fs at least, a hundred times that as a rule"
            )


def _frame(cell: Float[Array, "3 3"]) -> Float[Array, "3 3"]:
    """Orthonormal rows: along a, across it towards b, and normal to both."""
    a, b, _ = cell
    first = a / jnp.linalg.norm(a)
    across = b - (b @ first) * first
    second = across / jnp.linalg.norm(across)
    return jnp.stack([first, second, jnp.cross(first, second)])
