"""The NequIP network of jax_md, as GNoME models are, from a folder of its training, compiled into our own programs."""

import functools
import json
from pathlib import Path
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from ase.data import chemical_symbols
from jaxtyping import Array, Float
from pydantic import field_validator

from . import _gnome_folder
from ._base import AbstractGraphPotential, Graph
from ._optional import load
from ._spec import PotentialSpec, potentials

INSTALL = "pip install jax-md"


class GnomePotential(AbstractGraphPotential):
    """The network is that of jax_md; edges are ours, so that cells of any size and shape are served."""

    weights: Any
    """Arrays by name, nested."""
    description: str = eqx.field(static=True)
    """What the network is built from, JSON."""
    cutoff: float = eqx.field(static=True)
    spec: "GnomeSpec" = eqx.field(static=True)
    edge_cost: ClassVar[float] = 2.0

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """Linear in the features."""
        return self._told(graph)[0][:, 0].astype(graph.vectors.dtype)

    def features(self, graph: Graph) -> Float[Array, "features atoms"]:
        """Invariants before the last layer: what the energy is linear in."""
        return self._told(graph)[1]["intermediates"][_LAST_BUT_ONE]["__call__"][0].array.T

    def _told(self, graph: Graph) -> tuple[Array, dict[str, Any]]:
        """Energies of atoms in a column, and what the network keeps by the way."""
        network = _network(self.description)
        # Rounding of matrix products to tensor cores' formats ruins forces.
        with jax.default_matmul_precision("highest"):
            return network.apply(self.weights, self._jraph(graph), capture_intermediates=_is_last_but_one)

    def _jraph(self, graph: Graph) -> Any:
        """The graph in the package's form: every atom a system, so that energies stay those of atoms."""
        count = graph.vectors.shape[-1]
        atoms = jnp.broadcast_to(jnp.arange(count), graph.others.shape)
        return load("jraph", install=INSTALL).GraphsTuple(
            nodes=jax.nn.one_hot(graph.species, _gnome_folder.ELEMENTS, dtype=graph.vectors.dtype),
            # From the neighbour to the atom: there is the package's sense of an edge.
            edges=-graph.vectors.reshape(3, -1).T,
            senders=graph.others.ravel(),
            # What is written to an atom that does not exist is dropped.
            receivers=jnp.where(graph.mask, atoms, count).ravel(),
            globals=None,
            n_node=jnp.ones(count, int),
            n_edge=None,
        )


@potentials.register("gnome")
class GnomeSpec(PotentialSpec):
    """Machine-learned: the NequIP network of jax_md from the folder of its training, as GNoME models are kept.

    ??? cite "Reference"
        A. Merchant et al., *Nature* **624**, 80 (2023), doi:10.1038/s41586-023-06735-9; the network: S. Batzner et al.,
        *Nat. Commun.* **13**, 2453 (2022), doi:10.1038/s41467-022-29939-5.
    """

    origin: ClassVar[str] = "the folder; network by Batzner 2022, Nat. Commun. 13, 2453, in jax_md"
    licence: ClassVar[str] = "that of the folder"

    # Mixed unless asked for: such models are trained in single precision.
    precision: Literal["float64", "float32", "mixed"] = "mixed"
    folder: Path
    """Where config.json and one checkpoint lie, as `jax_md.energy.load_gnome_model_neighbor_list` reads them."""

    @field_validator("folder")
    @classmethod
    def _is_one(cls, folder: Path) -> Path:
        folder = folder.expanduser()
        _gnome_folder.read_configuration(folder)
        return folder

    @property
    def elements(self) -> tuple[str, ...]:
        """The inputs of the network, from H to Pu; which of them it has learned, the folder does not tell."""
        return tuple(chemical_symbols[1 : 1 + _gnome_folder.ELEMENTS])

    def build(self) -> GnomePotential:
        """The potential, from its folder.

        **Raises:** `InputError` for a checkpoint that is damaged.
        """
        configuration = _gnome_folder.read_configuration(self.folder)
        description = json.dumps(configuration, sort_keys=True)
        dtype = "float64" if self.precision == "float64" else "float32"
        weights = _gnome_folder.read_weights(self.folder, functools.partial(_form, description))
        return GnomePotential(
            jax.tree.map(lambda array: jnp.asarray(array, dtype), weights),
            description=description,
            cutoff=float(configuration["r_max"]),
            spec=self,
        )


@functools.cache
def _network(description: str) -> Any:
    package, configurations = load("jax_md.nn", install=INSTALL), load("ml_collections", install=INSTALL)
    return package.gnome.model_from_config(configurations.ConfigDict(json.loads(description)))


def _form(description: str) -> Any:
    """The form of the weights; nothing is computed."""
    package, network = load("jraph", install=INSTALL), _network(description)
    atom, edge, index = jnp.zeros((1, _gnome_folder.ELEMENTS)), jnp.ones((1, 3)), jnp.zeros(1, int)
    smallest = package.GraphsTuple(atom, edge, index, index, None, jnp.ones(1, int), None)
    return jax.eval_shape(network.init, jax.random.key(0), smallest)


_LAST_BUT_ONE = "Linear_1"
"""How flax names the layer whose output the last one reads."""


def _is_last_but_one(module: Any, _method: str) -> bool:
    return module.path == (_LAST_BUT_ONE,)
