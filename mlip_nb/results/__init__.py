"""Results: the vocabulary of quantities, and where Datasets are kept. Importing it gives every Dataset its `.mlip`."""

from . import _face  # noqa: F401 - gives Datasets their `.mlip`
from ._quantity import Quantity
from .schema import DIMS, QUANTITIES, build_dataset
from .storage import AbstractStore, MemoryStore, ZarrStore, has_checkpoint, is_being_written, open_store, save_dataset

open = open_store
"""As `mlip_nb.open`: the Dataset of a saved run, read lazily."""

__all__ = [
    "DIMS",
    "QUANTITIES",
    "AbstractStore",
    "MemoryStore",
    "Quantity",
    "ZarrStore",
    "build_dataset",
    "has_checkpoint",
    "is_being_written",
    "open",
    "open_store",
    "save_dataset",
]
