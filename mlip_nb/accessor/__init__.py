"""`ds.mlip`: the public face of a Dataset. `results` hands it out."""

from .. import results  # noqa: F401 - registers it with xarray
from ._accessor import MlipAccessor

__all__ = ["MlipAccessor"]
