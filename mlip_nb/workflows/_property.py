"""What properties of structures at rest have in common: one verb, for one of them or for a set."""

import abc
import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import InputError
from ..params import Params
from ..potentials import AbstractPotential
from ..system import System, check
from ..telling import Tell, nothing_told
from ._named import Several, is_several, named_potentials, named_systems
from ._set import over_set

if TYPE_CHECKING:
    import xarray as xr


class Property(Params):
    """A property of a structure: its parameters, and one verb."""

    asks_members: ClassVar[bool] = True
    """Whether members of a committee may be asked one by one; not where the property sees to them itself."""

    @abc.abstractmethod
    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Of one structure by one potential, a committee taken for its mean."""

    def run(
        self,
        structures: Several[System],
        potentials: Several[AbstractPotential],
        /,
        *,
        client: Any = None,
        model_error: bool = True,
        tell: Tell = nothing_told,
    ) -> "xr.Dataset":
        """The Dataset of a structure; of a list or a dict of structures, potentials or both one Dataset with that dim.

        With `model_error` each member of a committee is asked, too: what it says is `member_NAME`, the standard
        deviation `NAME_model_error`. What fails leaves NaN and a message behind, and the rest stands; `ds.mlip.item`
        gives each Dataset back as it would be alone. With `client` (a dask `Client`, a cluster or the address of a
        scheduler) all are done side by side, else here, one after another; `tell` is told of each that is done.

        **Raises:** `InputError` for two of one name, none, and a structure that a potential does not cover, before
        anything is computed; what went wrong where nothing succeeds.
        """
        systems, surfaces = named_systems(structures), named_potentials(potentials)
        dims = set_dims(structures, potentials)
        if dims:
            check_pairs(systems, surfaces, lambda system: (system,), dims)
        asked = model_error and self.asks_members
        return over_set(self.of, systems, surfaces, dims, client=client, model_error=asked, tell=tell)


def set_dims(subjects: object, potentials: object) -> tuple[str, ...]:
    """Dims of the result: of what was given as a list or a dict."""
    given = {"structure": subjects, "potential": potentials}
    return tuple(dim for dim, things in given.items() if is_several(things))


def check_pairs(
    subjects: Mapping[str, Any],
    potentials: Mapping[str, AbstractPotential],
    systems: Callable[[Any], tuple[System, ...]],
    dims: tuple[str, ...],
) -> None:
    """Whether each potential covers each subject, which consists of `systems`.

    **Raises:** `InputError` that names both.
    """
    for (name, subject), (other, potential) in itertools.product(subjects.items(), potentials.items()):
        try:
            for system in systems(subject):
                check(system)
                potential.check(system)
        except InputError as error:
            label = ", ".join(told for dim, told in (("structure", name), ("potential", other)) if dim in dims)
            raise InputError(f"{label}: {error}") from None
