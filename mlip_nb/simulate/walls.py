"""Walls: an outer potential that keeps atoms in a slab, a box or a sphere."""

from typing import Annotated, ClassVar, Literal

import jax.numpy as jnp
import numpy as np

from ..errors import InputError
from ..params import Coordinate, Energy, Length, Params, Positive
from ..potentials import AbstractPotential
from ..registry import Registry
from ..system import System
from ._barrier import AbstractBarrier, Planes, Sphere, Walled
from ._base import AbstractIntegrator
from ._momenta import Symmetry

walls: Registry["Walls"] = Registry("wall", "mlip_nb.simulate")
"""Every kind of walls known by name."""

_AXES = "xyz"


class Walls(Params):
    """What keeps atoms together where nothing is periodic."""

    registry: ClassVar[Registry] = walls

    form: Literal["harmonic", "lennard-jones"] = "harmonic"
    """A spring behind the wall, or the 9-3 potential of a half-space of Lennard-Jones particles before it."""
    strength: Annotated[Energy, Positive] = 1.0
    """Harmonic: energy one width behind the wall. Lennard-Jones: its ε."""
    width: Length = 1.0
    """Harmonic: see strength. Lennard-Jones: its σ."""

    def barrier(self, system: System) -> AbstractBarrier:
        """The walls for a system.

        **Raises:** `InputError` when they cannot stand there.
        """
        raise NotImplementedError

    def symmetry(self, system: System) -> Symmetry:
        """The rigid motions they leave free."""
        raise NotImplementedError

    def around(self, potential: AbstractPotential, system: System) -> Walled:
        """The potential inside these walls."""
        return Walled(potential, self.barrier(system))

    def check(self, system: System, integrator: AbstractIntegrator) -> None:
        """Refuse atoms behind walls, and an integrator that takes no notice of them.

        **Raises:** `InputError` that names the worst atom, or the option.
        """
        if integrator.holds_center:
            raise InputError("walls push the centre of mass, and fix_center holds it; leave one of them out")
        depths = np.asarray(self.barrier(system).depths(system.positions.T)).min(axis=0)
        worst = int(depths.argmin())
        # A spring may be found compressed, as in a run that is continued.
        if depths[worst] <= (-self.width if self.form == "harmonic" else 0):
            place = ", ".join(f"{x:.2f}" for x in np.asarray(system.positions[worst]))
            where = f"{-depths[worst]:.3g} Å behind a wall" if depths[worst] < 0 else "exactly on a wall"
            raise InputError(
                f"atom {worst} ({system.symbols[worst]}) at ({place}) Å is {where}; move the walls or the atoms"
            )


@walls.register("planes")
class PlaneWalls(Walls):
    """Planes at both ends of directions without periodic images: a slit, a channel or a box."""

    axes: tuple[Literal["x", "y", "z"], ...] = ("z",)
    """Directions that have walls across them."""
    low: Coordinate | None = None
    """Where the lower wall stands; at 0, as the cell does, when not given."""
    high: Coordinate | None = None
    """Where the upper wall stands; at the end of the cell when not given."""

    def barrier(self, system: System) -> Planes:
        """Two planes across each axis."""
        axes = tuple(_AXES.index(axis) for axis in self.axes)
        ends = jnp.array([self._ends(system, axis) for axis in axes], system.positions.dtype)
        return Planes(axes, ends, self.form, self.strength, self.width)

    def symmetry(self, system: System) -> Symmetry:
        """Free along the planes, and turning in the plane when there is but one direction across."""
        along = tuple(axis not in self.axes for axis in _AXES)
        about = tuple(set(self.axes) <= {axis} for axis in _AXES)
        return Symmetry(along, about)

    def _ends(self, system: System, axis: int) -> tuple[float, float]:
        cell, name = np.asarray(system.cell, float), _AXES[axis]
        across = np.abs(cell[:, axis]) > 1e-9 * np.linalg.norm(cell, axis=1)
        if np.any(across & np.array(system.pbc)):
            raise InputError(f"walls across {name} would cut a periodic lattice vector; set pbc=False along it")
        low = 0.0 if self.low is None else self.low
        high = float(cell[:, axis].max()) if self.high is None else self.high
        if high <= low:
            what = f"walls across {name} at {low:g} and {high:g} Å leave no room"
            raise InputError(f"{what}; give low and high, or a cell that extends along {name}")
        return low, high


@walls.register("sphere")
class SphericalWall(Walls):
    """One sphere, for clusters and drops."""

    radius: Length
    """Its radius."""
    center: tuple[Coordinate, Coordinate, Coordinate] | None = None
    """Its centre; the middle of the cell when not given, which without a cell is the origin."""

    def barrier(self, system: System) -> Sphere:
        """The sphere."""
        if any(system.pbc):
            raise InputError("a spherical wall needs a system without periodic images; set pbc=False, or take planes")
        center = jnp.array(self._center(system), system.positions.dtype)
        return Sphere(center, self.radius, self.form, self.strength, self.width)

    def symmetry(self, system: System) -> Symmetry:
        """Free to turn about the centre."""
        return Symmetry(translations=(False, False, False), center=self._center(system))

    def _center(self, system: System) -> tuple[float, float, float]:
        x, y, z = np.asarray(system.cell, float).sum(axis=0) / 2 if self.center is None else self.center
        return float(x), float(y), float(z)
