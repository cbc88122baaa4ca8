"""One property over structures, potentials and members of committees: each by itself, all in one Dataset."""

import itertools
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import RunWarning
from ..potentials import AbstractPotential
from ..results.schema import SETS
from ..results.sets import is_set, joined, records_of
from ..telling import Tell, nothing_told
from ._cases import Case, Outcome, done_here, done_there
from ._members import members_of, with_members
from ._provenance import stamp

if TYPE_CHECKING:
    import xarray as xr


def over_set(
    of: Callable[[Any, AbstractPotential], "xr.Dataset"],
    subjects: Mapping[str, Any],
    potentials: Mapping[str, AbstractPotential],
    dims: tuple[str, ...],
    *,
    client: Any = None,
    model_error: bool = True,
    tell: Tell = nothing_told,
) -> "xr.Dataset":
    """`of(subject, potential)` for every pair, joined along `dims`; see `Property.run`.

    **Raises:** what went wrong first, where nothing succeeds.
    """
    pairs = list(itertools.product(subjects.items(), potentials.items()))
    names = {"structure": [name for (name, _), _ in pairs], "potential": [name for _, (name, _) in pairs]}
    labels = [", ".join(told) for told in zip(*(names[dim] for dim in dims), strict=True)] or [""]
    cases = [Case(label, of, *(thing for _, thing in pair)) for label, pair in zip(labels, pairs, strict=True)]
    asked = [_members(case) if model_error else [] for case in cases]
    if len(cases) == 1 and not dims and not asked[0] and client is None:
        return of(cases[0].subject, cases[0].potential)
    everything = [*cases, *itertools.chain.from_iterable(asked)]
    found = done_here(everything, tell) if client is None else done_there(everything, client, tell)
    _report(everything, found, len(cases))
    rest = iter(found[len(cases) :])
    theirs = [list(itertools.islice(rest, len(one))) for one in asked]
    items = [one.data if one.data is None else _whole(one.data, them) for one, them in zip(found, theirs, strict=False)]
    if not dims:
        assert items[0] is not None, "its failure was raised"
        return items[0]
    axes = {"structure": list(subjects), "potential": list(potentials)}
    kept = [one.message if data is None else data for one, data in zip(found, items, strict=False)]
    return joined(kept, {dim: axes[dim] for dim in dims}).assign_attrs(stamp())


def remarks_of(data: "xr.Dataset") -> Iterator[tuple[str, str]]:
    """What a Dataset, or each of a set, says of itself: the name of the item, and a line."""
    records = records_of(data) if is_set(data) else [{"attrs": data.attrs}]
    for record in records:
        name = ", ".join(record[dim] for dim in SETS if dim in record)
        for line in str(record.get("attrs", {}).get("remarks", "")).splitlines():
            yield name, line


def _members(case: Case) -> list[Case]:
    """The same for each member of a committee; none for a single potential."""
    name = f"{case.name}, " if case.name else ""
    return [
        Case(f"{name}member {number}", case.of, case.subject, member)
        for number, member in enumerate(members_of(case.potential))
    ]


def _whole(data: "xr.Dataset", members: Sequence[Outcome]) -> "xr.Dataset":
    """With what members say, and why some of them say nothing."""
    failed = {str(number): one.message for number, one in enumerate(members) if one.error is not None}
    told = {"failed_members": json.dumps(failed)} if failed else {}
    return with_members(data, [one.data for one in members]).assign_attrs(told)


def _report(cases: Sequence[Case], found: Sequence[Outcome], count: int) -> None:
    """Warnings of the first `count`, the others being members, each with the name of what it is about; and one for
    what has failed.

    **Raises:** the first failure, where all of the first have failed.
    """
    failed = [f"{case.name}: {one.message}" for case, one in zip(cases, found, strict=True) if one.error is not None]
    if found[0].error is not None and all(one.error is not None for one in found[:count]):
        raise found[0].error
    for case, one in zip(cases[:count], found, strict=False):
        for category, text in one.remarks:
            warnings.warn(f"{case.name}: {text}" if case.name else text, category, stacklevel=4)
    if failed:
        told, more = "; ".join(failed[:_SHOWN]), f"; and {len(failed) - _SHOWN} more" * (len(failed) > _SHOWN)
        warnings.warn(f"{len(failed)} of {len(cases)} failed, and are NaN: {told}{more}", RunWarning, stacklevel=4)


_SHOWN = 3
"""Failures that a warning names; attributes have all."""
