"""What is asked of a trajectory: parameters, and one verb."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

import annotated_types

from ..params import Params, Share
from ..registry import Registry
from ..results import build_dataset
from ._trajectory import Trajectory

if TYPE_CHECKING:
    import xarray as xr

analyses: Registry["Analysis"] = Registry("analysis", "mlip_nb.properties")
"""Everything that can be asked of a trajectory, by name."""

Bins = Annotated[int, annotated_types.Ge(2), annotated_types.Le(100_000)]


class Analysis(Params):
    """Something that a trajectory tells. Works on the Dataset of any run, in memory or on disk, piece by piece."""

    registry: ClassVar[Registry] = analyses

    discard: Share = 0.2
    """Part of the frames, at the start, that is left out."""
    replica: Annotated[int, annotated_types.Ge(0)] | None = None
    """Which replica, counted from 0, where there are several."""

    def of(self, dataset: "xr.Dataset") -> "xr.Dataset":
        """The answer, with standard errors.

        **Raises:** `InputError` for a Dataset that cannot tell.
        """
        return self.named(self.measure(Trajectory(dataset, discard=self.discard, replica=self.replica)))

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """Variables by their names in the table of quantities."""
        raise NotImplementedError

    def told(self, found: "xr.Dataset") -> str:
        """The answer in a line."""
        return ""

    def table(self, found: "xr.Dataset") -> tuple[tuple[str, ...], list[tuple[str, ...]]] | None:
        """Headings and rows, where there is more to tell than a line."""
        return None

    def named(self, variables: Mapping[str, object]) -> "xr.Dataset":
        """The Dataset of some variables, which says how it was made."""
        attrs = {"made_by": self.registered_name, "params": json.dumps(self.describe())}
        return build_dataset(variables, attrs=attrs)
