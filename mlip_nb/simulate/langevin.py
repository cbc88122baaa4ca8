"""Constant temperature by friction and noise: Langevin dynamics, BAOAB splitting."""

from typing import Annotated, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray
from pydantic import model_validator

from ..params import Live, Rate, TargetTemperature
from ..system import System
from ._base import AbstractIntegrator, Controls, Ensemble, MDState, ensembles
from ._jaxmd import JaxMDLangevin
from ._middle import AbstractMiddle
from ._momenta import check_free, noise, without_drift


class BAOAB(AbstractMiddle):
    r"""The middle scheme with the exact Ornstein–Uhlenbeck step O.

    O: $p \leftarrow c p + \sqrt{(1 - c^2) m k_B T}\,\xi$, $c = e^{-\gamma h}$. With a fixed centre of mass the part of
    the result that moves all atoms alike is taken out: what is left is the same process among the other momenta.

    ??? cite "Reference"
        B. Leimkuhler, C. Matthews, *Appl. Math. Res. Express* **2013**, 34 (2013), doi:10.1093/amrx/abs010
    """

    timestep: float = eqx.field(static=True)
    fix_center: bool = eqx.field(static=True, default=False)
    order: ClassVar[int] = 2
    conserves_momentum: ClassVar[bool] = False

    @property
    def holds_center(self) -> bool:
        """As was asked for."""
        return self.fix_center

    def thermalise(
        self, momenta: Float[Array, "3 atoms"], state: MDState, controls: Controls, *, key: PRNGKeyArray
    ) -> Float[Array, "3 atoms"]:
        """The O step."""
        keep = jnp.exp(-controls["friction"] * self.timestep)
        width = jnp.sqrt(controls["temperature"] * (1 - keep**2) * state.masses)
        momenta = keep * momenta + width * noise(state, key)
        return without_drift(momenta, state.masses) if self.fix_center else momenta


@ensembles.register("nvt-langevin")
class NVTLangevin(Ensemble):
    """Constant temperature (Langevin, BAOAB): samples the canonical ensemble."""

    temperature: Annotated[TargetTemperature, Live(0, 2000)] = 300.0
    """Target temperature."""
    friction: Annotated[Rate, Live(0, 50)] = 1.0
    """Coupling to the bath: how fast velocities forget; 1/ps barely disturbs the dynamics, 10/ps equilibrates fast."""
    fix_center: bool = False
    """Hold the centre of mass in place; the rest is sampled as before."""
    engine: Literal["fused", "jax-md"] = "fused"
    """Who takes the step: our fused integrator, or jax_md's, its reference."""

    @model_validator(mode="after")
    def _engine_can(self) -> "NVTLangevin":
        if self.fix_center and self.engine == "jax-md":
            raise ValueError("jax_md cannot hold the centre of mass; take engine 'fused', or leave fix_center out")
        return self

    def prepare(self, system: System, timestep: float) -> None:
        """Refuse to hold the centre of mass of what does not move freely.

        **Raises:** `InputError` that says why.
        """
        if self.fix_center:
            check_free(system)

    def integrator(self, timestep: float) -> AbstractIntegrator:
        """BAOAB."""
        return BAOAB(timestep, self.fix_center) if self.engine == "fused" else JaxMDLangevin(timestep)
