"""What a relaxation moves: atoms, the cell, or both, and what symmetry makes of it."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ..potentials import AbstractPotential
from ..system import System
from .surface import Surface
from .symmetry import Symmetry

Vector = Float[Array, " coordinates"]
_ROUNDING = 8
"""Units in the last place that mean nothing, of an energy."""


class Point(eqx.Module):
    """One structure on the way."""

    x: Vector
    """Å: positions before the cell is deformed, then its deformation U times `stiff`."""
    value: Float[Array, ""]
    """Enthalpy, eV."""
    rounding: Float[Array, ""]
    """How far it may be off in the precision that it was computed in, eV."""
    slope: Vector
    """Of what may move, eV/Å."""
    force: Float[Array, ""]
    """Longest force on an atom that may move, eV/Å."""
    stress: Float[Array, ""]
    """Largest component of the stress that the pressure does not balance, eV/Å³; zero in a fixed cell."""


class Coordinates(eqx.Module):
    r"""Positions $r = (1 + U)\,\tilde r$ in a cell with the lattice vectors $(1 + U)\,h_0$, U symmetric."""

    cell: Float[Array, "3 3"]
    mobile: Bool[Array, " atoms"]
    deforms: Bool[Array, ""]
    pressure: Float[Array, ""]
    """eV/Å³."""
    symmetry: Symmetry | None
    line: Float[Array, "3"] | None
    """Of length one: atoms move along it only, and the cell stretches along it only; None: everywhere."""

    @classmethod
    def of(
        cls,
        system: System,
        *,
        atoms: bool = True,
        cell: bool = False,
        pressure: float = 0.0,
        symmetric: bool = False,
        line: Float[np.ndarray, "3"] | None = None,
    ) -> "Coordinates":
        """Atoms that the structure holds stay where the cell carries them.

        **Raises:** `InputError` for symmetry where directions are not periodic.
        """
        free = np.ones(len(system.numbers), bool) if system.mobile is None else np.asarray(system.mobile)
        return cls(
            cell=system.cell,
            mobile=jnp.asarray(free & atoms),
            deforms=jnp.asarray(cell),
            pressure=jnp.asarray(float(pressure)),
            symmetry=Symmetry.of(system) if symmetric else None,
            line=None if line is None else jnp.asarray(line),
        )

    def start(self, system: System) -> Vector:
        """Where the structure is, in the cell that the coordinates have."""
        return jnp.concatenate([system.positions.ravel(), jnp.zeros(9, system.positions.dtype)])

    def place(self, x: Vector) -> tuple[Float[Array, "atoms 3"], Float[Array, "3 3"]]:
        """Positions and cell."""
        deformation = self._deformation(x)
        return x[:-9].reshape(-1, 3) @ deformation.T, self.cell @ deformation.T

    def point(self, surface: Surface, x: Vector) -> Point:
        """Enthalpy and its slopes there."""
        positions, cell = self.place(x)
        energy, forces, strain = surface.measure(positions, cell)
        volume = jnp.abs(jnp.linalg.det(cell))
        forces, strain = self._along(forces, strain + self.pressure * volume * jnp.eye(3, dtype=cell.dtype))
        deformation = self._deformation(x)
        value = energy + self.pressure * volume
        by_positions, by_deformation = self._allowed(-forces @ deformation, strain @ jnp.linalg.inv(deformation).T)
        return Point(
            x=x,
            value=value,
            rounding=_resolution(surface.potential, value.dtype) * jnp.maximum(jnp.abs(value), 1),
            slope=jnp.concatenate([by_positions.ravel(), by_deformation.ravel() / self.stiff]),
            force=jnp.sqrt(jnp.max(jnp.sum(jnp.where(self.mobile[:, None], forces, 0) ** 2, axis=1))),
            # Without a volume nothing deforms.
            stress=jnp.where(self.deforms, self._largest(strain) / jnp.where(volume > 0, volume, 1), 0),
        )

    def _largest(self, strain: Float[Array, "3 3"]) -> Float[Array, ""]:
        # Along a line there is one component, however the line is turned.
        return jnp.max(jnp.abs(strain)) if self.line is None else jnp.sqrt(jnp.sum(strain**2))

    @property
    def stiff(self) -> float:
        """Å: what makes a coordinate of the cell about as stiff as one of an atom, for its stiffness is extensive."""
        return float(np.sqrt(len(self.mobile)))

    def _deformation(self, x: Vector) -> Float[Array, "3 3"]:
        return jnp.eye(3, dtype=x.dtype) + x[-9:].reshape(3, 3) / self.stiff

    def _along(self, forces, strain):
        """What acts along the line, if there is one."""
        if self.line is None:
            return forces, strain
        return jnp.outer(forces @ self.line, self.line), self.line @ strain @ self.line * jnp.outer(
            self.line, self.line
        )

    def _allowed(self, by_positions, by_deformation):
        """Slopes of what may move, in the symmetry of the start; symmetric, for rotations change nothing."""
        by_deformation = jnp.where(self.deforms, by_deformation + by_deformation.T, 0) / 2
        if self.symmetry is not None:
            by_positions = self.symmetry.vectors(by_positions)
            by_deformation = self.symmetry.tensor(by_deformation)
        return jnp.where(self.mobile[:, None], by_positions, 0), by_deformation


def _resolution(potential: AbstractPotential, dtype) -> float:
    """Of energies, as a share; in mixed precision those of atoms are of single precision."""
    single = potential.spec.precision != "float64"
    return _ROUNDING * float(jnp.finfo(jnp.float32 if single else dtype).eps)
