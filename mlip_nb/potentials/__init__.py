"""Potentials: energy, forces and stress of a system."""

from ._base import (
    AbstractGraphPotential,
    AbstractPotential,
    Edges,
    Evaluation,
    FastPath,
    Graph,
    Parts,
    PotentialSpec,
    potentials,
)
from ._defaults import announcement, default_potential
from ._differentiable import differentiable
from ._jax_md_bound import from_jax_md
from ._listing import Listed, listing
from ._pair import AbstractPairPotential
from .ase_calculator import from_calculator
from .jax_md import from_jax_md_maker


def potential(name: str, **parameters: object) -> AbstractPotential:
    """The potential registered as `name`, with its parameters in user units."""
    return potentials.build({"name": name, **parameters}).build()


__all__ = [
    "AbstractGraphPotential",
    "AbstractPairPotential",
    "AbstractPotential",
    "Edges",
    "Evaluation",
    "FastPath",
    "Graph",
    "Listed",
    "Parts",
    "PotentialSpec",
    "announcement",
    "default_potential",
    "differentiable",
    "from_calculator",
    "from_jax_md",
    "from_jax_md_maker",
    "listing",
    "potential",
    "potentials",
]
