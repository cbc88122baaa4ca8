"""Learning: labelled frames, what is wrong with them, and potentials trained on them."""

from ._beginning import at_zero_of, fresh
from ._checkpoint import read_checkpoint, write_checkpoint
from ._findings import Finding
from ._graphs import FrameGraph, graph_of
from ._offsets import is_isolated
from ._orders import Order
from ._packing import Batch, Packer, pack
from ._recipe import Recipe
from ._split import split
from ._summary import Summary
from .doctor import Report, examine
from .evaluate import Labels, Predicted, errors, predictions
from .frames import Labelled, fingerprint, read_frames
from .stress_order import StressOrder, reordered, stress_order_against
from .trainer import Epoch, Trainer, TrainState

__all__ = [
    "Batch",
    "Epoch",
    "Finding",
    "FrameGraph",
    "Labelled",
    "Labels",
    "Order",
    "Packer",
    "Predicted",
    "Recipe",
    "Report",
    "StressOrder",
    "Summary",
    "TrainState",
    "Trainer",
    "at_zero_of",
    "errors",
    "examine",
    "fingerprint",
    "fresh",
    "graph_of",
    "is_isolated",
    "pack",
    "predictions",
    "read_checkpoint",
    "read_frames",
    "reordered",
    "split",
    "stress_order_against",
    "write_checkpoint",
]
