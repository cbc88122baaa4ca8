"""Frames on disk, in a Zarr store that is readable at every moment."""

import math
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr
import zarr

from ..errors import InputError
from . import _checkpoint
from ._abstract import AbstractStore
from ._batches import Batches, checked_frames, form_of, frame_count, frames_alike
from ._commit import FORMAT, arrays_of, check_version, commit, committed_length, explained, not_ours, read_root, writer_of
from ._files import Files
from ._layout import add_arrays, check_target, create_layout, draft_of
from ._lock import WriterLock
from ._reader import open_store
from .schema import LABELS, build_dataset, plain_attrs
