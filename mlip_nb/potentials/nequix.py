"""Nequix models (equivariant message passing, Equinox) from `.nqx` files, compiled into our own programs."""

import json
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from ase.data import chemical_symbols
from jaxtyping import Array, Float

from ..errors import InputError
from ._base import AbstractGraphPotential, Graph
from ._model_file import ModelFileSpec
from ._optional import load
from ._spec import potentials

INSTALL = "pip install --no-deps nequix (or 'mlip_nb[nequix]', which brings CUDA)"


class NequixPotential(AbstractGraphPotential):
    """Layers and readout are those of the package; edges are ours, so that cells of any size and shape are served.

    An unused edge is longer than the cutoff: its radial functions are zero, and so is what it tells.
    """

    model: Any
    """`nequix.model.Nequix`."""
    cutoff: float = eqx.field(static=True)
    spec: "NequixSpec" = eqx.field(static=True)
    edge_cost: ClassVar[float] = 2.0

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """Linear in the features, plus the energy of the isolated atom."""
        learned = _irreps(self.model.readout, self.features(graph).T).array[:, 0]
        return learned * self.model.scale + self.model.shift + self.model.atom_energies[graph.species]

    def features(self, graph: Graph) -> Float[Array, "features atoms"]:
        """Invariants of the last layer: what the energy is linear in."""
        vectors = graph.vectors.reshape(3, -1).T
        atoms = jnp.arange(graph.vectors.shape[-1])
        receivers = jnp.broadcast_to(atoms, graph.others.shape).ravel()
        radial, angular = self._radial(vectors), self._angular(vectors)
        features = self._one_hot(graph, vectors.dtype)
        # Rounding of matrix products to tensor cores' formats ruins forces; the package forbids it everywhere.
        with jax.default_matmul_precision("highest"):
            for layer in self.model.layers:
                features = layer(features, graph.species, angular, radial, graph.others.ravel(), receivers)
        return features.array.T

    def _radial(self, vectors: Float[Array, "edges 3"]) -> Float[Array, "edges functions"]:
        package, model = _package(), self.model
        r = jnp.sqrt(jnp.sum(vectors**2, axis=1))
        waves = package.bessel_basis(r, model.radial_basis_size, model.cutoff)
        ends = package.polynomial_cutoff(r, model.cutoff, model.radial_polynomial_p)
        # The package makes its frequencies in JAX's default precision.
        return (waves * ends[:, None]).astype(vectors.dtype)

    def _angular(self, vectors: Float[Array, "edges 3"]):
        e3nn = _package().e3nn
        return e3nn.spherical_harmonics(
            e3nn.s2_irreps(self.model.lmax), vectors, normalize=True, normalization="component"
        )

    def _one_hot(self, graph: Graph, dtype):
        e3nn, count = _package().e3nn, self.model.n_species
        return e3nn.IrrepsArray(e3nn.Irreps(f"{count}x0e"), jax.nn.one_hot(graph.species, count, dtype=dtype))


@potentials.register("nequix", file_ending=".nqx")
class NequixSpec(ModelFileSpec):
    """Machine-learned: a Nequix model from its .nqx file; needs the package nequix.

    ??? cite "Reference"
        T. Koker, M. Kotak and T. Smidt, arXiv:2508.16067 (2025).
    """

    origin: ClassVar[str] = "the file; nequix"

    @classmethod
    def elements_in(cls, file: Path) -> tuple[str, ...]:
        """The .nqx file that `nequix.model.save_model` wrote names them."""
        return _elements_of(read_configuration(file))

    def build(self) -> NequixPotential:
        """The potential, from its file.

        **Raises:** `InputError` without the package, and for a file that is damaged.
        """
        configuration, model = read_model(self.file)
        cutoff = float(configuration["cutoff"])
        return NequixPotential(_in_precision(model, self.precision), cutoff=cutoff, spec=self.replace())


def read_configuration(path: Path) -> dict:
    """What an `.nqx` file says of its model: its first line, JSON.

    **Raises:** `InputError` for a file that is none.
    """
    try:
        with path.open("rb") as file:
            return _configuration(path, file)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the path of an .nqx file") from error


def read_model(path: Path) -> tuple[dict, Any]:
    """Configuration and model in double precision; arrays are read as numbers, and nothing else is read.

    **Raises:** `InputError` as `read_configuration`, and when the arrays are not those of the configuration.
    """
    package = _package()
    with path.open("rb") as file:
        configuration = _configuration(path, file)
        try:
            form = eqx.filter_eval_shape(_untrained, package, configuration)
            # `like` decides the precision; files may be in either.
            form = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, "float64"), form)
            model = eqx.tree_deserialise_leaves(file, form, filter_spec=_array)
        except (ValueError, KeyError, TypeError, EOFError, RuntimeError, AssertionError) as error:
            raise InputError(f"{path} is damaged, or of another nequix ({error}); save it anew") from error
    if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(model)):
        raise InputError(f"{path} has weights that are not finite; train the model again")
    return configuration, model


def _package() -> Any:
    return load("nequix.model", install=INSTALL)


def _configuration(path: Path, file: BinaryIO) -> dict:
    # Longer than any model's, and short enough to find out that a large file is none.
    line = file.readline(1 << 20)
    try:
        configuration = json.loads(line)
        if isinstance(configuration, dict) and {"atomic_numbers", "cutoff"} <= configuration.keys():
            return configuration
    except ValueError:
        pass
    raise InputError(f"{path} is no .nqx file: its first line is no description of a model; save it by nequix.model")


def _elements_of(configuration: dict) -> tuple[str, ...]:
    return tuple(chemical_symbols[number] for number in sorted(configuration["atomic_numbers"]))


def _untrained(package: Any, configuration: dict) -> Any:
    options = {name: value for name, value in configuration.items() if name in _OPTIONS}
    return package.Nequix(jax.random.key(0), n_species=len(configuration["atomic_numbers"]), **options)


_OPTIONS = (
    *("hidden_irreps", "lmax", "cutoff", "n_layers", "radial_basis_size", "radial_mlp_size", "radial_mlp_layers"),
    *("radial_polynomial_p", "mlp_init_scale", "index_weights", "layer_norm", "shift", "scale", "avg_n_neighbors"),
)
"""What of the configuration decides the form; the rest tells of the training."""


def _array(file: BinaryIO, like: Any) -> Any:
    if not isinstance(like, jax.ShapeDtypeStruct):
        return like
    return jnp.asarray(np.lib.format.read_array(file, allow_pickle=False), like.dtype)


def _irreps(linear: Any, features: Float[Array, "atoms features"]):
    e3nn = _package().e3nn
    return linear(e3nn.IrrepsArray(linear.irreps_in, features))


def _in_precision(model: Any, precision: str) -> Any:
    """With weights of the precision of forces; energies of isolated atoms, which may be large, of that of sums."""
    dtype = "float64" if precision == "float64" else "float32"
    cast = jax.tree.map(lambda leaf: leaf.astype(dtype), model)
    exact = model.atom_energies.astype("float32" if precision == "float32" else "float64")
    return eqx.tree_at(lambda model: model.atom_energies, cast, exact)
