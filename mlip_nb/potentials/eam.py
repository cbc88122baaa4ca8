"""Embedded-atom potentials from files."""

from pathlib import Path
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from pydantic import field_validator

from . import _setfl
from ._embedded import AbstractEmbeddedAtom
from ._spec import PotentialSpec, potentials
from ._tables import stored


class Spline(eqx.Module):
    """Cubic splines through equally spaced values from zero on, twice continuously differentiable."""

    coefficients: Float[Array, "4 *tables intervals"]
    """Highest power first, of the distance from the beginning of the interval."""
    step: float = eqx.field(static=True)

    def __call__(self, x: Float[Array, "*points"], *table: Int[Array, "*points"]) -> Float[Array, "*points"]:
        """The value at `x` of the spline that `table` picks for each point."""
        last = self.coefficients.shape[-1] - 1
        interval = jnp.floor(x * (1 / self.step)).clip(0, last)
        picked = interval.astype(jnp.int32)
        if self.coefficients.size == 4 * (last + 1):
            table = tuple(jnp.zeros_like(picked) for _ in table)
        cubic, square, slope, value = (
            row.at[(*table, picked)].get(mode="promise_in_bounds") for row in self.coefficients
        )
        t = x - interval * self.step
        return ((cubic * t + square) * t + slope) * t + value


class EmbeddedAtom(AbstractEmbeddedAtom):
    """Tabulated functions through cubic splines; above the last tabulated density the energy is a straight line."""

    pair: Spline
    """Pair energy times distance."""
    charge: Spline
    """Density."""
    embed: Spline
    ceiling: Float[Array, ""]
    """The last tabulated density."""
    beyond: Float[Array, " species"]
    """Slope of the embedding energy there, eV."""
    cutoff: float = eqx.field(static=True)
    spec: "EAMSpec" = eqx.field(static=True)

    def pair_energy(
        self, r2: Float[Array, "*edges"], own: Int[Array, "*edges"], other: Int[Array, "*edges"]
    ) -> Float[Array, "*edges"]:
        """As tabulated."""
        r = jnp.sqrt(r2)
        return self.pair(r, own, other) / r

    def density(
        self, r2: Float[Array, "*edges"], own: Int[Array, "*edges"], other: Int[Array, "*edges"]
    ) -> Float[Array, "*edges"]:
        """As tabulated."""
        return self.charge(jnp.sqrt(r2), own, other)

    def embedding(self, density: Float[Array, " atoms"], species: Int[Array, " atoms"]) -> Float[Array, " atoms"]:
        """As tabulated."""
        tabulated = density.clip(0, self.ceiling)
        return self.embed(tabulated, species) + self.beyond[species] * (density - tabulated).clip(0)


@potentials.register("eam")
class EAMSpec(PotentialSpec):
    """Embedded atom: metals and alloys, from a setfl (.eam.alloy, .eam.fs) or funcfl (.eam) file.

    ??? cite "Reference"
        M. S. Daw and M. I. Baskes, *Phys. Rev. B* **29**, 6443 (1984), doi:10.1103/PhysRevB.29.6443.
    """

    origin: ClassVar[str] = "the file; form by Daw & Baskes 1984, Phys. Rev. B 29, 6443"
    licence: ClassVar[str] = "that of the file"

    file: Path
    """The setfl or funcfl file, for example from the NIST Interatomic Potentials Repository."""

    @field_validator("file")
    @classmethod
    def _readable(cls, file: Path) -> Path:
        _setfl.read(file)
        return file

    @property
    def elements(self) -> tuple[str, ...] | None:
        """The elements in the file."""
        return _setfl.read(self.file).elements

    def build(self) -> EmbeddedAtom:
        """The potential."""
        tables = _setfl.read(self.file)
        embed = _coefficients(tables.embedding, tables.density_step)
        ceiling = (tables.embedding.shape[-1] - 1) * tables.density_step
        cubic, square, slope, _ = embed[..., -1]
        beyond = (3 * cubic * tables.density_step + 2 * square) * tables.density_step + slope
        return EmbeddedAtom(
            pair=Spline(stored(_coefficients(tables.pair, tables.distance_step), self.precision), tables.distance_step),
            charge=Spline(
                stored(_coefficients(tables.density, tables.distance_step), self.precision), tables.distance_step
            ),
            embed=Spline(stored(embed, self.precision), tables.density_step),
            ceiling=stored(ceiling, self.precision),
            beyond=stored(beyond, self.precision),
            cutoff=tables.cutoff,
            spec=self,
        )


def _coefficients(values: np.ndarray, step: float) -> np.ndarray:
    """Of splines along the last axis, as `[power, tables, interval]`."""
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(step * np.arange(values.shape[-1]), values, axis=-1)
    return np.moveaxis(spline.c, 1, -1)
