"""Live parameters that follow the clock of the simulation."""

from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..schedule import Schedule
from ._base import Controls


class Ramp(eqx.Module):
    """Straight lines between knots; constant before the first and after the last."""

    times: Float[Array, " knots"]
    """Internal units, increasing."""
    values: Float[Array, " knots"]

    def at(self, time: Float[Array, ""]) -> Float[Array, ""]:
        """The value at a time."""
        return jnp.interp(time.astype(self.times.dtype), self.times, self.values)


Script = Mapping[str, Float[Array, ""] | Ramp]
"""What is known of the live parameters before a chunk: constants and ramps, all of them traced."""


def script(values: Mapping[str, float | Schedule], dtype) -> Script:
    """Live values, internal units, as arrays that a compiled program takes."""

    def array(values):
        # Without a program compiled for it, as jnp would.
        return jax.device_put(np.asarray(values, dtype))

    def traced(value: float | Schedule):
        return Ramp(array(value.times), array(value.values)) if isinstance(value, Schedule) else array(value)

    return {name: traced(value) for name, value in values.items()}


def controls_at(script: Script, time: Float[Array, ""]) -> Controls:
    """The values that hold at a time.

    Evaluated at every step on the device, so that a ramp does not depend on how work is cut into chunks.
    """
    return jax.tree.map(
        lambda value: value.at(time) if isinstance(value, Ramp) else value,
        dict(script),
        is_leaf=lambda value: isinstance(value, Ramp),
    )
