"""What a design has by its elastic constants."""

from functools import cached_property

import jax.numpy as jnp
from jaxtyping import Array, Float

from .. import units
from ..statics import Moduli, Response, moduli, response, slopes_of
from .quantity import quantity

_HILL = 2


class Stiff:
    """Quantities of a material."""

    @quantity("GPa")
    def elastic_tensor(self) -> Float[Array, "6 6"]:
        """Elastic constants with atoms that follow the strain, GPa, Voigt's notation xx yy zz yz xz xy."""
        # One atom alone has nowhere to go, and its second derivatives are all zero.
        alone = len(self._here.positions) == 1
        return units.from_internal(self._response.clamped if alone else self._response.relaxed, "GPa")

    @quantity("GPa")
    def bulk_modulus(self) -> Float[Array, ""]:
        """Resistance to hydrostatic pressure, GPa: of a crystal that is not cubic its compliances are summed."""
        return 1 / jnp.sum(jnp.linalg.inv(self.elastic_tensor)[:3, :3])

    @quantity("GPa")
    def shear_modulus(self) -> Float[Array, ""]:
        """Of a polycrystal, GPa: the mean of the bounds of Voigt and Reuss."""
        return self._moduli.shear[_HILL]

    @quantity("GPa")
    def young_modulus(self) -> Float[Array, ""]:
        """Of a polycrystal, GPa."""
        return 9 * self.bulk_modulus * self.shear_modulus / (3 * self.bulk_modulus + self.shear_modulus)

    @quantity("1")
    def poisson_ratio(self) -> Float[Array, ""]:
        """Of a polycrystal."""
        bulk, shear = self.bulk_modulus, self.shear_modulus
        return (3 * bulk - 2 * shear) / (2 * (3 * bulk + shear))

    @property
    def _moduli(self) -> Moduli:
        return moduli(self.elastic_tensor)

    @cached_property
    def _response(self) -> Response:
        return response(slopes_of(self._energy_at), self._here.positions, self._here.cell)
