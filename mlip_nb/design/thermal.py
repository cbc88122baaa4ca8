"""Averages that a design may be asked for: of energies, pressures, volumes and distances at a temperature."""

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .. import units
from ..errors import InputError

if TYPE_CHECKING:
    from .material import Material

_TAIL = 3.0
"""Widths of a shell within which it counts."""


def mean_energy(x: "Material") -> Float[Array, ""]:
    """Mean potential energy of the cell at the temperature, eV."""
    return x.ensemble.tell("mean_energy", _mean(x, "energy"))


def mean_pressure(x: "Material") -> Float[Array, ""]:
    """Mean pressure at the temperature, GPa, compression positive; motion included."""
    mobile = x.ensemble.stage.system.mobile
    moving = len(x.ensemble.stage.system.numbers) if mobile is None else jnp.sum(mobile)

    def pressure(one: "Material"):
        return one.pressure + units.from_internal(moving * x.ensemble.kT / one.volume, "GPa")

    return x.ensemble.tell("mean_pressure", x.average_of(pressure))


def mean_volume(x: "Material") -> Float[Array, ""]:
    """Mean volume of the cell at the temperature and the pressure outside, Å³."""
    _need_free_volume(x, "mean_volume")
    return x.ensemble.tell("mean_volume", _mean(x, "volume"))


def expansivity(x: "Material") -> Float[Array, ""]:
    r"""Thermal expansion of the volume at the temperature, 1/K, from fluctuations:
    $\operatorname{Cov}(V, U + PV) / \langle V \rangle kT^2$."""
    _need_free_volume(x, "expansivity")

    def moments(one: "Material"):
        return jnp.stack([one.volume, one.enthalpy, one.volume * one.enthalpy])

    volume, enthalpy, product = x.average_of(moments)
    kT = x.ensemble.kT
    return x.ensemble.tell("expansivity", units.BOLTZMANN * (product - volume * enthalpy) / (volume * kT**2))


def radial_distribution(x: "Material", distances: Any, width: float) -> Float[Array, " distances"]:
    r"""$g(r)$, with atoms counted where a Gaussian of that width (Å) about r is.

    **Raises:** `InputError` for distances beyond the reach of the potential, which knows of no pairs there.
    """
    reach = float(x.ensemble.stage.table.grid.cutoff)
    # Looked at before JAX has it: where an objective is differentiated all of its arrays are without values.
    if not isinstance(distances, jax.core.Tracer) and np.max(distances) + _TAIL * width > reach * (1 + 1e-9):
        raise InputError(
            f"radial_distribution knows pairs up to the reach of the potential, {reach:.3g} Å, and "
            f"{float(np.max(distances)):.3g} Å with a width of {width:g} Å goes beyond; ask for shorter distances"
        )
    r = jnp.atleast_1d(jnp.asarray(distances, float))

    def of(one: "Material"):
        atoms = len(x.ensemble.stage.system.numbers)
        shells = jnp.exp(-0.5 * ((r[:, None] - one.distances) / width) ** 2) / (width * (2 * jnp.pi) ** 0.5)
        return jnp.sum(shells, axis=1) * one.volume / (atoms * (atoms - 1) * 4 * jnp.pi * r**2)

    return x.ensemble.tell("radial_distribution", x.average_of(of))


def _mean(x: "Material", name: str) -> Array:
    return x.average_of(lambda one: getattr(one, name))


def _need_free_volume(x: "Material", name: str) -> None:
    if x.ensemble.samples.cells is None:
        raise InputError(f"{name}: the volume is held; take --hold pressure")
