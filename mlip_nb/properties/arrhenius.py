"""Activation energies: a straight line through logarithms over the inverse of temperature."""

import numpy as np
import xarray as xr
from jaxtyping import Float

from .. import units
from ..results import build_dataset


def arrhenius(found: xr.Dataset) -> xr.Dataset:
    r"""Activation energy (eV) and prefactor of each element's coefficient of diffusion, $D = D_0 e^{-E/kT}$.

    Coefficients weigh by their errors. NaN where fewer than two temperatures have a positive coefficient.
    """
    kT = units.to_internal(1.0, "K") * found["mean_temperature"].values
    means, errors = (found[name].values.T for name in ("diffusion_coefficient", "diffusion_coefficient_error"))
    lines = np.array([straight_line(kT, mean, error) for mean, error in zip(means, errors, strict=True)])
    names = ("activation_energy", "activation_energy_error", "diffusion_prefactor")
    return build_dataset({"element": found["element"].values, **dict(zip(names, lines.T, strict=True))})


def straight_line(
    kT: Float[np.ndarray, " runs"], values: Float[np.ndarray, " runs"], errors: Float[np.ndarray, " runs"]
) -> tuple[float, float, float]:
    """Energy, its standard error, and prefactor."""
    good = (values > 0) & (errors > 0)
    if len(np.unique(kT[good].round(9))) < 2:
        return np.nan, np.nan, np.nan
    x, y = 1 / kT[good], np.log(values[good])
    weights = np.square(values[good] / errors[good])
    centre = np.average(x, weights=weights)
    spread = np.sum(weights * (x - centre) ** 2)
    slope = np.sum(weights * (x - centre) * y) / spread
    return -slope, spread**-0.5, np.exp(np.average(y, weights=weights) - slope * centre)
