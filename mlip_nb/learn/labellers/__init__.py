"""What says which energies and forces are right: one file per kind of labeller."""

from ._base import AbstractOracle, Answer, Labeller, labellers, oracle_of
from ._child import asked
from ._known import KnownLabels

__all__ = ["AbstractOracle", "Answer", "KnownLabels", "Labeller", "asked", "labellers", "oracle_of"]
