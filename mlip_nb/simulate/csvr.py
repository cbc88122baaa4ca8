"""Constant temperature by rescaling all velocities with one random factor."""

from typing import Annotated, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..params import Duration, Live, TargetTemperature
from ._base import AbstractIntegrator, Controls, Ensemble, MDState, ensembles, kinetic_energy
from ._jaxmd import JaxMDRescaling
from ._middle import AbstractMiddle

_CANDIDATES = 16
"""Tries of the rejection method, all drawn at once: each fails with probability 0.05 at most, 16 in a row never."""


class StochasticRescaling(AbstractMiddle):
    """The middle scheme with one random factor for all momenta: their directions, and the total, are left alone."""

    timestep: float = eqx.field(static=True)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = True

    def thermalise(
        self, momenta: Float[Array, "3 atoms"], state: MDState, controls: Controls, *, key: PRNGKeyArray
    ) -> Float[Array, "3 atoms"]:
        """Rescaled."""
        kinetic, kT, time = kinetic_energy(momenta, state.masses), controls["temperature"], controls["thermostat_time"]
        return momenta * rescaling(kinetic, self.timestep, freedom=state.freedom, kT=kT, time=time, key=key)


@ensembles.register("nvt-csvr")
class NVTRescaling(Ensemble):
    """Constant temperature (stochastic velocity rescaling): canonical sampling that hardly disturbs the dynamics."""

    temperature: Annotated[TargetTemperature, Live(0, 2000)] = 300.0
    """Target temperature."""
    thermostat_time: Annotated[Duration, Live(1, 5000)] = 100.0
    """How fast the kinetic energy relaxes; any will do, shorter equilibrates faster."""
    engine: Literal["fused", "jax-md"] = "fused"
    """Who takes the step: our fused integrator, or jax_md's, of which see the shortcomings."""

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """The middle scheme."""
        return StochasticRescaling(timestep) if self.engine == "fused" else JaxMDRescaling(timestep)


def rescaling(
    kinetic_energy: Float[Array, ""],
    duration: float,
    *,
    freedom: Float[Array, ""] | int,
    kT: Float[Array, ""],
    time: Float[Array, ""],
    key: PRNGKeyArray,
) -> Float[Array, ""]:
    r"""The factor α for `freedom` momenta of `kinetic_energy` (eV) after `duration` with relaxation time `time`.

    $$\alpha = \sqrt{(a + bR)^2 + b^2 S}\;\operatorname{sign}(a + bR), \quad a^2 = e^{-h/\tau},
    \quad b^2 = (1 - a^2)\frac{k_B T}{2K}$$

    with $R$ normal and $S$ of $\chi^2_{n_f-1}$: the kinetic energy moves exactly as its stochastic equation of motion
    says, and its law Γ(n_f/2, k_B T) is kept at any duration. Momenta at rest stay at rest.

    ??? cite "Reference"
        G. Bussi, D. Donadio, M. Parrinello, *J. Chem. Phys.* **126**, 014101 (2007), doi:10.1063/1.2408420;
        the sign: G. Bussi, M. Parrinello, *Comput. Phys. Commun.* **179**, 26 (2008), doi:10.1016/j.cpc.2008.01.006
    """
    along, across = jax.random.split(key)
    dtype = kinetic_energy.dtype
    keep = jnp.exp(-duration / time).astype(dtype)
    safe = jnp.where(kinetic_energy > 0, kinetic_energy, 1)
    spread = jnp.sqrt((1 - keep) * kT / (2 * safe)).astype(dtype)
    first = jnp.sqrt(keep) + spread * jax.random.normal(along, (), dtype)
    others = chi_square(jnp.asarray(freedom, dtype) - 1, key=across)
    alpha = jnp.where(first < 0, -1, 1) * jnp.sqrt(first**2 + spread**2 * others)
    return jnp.where(kinetic_energy > 0, alpha, 1)


def chi_square(freedom: Float[Array, ""], *, key: PRNGKeyArray) -> Float[Array, ""]:
    """A sum of `freedom` squared normal numbers, by rejection without a loop; zero for none.

    Branch-free, so that it costs the same on every device and under `vmap`; `jax.random.gamma` takes twice as long.

    ??? cite "Reference"
        G. Marsaglia, W. W. Tsang, *ACM Trans. Math. Softw.* **26**, 363 (2000), doi:10.1145/358407.358414
    """
    normals, uniforms = jax.random.split(key)
    dtype = freedom.dtype
    x = jax.random.normal(normals, (_CANDIDATES,), dtype)
    u = jax.random.uniform(uniforms, (_CANDIDATES + 1,), dtype, minval=jnp.finfo(dtype).tiny)
    # One more half than asked for, taken back by the power of u below: shapes under one half would not do.
    shape = freedom / 2 + 2 / 3
    t = x / jnp.sqrt(9 * shape)
    cubed = (1 + t) ** 3
    # shape (1 - cubed + log cubed), without the cancellation of large numbers.
    slope = shape * (3 * jnp.log1p(jnp.maximum(t, -0.999)) - t * (3 + t * (3 + t)))
    accepted = (cubed > 0) & (jnp.log(u[1:]) < x**2 / 2 + slope)
    return 2 * shape * cubed[jnp.argmax(accepted)] * u[0] ** (2 / freedom)
