"""What a store of frames is."""

import abc
from collections.abc import Mapping

import numpy as np
import xarray as xr


class AbstractStore(abc.ABC):
    """Where a run puts its frames. Every method may be called from any thread."""

    @property
    @abc.abstractmethod
    def length(self) -> int:
        """Frames appended so far."""

    @property
    @abc.abstractmethod
    def names(self) -> frozenset[str] | None:
        """Quantities that its frames have, in every one of them; None before the first."""

    @abc.abstractmethod
    def append(self, frames: Mapping[str, np.ndarray]) -> None:
        """Add frames: arrays named as in the table of quantities, the first axis counts frames.

        The arrays are copied. Every call brings the same names.

        **Raises:** `InputError` for frames that do not fit the table or those before; nothing is added then.
        """

    @abc.abstractmethod
    def dataset(self) -> xr.Dataset:
        """Everything appended so far."""

    @abc.abstractmethod
    def update_attrs(self, attrs: Mapping[str, object]) -> None:
        """Set attributes of the Dataset; those not named stay."""

    @abc.abstractmethod
    def flush(self) -> None:
        """Make everything appended so far survive the end of this process, however sudden, and that of the machine."""

    @abc.abstractmethod
    def close(self) -> None:
        """Flush; no frames come after this."""

    @abc.abstractmethod
    def write_checkpoint(self, data: bytes, attrs: Mapping[str, object]) -> None:
        """Flush, replace the checkpoint and set attributes: all of it happens, or nothing."""

    @abc.abstractmethod
    def read_checkpoint(self) -> bytes | None:
        """The newest checkpoint, if there is one."""
