"""Potentials: energy, forces and stress of a system."""

from ._base import (
    AbstractGraphPotential,
    AbstractPairPotential,
    AbstractPotential,
    Edges,
    Evaluation,
    FastPath,
    Graph,
    PotentialSpec,
    potentials,
)


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
    "PotentialSpec",
    "potential",
    "potentials",
]
