"""An example of every registered potential, and systems made of its elements."""

from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.data import atomic_numbers, covalent_radii

from mlip_nb.potentials import PotentialSpec, potentials, save_weights

from .eam_file import ALLOY, write_setfl
from .foreign_files import write_gnome, write_instadeep, write_mtp, write_nequix, write_snap

PRETRAINED = [name for name in potentials if name.startswith("mlip-")]
NAMES = [name for name in potentials if name not in PRETRAINED[1:]]
"""One of those that come with the package stands for all: they are files of one form (`test_pretrained.py`)."""
SMALL = {"symbols": ("Si", "Ge"), "channels": 4, "degree": 2, "hidden": 8}
"""A machine-learned potential that takes little time."""
DIFFERENTIABLE = [name for name in NAMES if potentials[name].differentiable]
LAWFUL = [name for name in NAMES if name not in ("trained", *PRETRAINED)]
"""Whose laws are worth the time: a file of weights gives one of the others, to the last bit (`test_weights.py`)."""
SMOOTH = [name for name in DIFFERENTIABLE if name in LAWFUL]
RELATED = ("morse", "sutton-chen", "tersoff", "mtp", "jax-md", "gnome", "instadeep")
"""Built like another one: of pairs, with embedding, with angles, of a graph, outside, as networks of others. Their laws
are checked with the long checks."""


def each(names: Iterable[str], related: Collection[str] = RELATED) -> list:
    """As parameters of a test."""
    return [pytest.param(name, marks=pytest.mark.physics) if name in related else name for name in names]


def example(name: str, folder, **parameters) -> PotentialSpec:
    """The potential with its defaults; what must be given is given here."""
    needed = {
        "ase": lambda: {"calculator": "ase.calculators.emt:EMT"},
        "eam": lambda: {"file": write_setfl(folder)},
        "mtp": lambda: {"file": write_mtp(folder), "species": ("Si", "Ge")},
        "gnome": lambda: {"folder": write_gnome(folder), "precision": "float64"},
        "instadeep": lambda: {"file": write_instadeep(folder), "precision": "float64"},
        "nequix": lambda: {"file": write_nequix(folder), "precision": "float64"},
        "jax-md": lambda: (
            {"energy": "morse_neighbor_list"}
            | {"sigma": 2.9, "epsilon": 0.34, "alpha": 1.4, "r_onset": 3.0, "r_cutoff": 4.0}
        ),
        "gaunt": lambda: SMALL | {"precision": "float64"},
        "snap": lambda: {"file": write_snap(folder)},
        "trained": lambda: {"file": write_weights(folder), "precision": "float64"},
    }
    return potentials[name](**needed.get(name, dict)() | parameters)


def write_weights(folder) -> Path:
    """A file of weights as one is trained, in mixed precision."""
    path = folder / "weights.safetensors"
    return save_weights(potentials["gaunt"](**SMALL, precision="mixed").build(), path, overwrite=True)


def elements(spec: PotentialSpec) -> list[str]:
    """Elements it covers together; copper where it takes any."""
    chosen: list[str] = []
    for symbol in spec.elements or ("Cu",):
        if spec.covers({*chosen, symbol}):
            chosen.append(symbol)
    return chosen[:3]


def crystal(spec: PotentialSpec, seed: int = 0) -> Atoms:
    """A sheared crystal of its elements mixed at random, every atom off its site; smaller than most cutoffs."""
    rng = np.random.default_rng(seed)
    symbols = elements(spec)
    atoms = bulk(symbols[-1], cubic=True).repeat((1, 1, 2))
    widest = max(symbols, key=lambda symbol: covalent_radii[atomic_numbers[symbol]])
    stretch = (bulk(widest).get_volume() / len(bulk(widest))) / (atoms.get_volume() / len(atoms))
    atoms.set_cell(atoms.cell.array * stretch ** (1 / 3), scale_atoms=True)
    atoms.set_chemical_symbols([*symbols, *rng.choice(symbols, len(atoms) - len(symbols))])
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.05 * rng.normal(size=(3, 3))), scale_atoms=True)
    atoms.rattle(0.08, rng=rng)
    return atoms


def trimer(spec: PotentialSpec, distance: float, cutoff: float) -> Atoms:
    """Two atoms at bonding distance, and a third that comes and goes."""
    symbols = elements(spec)
    third = distance * np.array([0.28, 0.96, 0.0])
    return Atoms([symbols[0], symbols[0], symbols[-1]], [[0, 0, 0], [0.5 * cutoff, 0, 0], third])


__all__ = [
    "ALLOY",
    "DIFFERENTIABLE",
    "LAWFUL",
    "NAMES",
    "PRETRAINED",
    "SMOOTH",
    "crystal",
    "each",
    "elements",
    "example",
    "trimer",
]
