"""Averages that a design may be asked for: of energies, pressures, volumes and distances at a temperature."""

from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from .. import units
from ..errors import InputError
from .pairs import EDGE

if TYPE_CHECKING:
    from .material import Material


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


def radial_distribution(x: "Material", radii: Any, width: float = EDGE) -> Float[Array, " radii"]:
    """The mean of `pair_distribution` at the temperature.

    **Raises:** `InputError` for distances beyond the reach of the potential.
    """
    return x.ensemble.tell("radial_distribution", x.average_of(lambda one: one.pair_distribution(radii, width)))


def _mean(x: "Material", name: str) -> Array:
    return x.average_of(lambda one: getattr(one, name))


def _need_free_volume(x: "Material", name: str) -> None:
    if x.ensemble.samples.cells is None:
        raise InputError(f"{name}: the volume is held; take --hold pressure")
