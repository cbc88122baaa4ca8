"""Models of InstaDeep's `mlip` (MACE, NequIP, ViSNet in JAX) from their .zip files, compiled into our own programs."""

import functools
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from . import _instadeep_file
from ._base import AbstractGraphPotential, Graph
from ._model_file import ModelFileSpec
from ._optional import load
from ._spec import potentials

INSTALL = "pip install mlip (or 'mlip_nb[instadeep]')"


class InstaDeepPotential(AbstractGraphPotential):
    """The network is that of the package; edges are ours, so that cells of any size and shape are served.

    Unused edges end at an atom that does not exist, as the package does it itself.
    """

    weights: Any
    """Arrays by name, nested."""
    description: str = eqx.field(static=True)
    """Architecture, hyperparameters and elements, JSON: what the network is built from."""
    cutoff: float = eqx.field(static=True)
    spec: "InstaDeepSpec" = eqx.field(static=True)
    edge_cost: ClassVar[float] = 2.0

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """As the network gives them: the learned part, scaled and shifted, plus the energy of the isolated atom."""
        return self._nodes(graph)["energy"][:-1].astype(self.spec.state_precision)

    def features(self, graph: Graph) -> Float[Array, "features atoms"]:
        """Invariants of the last layer, which the readout (for MACE, that of the last layer) makes the energy from."""
        nodes = self._nodes(graph)
        if "latent_scalars" in nodes:
            return nodes["latent_scalars"][:-1].T
        if "latent" in nodes:
            return nodes["latent"].filter("0e").array[:-1].T
        raise InputError(f"{self.spec.file} is of mlip 0.1, whose networks do not tell their features")

    def _nodes(self, graph: Graph) -> dict[str, Any]:
        network, method, elements = _network(self.description)
        # Rounding of matrix products to tensor cores' formats ruins forces.
        with jax.default_matmul_precision("highest"), _counting_in_int32():
            told = network.apply({"params": self.weights}, _told(graph, elements), method=method)
        return told.nodes.features


@potentials.register("instadeep", file_ending=".zip")
class InstaDeepSpec(ModelFileSpec):
    """Machine-learned: MACE, NequIP or ViSNet of InstaDeep's mlip, from its .zip file; needs the package mlip.

    ??? cite "Reference"
        C. Brunken et al., arXiv:2505.22397 (2025).
    """

    origin: ClassVar[str] = "the file; mlip by InstaDeep"

    @classmethod
    def elements_in(cls, file: Path) -> tuple[str, ...]:
        """Those of the .zip file that `mlip.models.model_io.save_model_to_zip` wrote, by atomic number."""
        return _instadeep_file.read_description(file).elements

    def build(self) -> InstaDeepPotential:
        """The potential, from its file.

        **Raises:** `InputError` without the package, and for a file that is damaged.
        """
        description = _instadeep_file.read_description(self.file)
        weights = _instadeep_file.read_weights(self.file, functools.partial(_form, description.text))
        dtype = "float64" if self.precision == "float64" else "float32"
        return InstaDeepPotential(
            jax.tree.map(lambda array: jnp.asarray(array, dtype), weights),
            description=description.text,
            cutoff=description.cutoff,
            spec=self.replace(),
        )


@functools.cache
def _network(description: str) -> tuple[Any, str, np.ndarray]:
    """The network, its method for graphs, and its elements by atomic number."""
    contents = json.loads(description)
    models, data = (load(f"mlip.{module}", install=INSTALL) for module in (contents["models"], "data"))
    architecture = getattr(models, contents["architecture"])
    information = data.DatasetInfo(**contents["dataset_info"])
    network = architecture(config=architecture.Config(**contents["config"]), dataset_info=information)
    method = "__call__" if contents["models"] == "models" else "calculate"
    return network, method, np.array(information.allowed_atomic_numbers)


def _form(description: str) -> Any:
    """The form of the weights; nothing is computed."""
    package = load("mlip.data.helpers.dummy_init_graph", install=INSTALL)
    network, method, _ = _network(description)
    begin = functools.partial(network.init, method=method)
    with _counting_in_int32():
        return jax.eval_shape(begin, jax.random.key(0), package.get_dummy_graph_for_model_init())["params"]


def _told(graph: Graph, elements: np.ndarray) -> Any:
    """The graph in the package's form: by sender, with a second system of one atom that does not exist."""
    package = load("mlip.graph", install=INSTALL)
    count = graph.vectors.shape[-1]
    vectors = graph.vectors.transpose(2, 1, 0).reshape(-1, 3)
    senders = jnp.broadcast_to(jnp.arange(count), graph.others.shape)
    receivers = jnp.where(graph.mask, graph.others, count)
    given = jax.tree_util.Partial(lambda vectors, *_: vectors, vectors)
    return package.Graph(
        nodes=package.GraphNodes(
            atomic_numbers=jnp.append(jnp.asarray(elements)[graph.species], 0),
            positions=jnp.zeros((count + 1, 3), vectors.dtype),
        ),
        edges=package.GraphEdges(displ_fun=given),
        globals=package.GraphGlobals(
            cell=jnp.zeros((2, 3, 3), vectors.dtype), weight=jnp.ones(2), charge=jnp.zeros(2, int)
        ),
        n_node=jnp.array([count, 1]),
        n_edge=jnp.array([len(vectors), 0]),
        senders=senders.T.ravel(),
        receivers=receivers.T.ravel(),
        ordering=package.EdgeOrdering.SENDER,
    )


@contextmanager
def _counting_in_int32() -> Iterator[None]:
    """Where the package is traced, which writes places of elements, int64 in double precision, into an int32.

    JAX warns of that, for it may lose digits; there are none to lose.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "scatter inputs .* from dtype=int64 to dtype=int32", FutureWarning)
        yield
