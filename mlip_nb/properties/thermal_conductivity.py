"""How well a crystal or a liquid conducts heat: from fluctuations of the heat flux."""

from collections.abc import Mapping

import numpy as np

from .. import units
from ._analysis import analyses
from ._blocks import autocorrelation, of_blocks
from ._trajectory import Trajectory
from ._window import GreenKubo, with_error


@analyses.register("heat-flux")
class ThermalConductivity(GreenKubo):
    r"""Thermal conductivity by Green and Kubo, $\kappa = \frac{1}{3 V k_B T^2} \int_0^\infty \langle J(0) \cdot J(t)
    \rangle dt$.

    The mean over three directions, of a solid or of a fluid of one kind of atoms, moved without a thermostat; frames
    must resolve the fastest vibrations. The integral still depends on where it ends: the mean of its values between two
    times is told, and the picture shows whether there is a plateau.

    ??? cite "Reference"
        M. S. Green, *J. Chem. Phys.* **22**, 398 (1954), doi:10.1063/1.1740082; R. Kubo, *J. Phys. Soc. Jpn.* **12**,
        570 (1957), doi:10.1143/JPSJ.12.570
    """

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """The memory of the flux, its integral by time, and the plateau."""
        run.need("heat_flux", "a thermal conductivity")
        window = self.window(run, "a thermal conductivity")
        flux = self.cut(np.concatenate([piece for (piece,) in run.pieces("heat_flux")]))
        memory = autocorrelation(flux, len(window.lags)).mean(axis=-1)
        squared = units.to_internal(1.0, "eV·Å/fs") ** 2 * units.to_internal(1.0, "fs")
        scale = squared / (run.volume() * units.to_internal(run.kelvin(), "K") ** 2)
        curves = units.from_internal(scale, "W/(m·K)") * memory
        mean, error = of_blocks(window.running(curves))
        return {
            "lag": window.lags,
            "heat_flux_autocorrelation": memory.mean(axis=0),
            "thermal_conductivity_integral": mean,
            "thermal_conductivity_integral_error": error,
            **with_error("thermal_conductivity", window.integral(curves)),
        }

    def told(self, found) -> str:
        """The conductivity."""
        value, error = (float(found[name]) for name in ("thermal_conductivity", "thermal_conductivity_error"))
        return f"{value:.4g} ± {error:.2g} W/(m·K)"
