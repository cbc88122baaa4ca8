"""How far the last layer is determined by the data: rigidity of predictions, without training anything again."""

import dataclasses
from collections.abc import Sequence
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..learn import Labelled
from ..learn._recipe import Recipe
from ..learn.linear import fit_linear
from ..potentials import AbstractGraphPotential, Graph, forces_from
from ..potentials.gaunt import Gaunt
from ._base import AbstractUncertainty, UncertaintySpec, uncertainties


class LastLayer(AbstractUncertainty):
    r"""$\sigma^2 = g^T \Sigma g$ with $g$ the derivative of the prediction by the weights of the last layer.

    $\Sigma = s^2 (X^T X + \lambda)^{-1}$ is the posterior of those weights on the data. Forces are linear in the
    weights as energies are, so theirs is exact, too: $g = -\partial^2 E/\partial r \partial w$.
    """

    potential: Gaunt
    whitening: Float[Array, "weights weights"]
    r"""$L$ with $L^T L = \Sigma$; weights in the order of `readout.ravel()`."""
    forces: bool = eqx.field(static=True)
    """Of forces, as many times dearer as there are features; otherwise of the energies of atoms."""

    def of_graph(self, graph: Graph) -> Float[Array, " atoms"]:
        """eV/Å, root mean square of the three components; of energies eV."""
        square = self._of_forces(graph) if self.forces else self._of_energies(graph)
        known = square > 0
        return jnp.where(known, jnp.sqrt(jnp.where(known, square, 1.0)), 0.0)

    def _of_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        return jnp.sum((self._rows(graph.vectors.dtype) @ self._slopes(graph)) ** 2, axis=0)

    def _of_forces(self, graph: Graph) -> Float[Array, " atoms"]:
        def along(row):
            def total(vectors):
                return jnp.sum(row @ self._slopes(dataclasses.replace(graph, vectors=vectors)))

            force = forces_from(jnp.where(graph.mask, jax.grad(total)(graph.vectors), 0), graph)
            return jnp.mean(force**2, axis=0)

        return jnp.sum(jax.lax.map(along, self._rows(graph.vectors.dtype)), axis=0)

    def _rows(self, dtype) -> Float[Array, "weights weights"]:
        return self.whitening.astype(dtype)

    def _slopes(self, graph: Graph) -> Float[Array, "weights atoms"]:
        """Derivatives of the energies of atoms by the weights, less those of isolated atoms."""
        potential = self.potential
        told = potential.features(graph)
        sites = potential.sites(graph.species, told.dtype)
        alone = potential.features_alone()
        sites = jnp.ones((1, told.shape[1]), told.dtype) if sites is None else sites
        known = told[:, None, :] * sites - alone[:, :, None] * sites
        return potential.scale * known.reshape(-1, told.shape[1])


@uncertainties.register("last-layer")
class LastLayerRigidity(UncertaintySpec):
    r"""How far the last layer is determined by the training data. As fitted it is that of Bayesian regression; with a
    calibrated scale it is the last-layer prediction rigidity (LLPR).

    ??? cite "Reference"
        F. Bigi, S. Chong, M. Ceriotti, F. Grasselli, *Mach. Learn.: Sci. Technol.* **5**, 045018 (2024),
        doi:10.1088/2632-2153/ad805f
    """

    of: Literal["forces", "energies"] = "forces"
    """What it is of: forces, or, much faster, the energies of atoms."""

    def fitted(self, potential: AbstractGraphPotential, frames: Sequence[Labelled] = ()) -> LastLayer:
        """**Raises:** `InputError` for a potential whose last layer is not known, and for no frames."""
        if not isinstance(potential, Gaunt):
            raise InputError(
                f"{potential.spec.registered_name} has no last layer that this package can fit; take one of gaunt, a "
                "member of a committee, or another uncertainty"
            )
        self._check_frames(frames)
        _, (fit,) = fit_linear(potential, frames, Recipe())
        return LastLayer(potential, jnp.asarray(root(fit.covariance)), self.of == "forces")


def rigidity(
    rows: Float[np.ndarray, "points weights"], data: Float[np.ndarray, "data weights"], *, noise: float, prior: float
) -> Float[np.ndarray, " points"]:
    r"""Variances of linear predictions, $\alpha^2 f^T (F^T F + \varsigma^2)^{-1} f$ with $\alpha = \sigma_n$ and
    $\varsigma = \sigma_n/\sigma_w$: `noise` of the labels, `prior` standard deviation of the weights."""
    gram = data.T @ data + (noise / prior) ** 2 * np.eye(data.shape[1])
    return noise**2 * np.einsum("ij,ji->i", rows, np.linalg.solve(gram, rows.T))


def root(covariance: Float[np.ndarray, "weights weights"]) -> Float[np.ndarray, "weights weights"]:
    """A square root with the weights as columns; of what rounding made negative, none."""
    values, vectors = np.linalg.eigh(covariance)
    return np.sqrt(np.maximum(values, 0))[:, None] * vectors.T
