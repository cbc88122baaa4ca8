"""Potentials: energy, forces and stress of a system."""

from ._base import (
    AbstractGraphPotential,
    AbstractPairPotential,
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
from ._listing import Listed, listing
from .ase_calculator import from_calculator


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
    "listing",
    "potential",
    "potentials",
]
