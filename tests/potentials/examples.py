"""An example of every registered potential, and systems made of its elements."""

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.data import atomic_numbers, covalent_radii

from mlip_nb.potentials import PotentialSpec, potentials

from .eam_file import ALLOY, write_setfl

NAMES = list(potentials)
DIFFERENTIABLE = [name for name in NAMES if potentials[name].differentiable]


def example(name: str, folder, **parameters) -> PotentialSpec:
    """The potential with its defaults; what must be given is given here."""
    needed = {
        "ase": lambda: {"calculator": "ase.calculators.emt:EMT"},
        "eam": lambda: {"file": write_setfl(folder)},
        "jax-md": lambda: (
            {"energy": "morse_neighbor_list"}
            | {"sigma": 2.9, "epsilon": 0.34, "alpha": 1.4, "r_onset": 3.0, "r_cutoff": 4.0}
        ),
    }
    return potentials[name](**needed.get(name, dict)(), **parameters)


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


__all__ = ["ALLOY", "DIFFERENTIABLE", "NAMES", "crystal", "elements", "example", "trimer"]
