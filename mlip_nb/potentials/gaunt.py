"""A machine-learned potential: an atomic cluster expansion with products taken on the sphere, and a network on top."""

from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import annotated_types
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from ase.data import atomic_numbers, covalent_radii
from jaxtyping import Array, Float, PRNGKeyArray
from pydantic import model_validator

from ..errors import InputError
from ..params import Length, Seed
from ._base import AbstractGraphPotential, Edges, FastPath, Graph, Parts
from ._committee import Committee
from ._gaunt_blocks import of_one_layer, of_two_layers
from ._gaunt_layers import Layer, Messages, Surroundings
from ._harmonics import harmonics
from ._invariants import Invariants
from ._network import Network, at_sites
from ._radial import radial_basis
from ._repulsion import nuclei, repulsion
from ._spec import PotentialSpec, potentials


class Gaunt(AbstractGraphPotential, FastPath):
    r"""Energies of atoms from one or two layers of densities of neighbours.

    The first density is $A_{lm,bc} = \sum_j B_b(r_{ij})\, e_c(j)\, Y_{lm}(\hat r_{ij})$, with an embedding $e$ of the
    neighbour's element. Its `Invariants` enter a network, whose last hidden layer are the features of the atom. In a
    second layer neighbours weigh by messages made of their features. The energy is linear in all features, plus the
    energy of the isolated atom and half the repulsion of the nuclei.

    Where a graph gives species as weights `[elements, atoms]`, sites are mixtures.
    """

    embedding: Float[Array, "chemistry elements"]
    first: Layer
    messages: Messages | None
    second: Layer | None
    readout: Float[Array, "features elements"]
    scale: Float[Array, ""]
    """Of energies, eV."""
    isolated: Float[Array, " elements"]
    """Energies of isolated atoms, or what the data offer in their place, eV."""
    cutoff: float = eqx.field(static=True)
    spec: "GauntSpec" = eqx.field(static=True)
    edge_cost: ClassVar[float] = 0.3
    mixes: ClassVar[bool] = True

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """Layer by layer; `gather` brings what neighbours are and what they tell."""
        around = self._surroundings(graph)
        return self.energies(around, self._features(around, graph))

    def fast_compute(self, edges: Edges) -> Parts:
        """The same in blocks of atoms."""
        return (of_one_layer if self.messages is None else of_two_layers)(self, edges)

    def features(self, graph: Graph) -> Float[Array, "features atoms"]:
        """What the energy is linear in: for uncertainties, and to compare surroundings."""
        return self._features(self._surroundings(graph), graph)

    def _features(self, around: Surroundings, graph: Graph):
        features = self.first_features(around)
        if self.messages is None:
            return features
        return self.second_features(around, graph.gather(self.tell(features)), features)

    def tell(self, features: Float[Array, "features atoms"]) -> Float[Array, "densities atoms"]:
        """Messages of atoms to their neighbours, from their first features."""
        assert self.messages is not None
        return self.messages.features @ features

    def first_features(self, around: Surroundings) -> Float[Array, "features atoms"]:
        """Of atoms that know their neighbours only."""
        return self.first(self.first_density(around), around.sites)

    def first_density(self, around: Surroundings) -> Float[Array, "components densities atoms"]:
        """Neighbours by distance, direction and element."""
        radial, angular = self._basis(around)
        return _density(self._with_chemistry(radial, around), angular)

    def second_features(self, around, told: Float[Array, "densities slots atoms"], features):
        """Features of both layers; `told` are the messages of the neighbours."""
        assert self.second is not None
        density = self.second_density(around, told)
        return jnp.concatenate([features, self.second(density, around.sites, (features,))])

    def second_density(self, around, told: Float[Array, "densities slots atoms"]):
        """Neighbours by distance, direction and message."""
        assert self.messages is not None
        radial, angular = self._basis(around)
        return _density(jnp.einsum("cb,bkn->ckn", self.messages.radial, radial) * told, angular)

    def standardised(self, graph: Graph, weights: Float[Array, " atoms"]) -> "Gaunt":
        """The same, with the invariants of a sample of data at zero mean and unit variance.

        `weights` of the atoms sum to one.
        """
        around = self._surroundings(graph)
        made = eqx.tree_at(lambda g: g.first, self, self.first.standardised(self.first_density(around), weights))
        if made.second is None or made.messages is None:
            return made
        told = graph.gather(made.tell(made.first_features(around)))
        second = made.second.standardised(made.second_density(around, told), weights)
        return eqx.tree_at(lambda g: g.second, made, second)

    def energies(self, around: Surroundings, features) -> Float[Array, " atoms"]:
        """Of atoms with these features, eV; of an isolated atom what is said of it, whatever was learned."""
        learned = self.scale * jnp.sum(features * at_sites(self.readout, around.sites), axis=0)
        alone = self.isolated - self.scale * jnp.sum(self.features_alone() * self.readout, axis=0)
        return learned + at_sites(alone, around.sites) + 0.5 * jnp.sum(self._repulsion(around), axis=0)

    def features_alone(self) -> Float[Array, "features elements"]:
        """Of one atom of each element, without neighbours."""
        count = len(self.spec.symbols)
        sites = None if count == 1 else jnp.eye(count, dtype=self.readout.dtype)
        features = self.first.alone(sites)
        return features if self.second is None else jnp.concatenate([features, self.second.alone(sites, (features,))])

    def identity(self, sites: Float[Array, "elements atoms"]) -> Float[Array, "identity atoms"]:
        """What tells the elements of neighbours apart: embedding, charge, screening and size of the nucleus."""
        return jnp.concatenate([self.embedding, self._nuclei(sites.dtype)]) @ sites

    def sites(self, species: Array, dtype) -> Float[Array, "elements atoms"] | None:
        """Species as weights of elements, unless there is one only."""
        count = len(self.spec.symbols)
        if jnp.issubdtype(species.dtype, jnp.floating):
            return species.astype(dtype)
        return None if count == 1 else jax.nn.one_hot(species, count, dtype=dtype, axis=0)

    def _surroundings(self, graph: Graph) -> Surroundings:
        sites = self.sites(graph.species, graph.vectors.dtype)
        return Surroundings(graph.vectors, sites, None if sites is None else graph.gather(self.identity(sites)))

    def _nuclei(self, dtype) -> Float[Array, "3 elements"]:
        charges = np.array([atomic_numbers[symbol] for symbol in self.spec.symbols], float)
        return jnp.asarray(nuclei(charges, self.spec.cores_of()), dtype)

    def _basis(self, around: Surroundings):
        spec, r2 = self.spec, jnp.sum(around.vectors**2, axis=0)
        radial = radial_basis(r2, cutoff=self.cutoff, length=spec.length_of(), functions=spec.radial)
        return radial, harmonics(list(around.vectors / jnp.sqrt(r2)), spec.degree)

    def _with_chemistry(self, radial, around: Surroundings) -> Float[Array, "densities slots atoms"]:
        """Every radial function times every component of the neighbour's embedding."""
        if around.there is None:
            return radial
        chemistry = around.there[: len(self.embedding)]
        return (chemistry[:, None] * radial).reshape(-1, *radial.shape[1:])

    def _repulsion(self, around: Surroundings) -> Float[Array, "slots atoms"]:
        r, shape = around.distances, (3, *around.vectors.shape[1:])
        here = jnp.broadcast_to(at_sites(self._nuclei(r.dtype), around.sites)[:, None], shape)
        return repulsion(r, here, here if around.there is None else around.there[len(self.embedding) :])


