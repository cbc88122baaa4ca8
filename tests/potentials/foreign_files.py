"""Tiny models of other packages, made and saved by these packages themselves."""

import json
from pathlib import Path

import jax
import numpy as np
import pytest

NEQUIX = {
    "atomic_numbers": [14, 32],
    "hidden_irreps": "8x0e + 4x1o + 2x2e",
    "lmax": 2,
    "cutoff": 4.0,
    "n_layers": 2,
    "radial_basis_size": 4,
    "radial_mlp_size": 8,
    "radial_mlp_layers": 2,
    "radial_polynomial_p": 6.0,
    "mlp_init_scale": 4.0,
    "index_weights": True,
    "layer_norm": True,
    "shift": 0.1,
    "scale": 3.0,
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
