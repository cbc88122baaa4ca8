"""What a design asks for, as a problem of numbers."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from ..design import (
    Arrangement,
    Problem,
    Reservoir,
    Sampler,
    Stage,
    composed,
    freedom_of,
    in_double,
    oxidation_states,
    scales,
    shares_wanted,
    trust_in,
    variables_of,
)
from ..design.objective import call
from ..errors import InputError, RunWarning
from ..potentials import AbstractPotential
from ..potentials.gaunt import GauntSpec
from ..potentials.trained import WeightsSpec
from ..statics import Symmetry
from ..system import System
from ..uncertainty import AbstractUncertainty, load_uncertainty

if TYPE_CHECKING:
    from .design import Design

_STRETCH = 1.3
"""How much longer a potential may become whose lengths are varied."""
_PRESSED = 0.9
_SEVERAL = ("positions", "cell", "forces", "stress", "elastic_tensor", "lattice_lengths", "lattice_angles")


def problem_of(design: "Design", system: System, potential: AbstractPotential, *, searched: bool = True) -> Problem:
    """In double precision; without what takes a while to find where nothing is to be `searched`.

    **Raises:** `InputError` for what structure or potential do not have.
    """
    system, precise = system.astype("float64"), in_double(potential)
    symmetry = Symmetry.of(system) if design.symmetry else None
    variables = variables_of(
        system,
        precise,
        design.vary,
        cell=design.cell_shape,
        elements=design.elements,
        sites=_sites(design, system),
        parameters=design.parameters,
        pressure=design.internal("pressure"),
        symmetry=symmetry,
        charges=oxidation_states(design.charges),
    )
    if not variables.size:
        raise InputError("nothing is left to vary; vary something else, or hold fewer atoms")
    relaxes, stretch = design.relaxes, _STRETCH if "length" in design.parameters else 1.0
    cell = design.cell_shape if relaxes == "cell" and any(system.pbc) else "fixed"
    stage = Stage.of(system, precise, stretch=stretch)
    if design.sampling.temperature is not None:
        # What is searched for samples must hold for a crystal that is pressed together, whose rows are full.
        stage = stage.with_room_for(Arrangement(system.positions, system.cell), _PRESSED)
    return Problem(
        variables,
        stage,
        freedom_of(system, positions=relaxes != "nothing", cell=cell, symmetry=symmetry),
        scales(design.goals),
        design.objective,
        tuple(_equalities(design)),
        tuple(_inequalities(design)),
        _trust(design, potential),
        design.references.conditions(design, system, precise, stretch, searched=searched),
        _reservoir(design, stage),
    )


def check(design: "Design", system: System, potential: AbstractPotential) -> None:
    """Before anything is compiled.

    **Raises:** `InputError` for what cannot be designed.
    """
    if not design.target and design.objective is None:
        raise InputError("nothing is wanted; give a target such as bulk_modulus=90GPa, or def objective(x): ...")
    problem = problem_of(design, system, potential, searched=False)
    if several := [name for name in design.goals if name in _SEVERAL]:
        raise InputError(f"--target {several[0]}: that is several numbers; write an objective for it")
    if unknown := {*shares_wanted(design.composition)} - {*(potential.spec.elements or ())}:
        raise InputError(f"--composition {sorted(unknown)[0]}: {potential.spec.registered_name} does not cover it")
    if design.trust and problem.trust is None:
        raise InputError(
            "--trust needs a potential that says how sure it is: a committee (%mlip train --members 5), or an "
            "--uncertainty by %mlip calibrate"
        )
    # Mistakes in the functions of the user are found here.
    problem.looks(jnp.asarray([*design.goals.values()], float))
    if problem.trust is None and isinstance(potential.spec, (WeightsSpec, GauntSpec)):
        warnings.warn(
            f"{potential.spec.registered_name} does not say how sure it is: a design may be good only where the "
            "potential is wrong; check it by another method, or give an --uncertainty",
            RunWarning,
            stacklevel=3,
        )


def _trust(design: "Design", potential: AbstractPotential) -> AbstractUncertainty | None:
    given = design.uncertainty
    return trust_in(potential, load_uncertainty(given) if isinstance(given, Path) else given)


def _reservoir(design: "Design", stage: Stage) -> Reservoir | None:
    if design.sampling.temperature is None:
        return None
    return Reservoir(Sampler(design.sampling, stage, design.seed))


def _sites(design: "Design", system: System) -> np.ndarray | None:
    if not design.sites:
        return None
    if max(design.sites) >= len(system.numbers):
        raise InputError(f"--sites {max(design.sites)}: the structure has {len(system.numbers)} atoms, from 0")
    return np.array(design.sites)


def _equalities(design: "Design") -> Iterator[Callable]:
    if design.equality is not None:
        yield lambda x: call(design.equality, x)
    if wanted := shares_wanted(design.composition):
        yield composed(wanted)


def _inequalities(design: "Design") -> Iterator[Callable]:
    if design.inequality is not None:
        yield lambda x: call(design.inequality, x)
    if design.trust is not None:
        yield lambda x: 1 - x.uncertainty / design.trust
