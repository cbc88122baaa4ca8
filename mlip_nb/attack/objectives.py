"""What an attack makes as large as it can."""

import abc
from typing import Annotated, ClassVar

import annotated_types
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..params import Params, Temperature
from ..registry import Registry

objectives: Registry["Objective"] = Registry("objective", "mlip_nb.attack")
"""Every objective known by name."""

_NOTHING = 1e-30
"""What keeps logarithms finite where there is no uncertainty."""


class Measured(eqx.Module):
    """What is known of a perturbed structure."""

    uncertainty: Float[Array, "*starts atoms"]
    energy: Float[Array, "*starts"]
    """Since the structure that is attacked, eV."""
    closest: Float[Array, "*starts"]
    """Shortest distance over the sum of covalent radii."""
    stretch: Float[Array, "*starts"]
    """Largest change of a bond, relative to its length."""

    @property
    def mean_square(self) -> Float[Array, "*starts"]:
        """Of the uncertainty."""
        return jnp.mean(self.uncertainty**2, axis=-1)


class Objective(Params):
    """What an attack makes as large as it can."""

    registry: ClassVar[Registry] = objectives

    @abc.abstractmethod
    def value(self, measured: Measured) -> Float[Array, ""]:
        """Larger is better; without unit."""


@objectives.register("boltzmann")
class Boltzmann(Objective):
    r"""Uncertain and likely: $\ln \langle\sigma^2\rangle - \ln(1 + e^{\Delta E/k_B T})$, the logarithm of a product.

    Where energy is gained nothing is gained by it, as with $\max(0, \Delta E)/k_B T$, but without the edge at zero on
    which steps get stuck.

    ??? cite "Reference"
        D. Schwalbe-Koda, A. R. Tan, R. Gómez-Bombarelli, *Nat. Commun.* **12**, 5104 (2021),
        doi:10.1038/s41467-021-25342-8
    """

    temperature: Temperature = 1000.0
    """At which structures are likely: the higher, the more energy an attack may cost."""

    def value(self, measured: Measured) -> Float[Array, ""]:
        """Both terms."""
        cost = jax.nn.softplus(measured.energy / self.internal("temperature"))
        return jnp.log(measured.mean_square + _NOTHING) - cost


@objectives.register("uncertainty")
class Uncertain(Objective):
    r"""Uncertain, whatever it costs: $\ln \langle\sigma^2\rangle$."""

    def value(self, measured: Measured) -> Float[Array, ""]:
        """The logarithm."""
        return jnp.log(measured.mean_square + _NOTHING)


@objectives.register("destroy")
class Destroy(Objective):
    """The highest energy within the bounds."""

    def value(self, measured: Measured) -> Float[Array, ""]:
        """In eV."""
        return measured.energy


@objectives.register("stabilise")
class Stabilise(Objective):
    """The lowest energy within the bounds: holes of a potential, where there should be none."""

    def value(self, measured: Measured) -> Float[Array, ""]:
        """In eV."""
        return -measured.energy


@objectives.register("target")
class Target(Objective):
    r"""An error of a chosen size, $-\ln^2(\sqrt{\langle\sigma^2\rangle}/\sigma^*)$: neither known already nor absurd.

    ??? cite "Reference"
        calibrated adversarial geometry optimisation (CAGO), *npj Comput. Mater.* (2025)
    """

    error: Annotated[float, annotated_types.Gt(0)] = 0.2
    """The uncertainty that is wanted, eV/Å where it is calibrated."""

    def value(self, measured: Measured) -> Float[Array, ""]:
        """Zero where it is reached."""
        return -((0.5 * jnp.log(measured.mean_square + _NOTHING) - jnp.log(self.error)) ** 2)
