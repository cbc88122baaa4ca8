"""Potentials: energy, forces and stress of a system."""

import os
from pathlib import Path

from ._around import AbstractAround
from ._base import (
    AbstractGraphPotential,
    AbstractPotential,
    Edges,
    Evaluation,
    FastPath,
    Graph,
    Parts,
    at_opposite_edge,
    forces_from,
)
from ._corrected import Corrected
from ._defaults import announcement, default_potential
from ._differentiable import differentiable
from ._jax_md_bound import from_jax_md
from ._lammps import open_lammps
from ._listing import Listed, listing
from ._local import is_local
from ._pair import AbstractPairPotential
from ._spec import PotentialSpec, potentials
from ._weights import load_weights, save_weights
from ._weights_file import check_target, read_header
from .ase_calculator import from_calculator
from .jax_md import from_jax_md_maker


def potential(name: str | Path, **parameters: object) -> AbstractPotential:
    """The potential registered as `name`, or from a `.safetensors` file, with its parameters in user units."""
    return potentials.build({"name": os.fspath(name), **parameters}).build()


__all__ = [
    "AbstractAround",
    "AbstractGraphPotential",
    "AbstractPairPotential",
    "AbstractPotential",
    "Corrected",
    "Edges",
    "Evaluation",
    "FastPath",
    "Graph",
    "Listed",
    "Parts",
    "PotentialSpec",
    "announcement",
    "at_opposite_edge",
    "check_target",
    "default_potential",
    "differentiable",
    "forces_from",
    "from_calculator",
    "from_jax_md",
    "from_jax_md_maker",
    "is_local",
    "listing",
    "load_weights",
    "open_lammps",
    "potential",
    "potentials",
    "read_header",
    "save_weights",
]
