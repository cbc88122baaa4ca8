"""How far atoms are from each other: the radial distribution function, over beads where there are any."""

import json
from collections.abc import Iterator

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float

from ..errors import InputError
from ..results import build_dataset
from .averages import average


def radial_distribution(
    dataset: xr.Dataset,
    *,
    pair: tuple[str, str] | None = None,
    cutoff: float = 6.0,
    bins: int = 120,
    discard: float = 0.2,
) -> xr.Dataset:
    r"""$g(r) = \langle n(r) \rangle / (4\pi r^2 \Delta r\, \rho)$ with its standard error, of a periodic system.

    With stored beads (`store_beads`) distances are those of atoms in one imaginary-time slice, the average over all
    slices: what scattering sees of quantum nuclei. Without, those of positions; of a path integral these are centroids,
    which are closer together than atoms are sharp. `pair` are two elements, `cutoff` (Å) may exceed the cell.

    **Raises:** `InputError` for what is not periodic, an element that is not there, and too few frames.

    ??? cite "Reference"
        D. Chandler, P. G. Wolynes, *J. Chem. Phys.* **74**, 4078 (1981), doi:10.1063/1.441588
    """
    if "positions" not in dataset or not all(json.loads(dataset.attrs.get("pbc", "[false]"))):
        raise InputError("a radial distribution needs positions, periodic in all directions, to have a density")
    if "replica" in dataset.dims:
        raise InputError("this Dataset has several replicas; choose one, such as ds.isel(replica=0)")
    own, other = _chosen(dataset, pair)
    edges = np.linspace(0, cutoff, bins + 1)
    shells = 4 / 3 * np.pi * np.diff(edges**3)
    kept = dataset.isel(frame=slice(int(discard * dataset.sizes["frame"]), None))
    found = [
        histogram * abs(np.linalg.det(cell)) / (own.sum() * _partners(own, other) * shells)
        for histogram, cell in _histograms(kept, own, other, edges)
    ]
    mean = average(np.array(found))
    return build_dataset(
        {
            "distance": 0.5 * (edges[1:] + edges[:-1]),
            "radial_distribution": mean.mean,
            "radial_distribution_error": mean.error,
        },
        attrs={"made_by": "radial_distribution", "pair": "-".join(pair) if pair else "all"},
    )


def _chosen(dataset: xr.Dataset, pair: tuple[str, str] | None) -> tuple[Bool[np.ndarray, " atoms"], ...]:
    symbols = dataset["symbol"].values
    if pair is None:
        return (np.ones(len(symbols), bool),) * 2
    for symbol in pair:
        if symbol not in symbols:
            raise InputError(f"pair: no atom is {symbol}; there are {', '.join(dict.fromkeys(symbols.tolist()))}")
    return symbols == pair[0], symbols == pair[1]


def _partners(own: Bool[np.ndarray, " atoms"], other: Bool[np.ndarray, " atoms"]) -> float:
    """Atoms that one may be a distance from: not itself, but its images."""
    return float(other.sum()) if not (own & other).any() else float(other.sum() - 1)


def _histograms(
    dataset: xr.Dataset, own, other, edges: Float[np.ndarray, " edges"]
) -> Iterator[tuple[Float[np.ndarray, " bins"], Float[np.ndarray, "3 3"]]]:
    """Of every frame, the mean over beads."""
    from ase.neighborlist import primitive_neighbor_list

    beads = "bead_positions" in dataset
    for frame in range(dataset.sizes["frame"]):
        now = dataset.isel(frame=frame)
        cell = now["cell"].values.astype(float)
        slices = now["bead_positions"].values if beads else now["positions"].values[None]
        total = np.zeros(len(edges) - 1)
        for positions in slices.astype(float):
            first, second, distances = primitive_neighbor_list("ijd", (True,) * 3, cell, positions, edges[-1])
            total += np.histogram(distances[own[first] & other[second]], edges)[0]
        yield total / len(slices), cell
