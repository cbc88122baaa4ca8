"""How far the surroundings of an atom are from the nearest that were trained on, whatever the potential knows."""

from collections.abc import Sequence
from typing import Annotated

import annotated_types
import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ..learn import Labelled
from ..params import Count
from ..potentials import AbstractGraphPotential, Graph
from ._base import UncertaintySpec, uncertainties
from ._features import ByElement, by_element
from ._power_spectrum import power_spectrum


class Gap(ByElement):
    r"""$d_{min} = \min_r \sqrt{2 - 2 k(x, r)}$ with the kernel $k = (\hat x \cdot \hat r)^\zeta$ of power spectra.

    A function $f$ of that kernel's space changes by at most $\|f\| d$ over a distance $d$, so the gap bounds what the
    nearest reference leaves open.
    """

    potential: AbstractGraphPotential
    references: Float[Array, "elements references features"]
    """Of length one; the first is repeated where an element has fewer."""
    seen: Bool[Array, " elements"]
    degree: int = eqx.field(static=True)
    radial: int = eqx.field(static=True)
    zeta: int = eqx.field(static=True)

    def of_elements(self, graph: Graph) -> Float[Array, "elements atoms"]:
        """Between 0 and √2."""
        spectrum = unit_spectrum(self.potential, graph, self.degree, self.radial)
        kernel = jnp.einsum("erf,fa->era", self.references.astype(spectrum.dtype), spectrum) ** self.zeta
        square = 2 - 2 * jnp.max(kernel, axis=1)
        apart = square > 0
        return jnp.where(apart, jnp.sqrt(jnp.where(apart, square, 1.0)), 0.0)


@uncertainties.register("coverage")
class CoverageGap(UncertaintySpec):
    """Distance to the nearest surroundings in the training data, by power spectra (SOAP); for any potential.

    ??? cite "Reference"
        A. P. Bartók, R. Kondor, G. Csányi, *Phys. Rev. B* **87**, 184115 (2013), doi:10.1103/PhysRevB.87.184115;
        farthest points: T. F. Gonzalez, *Theor. Comput. Sci.* **38**, 293 (1985)
    """

    references: Count = 200
    """Surroundings of each element to compare with, chosen farthest from each other."""
    degree: Annotated[int, annotated_types.Interval(ge=0, le=8)] = 4
    """Highest degree of spherical harmonics."""
    radial: Annotated[int, annotated_types.Interval(ge=2, le=16)] = 6
    """Radial functions."""
    zeta: Annotated[int, annotated_types.Interval(ge=1, le=16)] = 2
    """Power of the kernel: higher tells small differences better."""

    def fitted(self, potential: AbstractGraphPotential, frames: Sequence[Labelled] = ()) -> Gap:
        """**Raises:** `InputError` for no frames."""
        self._check_frames(frames)

        def spectrum(potential, graph):
            return unit_spectrum(potential, graph, self.degree, self.radial)

        parts = by_element(potential, frames, eqx.filter_jit(spectrum))
        chosen = [rows[farthest_points(rows, self.references)] for rows in parts]
        most = max(len(rows) for rows in chosen)
        filled = [np.concatenate([rows, np.repeat(_first(rows), most - len(rows), axis=0)]) for rows in chosen]
        seen = np.array([len(rows) > 0 for rows in parts])
        references = jnp.asarray(np.stack(filled))
        return Gap(potential, references, jnp.asarray(seen), self.degree, self.radial, self.zeta)


def unit_spectrum(
    potential: AbstractGraphPotential, graph: Graph, degree: int, radial: int
) -> Float[Array, "features atoms"]:
    """The power spectrum with a length of one; zero for an atom without neighbours."""
    spectrum = power_spectrum(graph, potential.cutoff, len(potential.spec.elements or ()), degree, radial)
    square = jnp.sum(spectrum**2, axis=0)
    alone = square <= 0
    return jnp.where(alone, 0.0, spectrum / jnp.sqrt(jnp.where(alone, 1.0, square)))


def farthest_points(rows: Float[np.ndarray, "points features"], count: int) -> np.ndarray:
    """Places of points, each as far as can be from those before; from the first on. Fewer where points coincide."""
    if not len(rows):
        return np.empty(0, int)
    chosen, distance = [0], np.sum((rows - rows[0]) ** 2, axis=1)
    while len(chosen) < count and distance.max() > 1e-14:
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, np.sum((rows - rows[chosen[-1]]) ** 2, axis=1))
    return np.array(chosen)


def _first(rows: np.ndarray) -> np.ndarray:
    return rows[:1] if len(rows) else np.zeros((1, rows.shape[1]))
