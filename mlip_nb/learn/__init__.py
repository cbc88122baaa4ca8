"""Learning: labelled frames, what is wrong with them, and potentials trained on them."""

from ._beginning import at_zero_of, begun, extended_to, fresh, trainable
from ._checkpoint import read_checkpoint, write_checkpoint
from ._findings import Finding
from ._graphs import FrameGraph, graph_of
from ._offsets import is_isolated
from ._orders import Order
from ._packing import Batch, Packer, pack
from ._recipe import Recipe
from ._record import Record, unpacked
from ._refusals import check_labels, check_same_theory
from ._replay import replayed
from ._shelf import AbstractShelf, Folder, Memory
from ._split import split
from ._summary import Summary
from .doctor import Report, examine
from .evaluate import Labels, Predicted, errors, predictions
from .frames import Labelled, fingerprint, read_frames
from .linear import LinearFit, fit_linear
from .stress_order import StressOrder, reordered, stress_order_against
from .trainer import Epoch, Trainer, TrainState, trained_part

__all__ = [
    "AbstractShelf",
    "Batch",
    "Epoch",
    "Finding",
    "Folder",
    "FrameGraph",
    "Labelled",
    "Labels",
    "LinearFit",
    "Memory",
    "Order",
    "Packer",
    "Predicted",
    "Recipe",
    "Record",
    "Report",
    "StressOrder",
    "Summary",
    "TrainState",
    "Trainer",
    "at_zero_of",
    "begun",
    "check_labels",
    "check_same_theory",
    "errors",
    "examine",
    "extended_to",
    "fingerprint",
    "fit_linear",
    "fresh",
    "graph_of",
    "is_isolated",
    "pack",
    "predictions",
    "read_checkpoint",
    "read_frames",
    "reordered",
    "replayed",
    "split",
    "stress_order_against",
    "trainable",
    "trained_part",
    "unpacked",
    "write_checkpoint",
]