def _density(radial, angular) -> Float[Array, "components densities atoms"]:
    """Sums over neighbours."""
    return jnp.einsum("bkn,mkn->mbn", radial, angular)


Width = Annotated[int, annotated_types.Gt(0), annotated_types.Le(4096)]
Even = Annotated[Width, annotated_types.MultipleOf(2)]

EMBEDDED = 4
"""Components of the embedding up to which every element has one of its own."""

SIZES: dict[str, dict[str, Any]] = {
    "small": {"degree": 3, "channels": 16, "layers": 1},
    "medium": {"degree": 4, "channels": 32, "layers": 1},
    "large": {"degree": 3, "channels": 32, "layers": 2},
}


@potentials.register("gaunt")
class GauntSpec(PotentialSpec):
    """Machine-learned: atomic cluster expansion with products on the sphere, and a small network; to be trained."""

    origin: ClassVar[str] = "this package; untrained, with random weights"
    licence: ClassVar[str] = "Apache-2.0"

    # Mixed unless asked for: its error against the reference is far larger than that of single precision.
    precision: Literal["float64", "float32", "mixed"] = "mixed"
    symbols: tuple[str, ...] = ()
    """Elements it covers; for training those of the data when not given."""
    size: Literal["small", "medium", "large"] = "medium"
    """How accurate, and how slow: sets what follows where it is not given."""
    cutoff: Length = 5.0
    """How far neighbours are seen; twice as far in two layers."""
    degree: Annotated[int, annotated_types.Interval(ge=1, le=8)] = 4
    """Highest degree of spherical harmonics: angular resolution."""
    channels: Even = 32
    """Functions on the sphere that are multiplied."""
    radial: Annotated[int, annotated_types.Interval(ge=2, le=64)] = 8
    """Radial functions."""
    hidden: Width = 64
    """Width of the network, and number of features of a layer."""
    layers: Literal[1, 2] = 1
    """1: energies depend on neighbours only; 2: on their neighbours, too."""
    chemistry: Width | None = None
    """Components of the embedding of a neighbour's element; as many as elements, at most 4, when not given."""
    messages: Width = 16
    """Densities of the second layer."""
    length: Length | None = None
    """Distance around which the radial resolution is best; twice the mean covalent radius when not given."""
    cores: tuple[Length, ...] = ()
    """For each element half the distance at which the repulsion of nuclei ends; 0.8 covalent radii when not given, but
    no more than half the cutoff."""
    members: Annotated[int, annotated_types.Interval(ge=1, le=64)] = 1
    """How many potentials, alike but for their weights, whose mean is taken; their spread tells how sure it is."""
    weight_seed: Seed = 0
    """Seed of the random weights; member k has this + k."""

    @model_validator(mode="before")
    @classmethod
    def _sized(cls, values: Any) -> Any:
        """The size fills in what is not given."""
        if not isinstance(values, dict):
            return values
        return SIZES.get(values.get("size", "medium"), {}) | values

    @model_validator(mode="after")
    def _known(self) -> "GauntSpec":
        unknown = [symbol for symbol in self.symbols if symbol not in atomic_numbers]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no element")
        if len(set(self.symbols)) < len(self.symbols):
            raise ValueError(f"an element is named twice: {', '.join(self.symbols)}")
        if self.cores and len(self.cores) != len(self.symbols):
            raise ValueError(f"{len(self.cores)} cores for {len(self.symbols)} elements; give one for each")
        if 2 * max(self.cores, default=0) > self.cutoff:
            told = f"nuclei with a core of {max(self.cores):g} Å repel beyond the cutoff ({self.cutoff:g} Å)"
            raise ValueError(f"{told}; give cores up to half of it")
        return self

    @property
    def elements(self) -> tuple[str, ...]:
        """As named."""
        return self.symbols

    @property
    def coverage(self) -> str:
        """What it covers, in words."""
        return super().coverage or "what it is trained for"

    def chemistry_of(self) -> int:
        """Components of the embedding."""
        return self.chemistry or min(len(self.symbols), EMBEDDED)

    def length_of(self) -> float:
        """Å."""
        return self.length or 2 * float(np.mean(self._radii()))

    def cores_of(self) -> np.ndarray:
        """Å, one for each element."""
        return np.asarray(self.cores or np.minimum(0.8 * self._radii(), self.cutoff / 2))

    def build(self) -> "Gaunt | Committee":
        """With random weights, in its precision.

        **Raises:** `InputError` without elements.
        """
        if not self.symbols:
            raise InputError("symbols: name at least one element, or train a potential: %mlip train DATA")
        if self.members > 1:
            return Committee.of([self.of_member(index)._single() for index in range(self.members)], self)
        return self._single()

    def of_member(self, index: int) -> "GauntSpec":
        """Of one potential of the committee."""
        return self.replace(members=1, weight_seed=self.weight_seed + index)

    def _single(self) -> Gaunt:
        first, second, told, readout = jax.random.split(jax.random.PRNGKey(self.weight_seed), 4)
        count, chemistry = len(self.symbols), self.chemistry_of()
        moments = _of_gas(self.cutoff, self.length_of(), self.radial)
        made = Gaunt(
            embedding=jnp.eye(chemistry, count) + 0.5 * (jnp.arange(count) >= chemistry),
            first=self._layer(*(jnp.tile(moment, chemistry) for moment in moments), 0, first),
            messages=self._messages(told) if self.layers == 2 else None,
            second=self._layer(*self._heard(moments), self.hidden, second) if self.layers == 2 else None,
            readout=jax.random.normal(readout, (self.hidden * self.layers, count)) / self.hidden**0.5,
            scale=jnp.ones(()),
            isolated=jnp.zeros(count),
            cutoff=self.cutoff,
            spec=self,
        )
        return in_precision(made, self.precision)

    def _layer(self, mean, spread, before: int, key: PRNGKeyArray) -> Layer:
        mixing, network = jax.random.split(key)
        invariants = Invariants.random(mean, spread, channels=self.channels, degree=self.degree, key=mixing)
        return Layer(
            invariants, Network.random(len(invariants.mean) + before, self.hidden, len(self.symbols), key=network)
        )

    def _heard(self, moments) -> tuple[Array, Array]:
        """Mean and spread of the second densities, of messages without a sign of their own."""
        return jnp.zeros(self.messages), jnp.full(self.messages, jnp.sqrt(jnp.mean(moments[1] ** 2)))

    def _messages(self, key: PRNGKeyArray) -> Messages:
        radial, features = jax.random.split(key)
        return Messages(
            jax.random.normal(radial, (self.messages, self.radial)) / self.radial**0.5,
            jax.random.normal(features, (self.messages, self.hidden)) / self.hidden**0.5,
        )

    def _radii(self) -> np.ndarray:
        return np.array([covalent_radii[atomic_numbers[symbol]] for symbol in self.symbols])


@partial(jax.jit, static_argnums=(0, 1, 2))
def _of_gas(
    cutoff: float, length: float, functions: int
) -> tuple[Float[Array, " functions"], Float[Array, " functions"]]:
    """Mean and standard deviation of radial sums in a gas as dense as a crystal with that distance of neighbours."""
    r = jnp.linspace(min(0.8 * length, 0.5 * cutoff), cutoff, 200)
    shells = 4 * jnp.pi * r**2 * (r[1] - r[0]) * 2**0.5 / length**3
    radial = radial_basis(r**2, cutoff=cutoff, length=length, functions=functions)
    return radial @ shells, jnp.sqrt(radial**2 @ shells)


def in_precision(potential: Gaunt, precision: str) -> Gaunt:
    """The same with arrays of the precision in which energies of atoms are computed."""
    dtype = "float64" if precision == "float64" else "float32"
    cast = jax.tree.map(lambda leaf: leaf.astype(dtype) if eqx.is_inexact_array(leaf) else leaf, potential)
    # Energies of isolated atoms may be thousands of eV, and bonds are some meV of that.
    exact = potential.isolated.astype("float32" if precision == "float32" else "float64")
    return eqx.tree_at(lambda one: one.isolated, cast, exact)
