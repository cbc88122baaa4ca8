"""What isotopes change: a ladder of path-integral runs, one for each mass."""

import dataclasses
import json
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from ..errors import InputError, RunWarning
from ..potentials import AbstractPotential
from ..properties import equilibrium_isotope_effect, fractionation
from ..results import open_store
from ..simulate import selected
from ..system import System, check
from ..telling import Tell, nothing_told
from ._clock import CHECKPOINT_SECONDS
from ._job import Job, begun
from ._provenance import stamp, standing
from ._run import Run
from ._sampling import check_sampling
from ._status import RunStatus
from ._sweep import prepared
from .pimd import PIMD

if TYPE_CHECKING:
    import xarray as xr

_DEFAULT = PIMD()

_FEWEST = 3
"""Frames that have a statistical error."""


def isotope_effect(
    system: System,
    potential: AbstractPotential,
    masses: Sequence[float],
    workflow: PIMD = _DEFAULT,
    *,
    substituted: Any = (),
    reference: System | None = None,
    discard: float = 0.2,
    save: Path | str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    checkpoint_every: float | str = CHECKPOINT_SECONDS,
    follow: Callable[[Run], object] = Run.wait_or_stop,
    tell: Tell = nothing_told,
) -> "xr.Dataset":
    """Free energies and fractionation ratios of isotopes, `[route, isotope]`, relative to the lightest.

    `masses` (amu) are those that the `substituted` atoms (indices, ranges, symbols; those of the workflow without it,
    or all) take in turn: one run of `workflow` for each, with a seed of its own. Conventions are those of
    `fractionation`. With a `reference` the same is done for another structure, and the equilibrium isotope effect is
    that of the first over this one.

    `save` names a folder with the store of each run, which `resume` completes where they were interrupted. Ctrl-C ends
    the present run, begins no other, and gives what there is. `follow` waits for a run and may show it.

    **Raises:** `InputError` for what cannot work, before anything is compiled.
    """
    masses, places = _ascending(masses), {"": system, "reference-": reference}
    ladders = {
        prefix: _jobs(prefix, place, potential, masses, workflow, substituted, discard, tell)
        for prefix, place in places.items()
        if place is not None
    }
    jobs = [job for ladder in ladders.values() for job in ladder]
    for job in jobs:
        job.workflow.prepare(job.system, potential)
    if save is None and (overwrite or resume):
        raise InputError("overwrite and resume are about a folder of runs; name it with save")
    folder = None if save is None else prepared(Path(save).expanduser(), jobs, overwrite=overwrite, resume=resume)
    for job in jobs if folder and resume else ():
        _check_same(job, job.store_in(folder))
    data = _performed(jobs, folder, checkpoint_every, follow)
    found = [_found(ladder, data, discard) for ladder in ladders.values()]
    return _attributed(found, jobs[0].workflow, potential)


def _ascending(masses: Iterable[float]) -> list[float]:
    """**Raises:** `InputError` for fewer than two masses, or what is no mass."""
    ascending = sorted(float(mass) for mass in masses)
    if wrong := [mass for mass in ascending if not 0 < mass < np.inf]:
        raise InputError(f"masses: {wrong[0]:g} amu is no mass; give positive ones")
    if len(ascending) < 2 or len({*ascending}) < len(ascending):
        raise InputError(f"masses: two different ones at least are needed, each once (got {ascending})")
    return ascending


def _jobs(
    prefix: str, system: System, potential: AbstractPotential, masses, workflow: PIMD, substituted, discard, tell
) -> list[Job]:
    """A run for each mass, alike in all else: so they are compiled once."""
    _check(workflow, discard)
    check(system)
    potential.check(system)
    workflow = workflow.replace(isotopes=tuple(masses[1:]), substituted=substituted or workflow.substituted)
    change = (
        selected(system, workflow.substituted, "substituted")
        if workflow.substituted
        else np.full(len(system.numbers), True)
    )
    systems = [_with_mass(system, change, mass) for mass in masses]
    workflow, remark = workflow.settled(systems[0], potential)
    if remark:
        tell(remark)
    skin = workflow.skin or workflow._estimated_skin(systems[0], potential) or None
    return [
        Job(
            f"{prefix}{mass:g}",
            {"mass": mass},
            workflow.replace(
                isotopes=tuple(other for other in masses if other != mass), seed=workflow.seed + place, skin=skin
            ).resolved(),
            system,
            potential,
        )
        for place, (mass, system) in enumerate(zip(masses, systems, strict=True))
    ]


def _check(workflow: PIMD, discard: float) -> None:
    """**Raises:** `InputError` for runs that do not sample one potential at one temperature long enough."""
    if workflow.isotopes:
        raise InputError(f"isotopes: the masses say them already; leave {workflow.isotopes} out")
    if workflow.ensemble.cheap:
        raise InputError("isotopes are compared in one potential; leave out cheap")
    check_sampling(workflow, discard=discard, fewest=_FEWEST)


def _check_same(job: Job, store: Path) -> None:
    """**Raises:** `InputError` for a store with another run."""
    if not store.exists():
        return
    former, total = standing(store)[0], job.workflow.total
    same = former.extended(total) == job.workflow.extended(total)
    if not same or open_store(store).attrs["potential_fingerprint"] != job.potential.fingerprint:
        raise InputError(f"{store} was made with another potential or other parameters; overwrite it, or give the same")


def _with_mass(system: System, change: np.ndarray, mass: float) -> System:
    """The substituted atoms with another mass; momenta are drawn anew."""
    return dataclasses.replace(system, masses=jnp.where(change, mass, system.masses), momenta=None)


def _performed(jobs: Iterable[Job], folder: Path | None, checkpoint_every, follow) -> "dict[str, xr.Dataset]":
    """Datasets by job, up to the first that was stopped."""
    data: dict[str, xr.Dataset] = {}
    for job in jobs:
        store = None if folder is None else job.store_in(folder)
        run = begun(job, store, checkpoint_every)
        if run is None:
            data[job.name] = open_store(store)  # pyright: ignore[reportArgumentType] - only a store is complete already
            continue
        follow(run)
        data[job.name] = run.result()
        if run.status is not RunStatus.FINISHED:
            warnings.warn(
                f"{job.name}: {run.message or run.status}; what its frames and those before give is kept"
                + ("" if folder is None else f", and resume goes on with {folder}"),
                RunWarning,
                stacklevel=3,
            )
            break
    return data


def _found(ladder: Sequence[Job], data: "dict[str, xr.Dataset]", discard: float) -> "xr.Dataset | None":
    """Of those runs that have frames enough."""
    runs = [
        data[job.name]
        for job in ladder
        if job.name in data and data[job.name].sizes["frame"] * (1 - discard) >= _FEWEST
    ]
    return fractionation(runs, discard=discard) if runs else None


def _attributed(found: "list[xr.Dataset | None]", workflow: PIMD, potential: AbstractPotential) -> "xr.Dataset":
    first, *others = found
    if first is None:
        raise InputError("the first run was ended before it had frames enough; let it run longer")
    if others and others[0] is not None:
        first = equilibrium_isotope_effect(first, others[0])
    return first.assign_attrs(
        made_by="isotope",
        params=json.dumps(workflow.describe()),
        potential=json.dumps(potential.spec.describe()),
        potential_fingerprint=potential.fingerprint,
        **stamp(),
    )
