"""How far an atom is from those that were trained on, in units of how they vary."""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ..learn import Labelled
from ..potentials import AbstractGraphPotential, Graph
from ._base import UncertaintySpec, uncertainties
from ._features import ByElement, features, features_by_element


class Mahalanobis(ByElement):
    r"""$\sqrt{(f-\mu)^T \Sigma^{-1} (f-\mu)/d}$ in the features, with mean and covariance of the atom's element."""

    potential: AbstractGraphPotential
    mean: Float[Array, "elements features"]
    whitening: Float[Array, "elements features features"]
    seen: Bool[Array, " elements"]

    def of_elements(self, graph: Graph) -> Float[Array, "elements atoms"]:
        """1 on average over what was trained on."""
        told = features(self.potential, graph)
        away = told[None] - self.mean[:, :, None].astype(told.dtype)
        return jnp.sqrt(jnp.mean(jnp.einsum("efg,ega->efa", self.whitening.astype(told.dtype), away) ** 2, axis=1))


@uncertainties.register("mahalanobis")
class LatentDistance(UncertaintySpec):
    """Mahalanobis' distance from the training data in the features of the last layer, by element.

    ??? cite "Reference"
        P. C. Mahalanobis, *Proc. Natl. Inst. Sci. India* **2**, 49 (1936); shrinkage: O. Ledoit, M. Wolf,
        *J. Multivar. Anal.* **88**, 365 (2004), doi:10.1016/S0047-259X(03)00096-4
    """

    def fitted(self, potential: AbstractGraphPotential, frames: Sequence[Labelled] = ()) -> Mahalanobis:
        """**Raises:** `InputError` for a potential without features, and for no frames."""
        self._check_frames(frames)
        parts = features_by_element(potential, frames)
        mean, whitening = (np.stack(part) for part in zip(*map(_of_element, parts), strict=True))
        seen = np.array([len(rows) > 1 for rows in parts])
        return Mahalanobis(potential, jnp.asarray(mean), jnp.asarray(whitening), jnp.asarray(seen))


def _of_element(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if len(rows) < 2:
        return np.zeros(rows.shape[1]), np.eye(rows.shape[1])
    covariance, _ = shrunk_covariance(rows)
    return rows.mean(axis=0), np.linalg.inv(np.linalg.cholesky(covariance))


def shrunk_covariance(
    rows: Float[np.ndarray, "points features"],
) -> tuple[Float[np.ndarray, "features features"], float]:
    r"""$(1-\rho) S + \rho \mu I$ with the $\rho$ of least expected error (Ledoit and Wolf), and $\rho$."""
    away = rows - rows.mean(axis=0)
    count, size = away.shape
    sample = away.T @ away / count
    mean = np.trace(sample) / size
    spread = np.sum((sample - mean * np.eye(size)) ** 2)
    noise = (np.sum(np.sum(away**2, axis=1) ** 2) / count - np.sum(sample**2)) / count
    share = float(min(noise, spread) / spread) if spread > 0 else 1.0
    # A feature that never varies must not make the matrix singular.
    floor = 1e-12 * max(mean, 1e-300)
    return (1 - share) * sample + (share * mean + floor) * np.eye(size), share
