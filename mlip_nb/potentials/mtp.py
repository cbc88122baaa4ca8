"""Moment tensor potentials from `.mtp` files, as the MLIP package and motep train them."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from ase.data import chemical_symbols
from jaxtyping import Array, Float
from pydantic import field_validator, model_validator

from . import _mtp_file
from ._base import AbstractGraphPotential, Graph
from ._spec import PotentialSpec, potentials
from ._tables import Species, of_species, stored


class MomentTensor(AbstractGraphPotential):
    r"""Energies linear in contractions of moments of the neighbours.

    Basic moments are $M_{\mu abc} = \sum_j f_\mu(r_{ij}) \hat x^a \hat y^b \hat z^c$, where $f_\mu$ is a sum of
    Chebyshev polynomials times $(r_c - r)^2$; the others are sums of products of two. The features are the
    scalars among them.
    """

    radial: Float[Array, "species species functions polynomials"]
    weights: Float[Array, " scalars"]
    """eV."""
    isolated: Float[Array, " species"]
    """eV."""
    form: "Form" = eqx.field(static=True)
    cutoff: float = eqx.field(static=True)
    spec: "MomentTensorSpec" = eqx.field(static=True)
    edge_cost: ClassVar[float] = 0.6

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """Linear in the features."""
        return self.weights @ self.features(graph) + of_species(self.isolated, graph.species)

    def features(self, graph: Graph) -> Float[Array, "scalars atoms"]:
        """The scalar contractions: what the energy is linear in."""
        moments = self._basic_moments(graph)
        moments = jnp.zeros((self.form.moments, moments.shape[1]), moments.dtype).at[: len(moments)].set(moments)
        for first, second, factors, places in self.form.generations:
            products = jnp.asarray(factors, moments.dtype)[:, None] * moments[first] * moments[second]
            moments = moments.at[places].add(products)
        return moments[np.array(self.form.scalars)]

    def _basic_moments(self, graph: Graph) -> Float[Array, "basic atoms"]:
        r = graph.distances
        powers = _powers(graph.vectors / r, 1 + max(max(each[1:]) for each in self.form.basic))
        functions = self._radial_functions(graph, r)
        return jnp.stack(
            [
                jnp.sum(functions[function] * powers[a][0] * powers[b][1] * powers[c][2], axis=0)
                for function, a, b, c in self.form.basic
            ]
        )

    def _radial_functions(self, graph: Graph, r) -> Float[Array, "functions slots atoms"]:
        polynomials = _chebyshev(r, self.form.closest, self.cutoff, self.radial.shape[-1])
        polynomials = polynomials * jnp.where(graph.mask, (self.cutoff - r) ** 2, 0)
        if len(self.radial) == 1:
            return jnp.einsum("fp,pkn->fkn", self.radial[0, 0], polynomials)
        pair = graph.species * len(self.radial) + graph.species[graph.others]
        radial = self.radial.reshape(-1, *self.radial.shape[2:])[pair]
        return jnp.einsum("knfp,pkn->fkn", radial, polynomials)


@dataclass(frozen=True)
class Form:
    """Which moments are made of which."""

    closest: float
    """Å: where the range of the polynomials begins."""
    moments: int
    basic: tuple[tuple[int, int, int, int], ...]
    """Radial function and powers of x, y, z."""
    products: tuple[tuple[int, int, int, int], ...]
    """Two moments, a factor, and the moment to which that is added."""
    scalars: tuple[int, ...]

    @property
    def generations(self) -> list[np.ndarray]:
        """Products by columns, in groups that are done at once: each needs moments of groups before it only."""
        ages = np.zeros(self.moments, int)
        for first, second, _, place in self.products:
            ages[place] = max(ages[place], 1 + ages[first], 1 + ages[second])
        products = np.array(self.products, int).reshape(-1, 4)
        own = ages[products[:, 3]]
        return [products[own == age].T for age in range(1, 1 + own.max(initial=0))]


@potentials.register("mtp", file_ending=".mtp")
class MomentTensorSpec(PotentialSpec):
    """Moment tensor potential from an .mtp file of MLIP-2 or motep.

    ??? cite "Reference"
        A. V. Shapeev, *Multiscale Model. Simul.* **14**, 1153 (2016), doi:10.1137/15M1054183.
    """

    origin: ClassVar[str] = "the file; form by Shapeev 2016, Multiscale Model. Simul. 14, 1153"
    licence: ClassVar[str] = "that of the file"

    file: Path
    """The potential: an .mtp file with trained coefficients and the radial basis RBChebyshev."""
    species: Species = None
    """Elements in the order of the file's species, which has numbers for them and no names; never left out."""

    @field_validator("file")
    @classmethod
    def _readable(cls, file: Path) -> Path:
        file = file.expanduser()
        _mtp_file.read(file)
        return file

    @model_validator(mode="after")
    def _named(self) -> "MomentTensorSpec":
        named, count = self.species or (), len(_mtp_file.read(self.file).isolated)
        if len(named) != count or len(set(named)) != count or not set(named) <= set(chemical_symbols[1:]):
            given = ", ".join(named) or "none"
            raise ValueError(f"species: the file has {count}; name as many elements in its order (got {given})")
        return self

    @property
    def elements(self) -> tuple[str, ...] | None:
        """Those given."""
        return self.species

    def build(self) -> MomentTensor:
        """The potential, from its file."""
        tables = _mtp_file.read(self.file)
        form = Form(
            tables.closest, tables.moments, _rows(tables.basic), _rows(tables.products), tuple(tables.scalars.tolist())
        )
        return MomentTensor(
            radial=stored(tables.radial, self.precision),
            weights=stored(tables.weights, self.precision),
            # They may be hundreds of eV, and bonds are some meV of that.
            isolated=stored(tables.isolated, "float32" if self.precision == "float32" else "float64"),
            form=form,
            cutoff=tables.cutoff,
            spec=self,
        )


def _rows(table: np.ndarray) -> tuple:
    return tuple(map(tuple, table.tolist()))


def _powers(vectors: Float[Array, "3 slots atoms"], count: int) -> list[Float[Array, "3 slots atoms"]]:
    powers = [jnp.ones_like(vectors)]
    while len(powers) < count:
        powers.append(powers[-1] * vectors)
    return powers


def _chebyshev(r: Float[Array, "slots atoms"], begin: float, end: float, count: int):
    """Polynomials up to a number of them, of distances scaled to [-1, 1]."""
    x = (2 * r - (begin + end)) / (end - begin)
    values = [jnp.ones_like(x), x]
    while len(values) < count:
        values.append(2 * x * values[-1] - values[-2])
    return jnp.stack(values[:count])
