"""How a liquid resists shear: viscosity from fluctuations of the stress."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from .. import units
from ._analysis import analyses
from ._blocks import autocorrelation, of_blocks
from ._trajectory import Trajectory
from ._window import GreenKubo, with_error


@analyses.register("viscosity")
class ShearViscosity(GreenKubo):
    r"""Shear viscosity by Green and Kubo, $\eta = V/k_BT \int_0^\infty \langle P_{xy}(0) P_{xy}(t) \rangle dt$.

    The mean over the five stresses that an isotropic liquid has, at constant volume; frames must resolve how the stress
    changes. The integral still depends on where it ends: the mean of its values between two times is told, and
    the picture shows whether there is a plateau.

    ??? cite "Reference"
        P. J. Daivis, D. J. Evans, *J. Chem. Phys.* **100**, 541 (1994), doi:10.1063/1.466970
    """

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """The integral by time, and its plateau."""
        run.need("stress", "a viscosity")
        window = self.window(run, "a viscosity")
        shear = self.cut(_shear(np.concatenate([piece for (piece,) in run.pieces("stress")])))
        scale = run.volume() / units.to_internal(run.kelvin(), "K") * units.to_internal(1.0, "GPa")
        # GPa fs are μPa s.
        curves = 1e-3 * scale * autocorrelation(shear, len(window.lags)).mean(axis=-1)
        mean, error = of_blocks(window.running(curves))
        return {
            "lag": window.lags,
            "viscosity_integral": mean,
            "viscosity_integral_error": error,
            **with_error("viscosity", window.integral(curves)),
        }

    def told(self, found) -> str:
        """The viscosity."""
        return f"{float(found['viscosity']):.4g} ± {float(found['viscosity_error']):.2g} mPa·s"


def _shear(stress: Float[np.ndarray, "frames 3 3"]) -> Float[np.ndarray, "frames 5"]:
    """The five independent stresses of a shear, each with the mean square of one of them in an isotropic liquid."""
    pairs = [stress[:, 0, 1], stress[:, 0, 2], stress[:, 1, 2]]
    diagonal = [(stress[:, 0, 0] - stress[:, 1, 1]) / 2, (stress[:, 1, 1] - stress[:, 2, 2]) / 2]
    return np.stack([*pairs, *diagonal], axis=-1)
