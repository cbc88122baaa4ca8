"""Inverse design: what should it be, so that it does what is asked?"""

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import annotated_types
import equinox as eqx
import jax.numpy as jnp
import numpy as np
from pydantic import model_validator

from ..design import Objective, Optimizer, Sampling, Targets, goal_of
from ..design.optimizers.l_bfgs import LBFGS
from ..params import Count, Pressure, Seed
from ..potentials import AbstractPotential
from ..results.storage import AbstractStore
from ..system import System
from ._atomistic import Atomistic
from ._base import Controls, workflows
from ._design_problem import check, problem_of
from ._design_rows import plots_of
from ._designing import Designing
from ._plots import Axis, Plot
from ._update import Update

if TYPE_CHECKING:
    import xarray as xr

Varied = Literal["positions", "cell", "species", "parameters", "pressure"]

_RELAXING = {"nothing": set(), "positions": {"positions"}, "cell": {"positions", "cell"}}
"""What relaxes."""


@workflows.register("design")
class Design(Atomistic):
    """Inverse design: a structure, a composition or parameters that do what is asked, by exact gradients.

    What is not varied is relaxed, and derivatives go through the relaxation by the implicit function theorem.
    Species are mixtures on the way, and every site is one element at the end.
    """

    vary: tuple[Varied, ...] = ("cell",)
    """What may change: positions, cell, species, parameters of the potential, pressure outside."""
    target: Targets = ()
    """Quantities and the values they should have, such as bulk_modulus=90GPa; may be changed while it goes on."""
    objective: Objective | None = None
    """A function of the material x that should be small; a sum with the squares of relative errors of targets."""
    equality: Objective | None = None
    """A function of the material x whose values must become zero."""
    inequality: Objective | None = None
    """A function of the material x none of whose values may be negative."""
    composition: str = ""
    """Shares of elements that must come out, such as Si=0.5,Ge=0.5."""
    trust: Annotated[float, annotated_types.Gt(0)] | None = None
    """Largest uncertainty of an atom that a design may have, eV/Å; for committees."""
    relax: Literal["nothing", "positions", "cell"] | None = None
    """What relaxes, cell meaning positions and cell; when not given what is not varied, nothing if positions are."""
    cell_shape: Literal["full", "orthorhombic", "isotropic"] = "full"
    """How the cell may change, varied or relaxed."""
    elements: tuple[str, ...] = ()
    """What a site may be; all that the potential covers when not given."""
    sites: tuple[Annotated[int, annotated_types.Ge(0)], ...] = ()
    """Atoms whose species is varied, counted from 0; all when not given."""
    parameters: tuple[str, ...] = ()
    """Parameters of the potential that are varied: length and energy scale all of it, others are its arrays."""
    pressure: Pressure = 0.0
    """Outside, or at the start where it is varied."""
    optimizer: Optimizer = LBFGS()
    """How designs are improved."""
    steps: Count = 60
    """Iterations, at most."""
    starts: Annotated[int, annotated_types.Gt(0), annotated_types.Le(1024)] = 8
    """Places to start from: the structure itself, and others near it."""
    noise: Annotated[float, annotated_types.Ge(0)] = 0.3
    """How far the others are from it: Å, and units of logits and of logarithms of parameters."""
    reach: Annotated[float, annotated_types.Gt(0)] = 20.0
    """Largest change of any of these numbers."""
    tolerance: Annotated[float, annotated_types.Ge(0)] = 1e-12
    """Objective, of either sign, at which it ends."""
    rounding: bool = True
    """Sharpen species in the second half, and end with one element on every site."""
    seed: Seed = 0
    """Of the starts, and of samples."""
    sampling: Sampling = Sampling()
    """Samples for thermal averages."""

    axis: ClassVar[Axis] = Axis("design_iteration", "iteration")
    colours: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> "Design":
        if self.optimizer.needs == "jacobian" and (self.objective is not None or self._is_bound):
            raise ValueError(
                f"optimizer {self.optimizer.registered_name} is for targets alone, and there is an objective or a "
                "constraint; take l-bfgs"
            )
        if self.composition and "species" not in self.vary:
            raise ValueError("composition is wanted but species are not varied; add species to vary")
        if self.relax is not None and (twice := _RELAXING[self.relax] & {*self.vary}):
            raise ValueError(
                f"relax {self.relax}: {', '.join(sorted(twice))} cannot be varied and relaxed; do one of them"
            )
        if self.parameters and "parameters" not in self.vary:
            raise ValueError(f"parameters {', '.join(self.parameters)} are named but not varied; add them to vary")
        if "parameters" in self.vary and not self.parameters:
            raise ValueError("parameters are varied but none is named; name some, such as length or energy")
        if self.sampling.temperature is not None and "species" in self.vary:
            raise ValueError("species are varied, and mixtures of elements cannot be sampled; leave temperature out")
        if self.sampling.hold == "pressure" and {"cell", "positions"} & {*self.vary}:
            raise ValueError(
                "hold pressure leaves the cell free, and it is varied; vary pressure or parameters instead"
            )
        return self

    @property
    def _is_bound(self) -> bool:
        return bool(self.equality or self.inequality or self.composition or self.trust)

    @property
    def goals(self) -> dict[str, float]:
        """Values that are wanted, in the units of their quantities."""
        return dict(goal_of(text) for text in self.target)

    @property
    def rounds(self) -> bool:
        """Whether every site is one element at the end."""
        return self.rounding and "species" in self.vary

    @property
    def relaxes(self) -> str:
        """What relaxes, given or not."""
        if self.relax is not None:
            return self.relax
        if self.sampling.temperature is not None:
            return "nothing"
        return "nothing" if "positions" in self.vary else "positions" if "cell" in self.vary else "cell"

    def live(self) -> dict[str, float]:
        """The goals."""
        return self.goals

    def controls(self) -> dict[str, float]:
        """The goals, in laboratory units: those of the quantities."""
        return self.goals

    def replace(self, **changes: Any) -> "Design":
        """A validated copy; the name of a target changes its goal."""
        goals = {name: changes.pop(name) for name in list(changes) if name in self.goals}
        if goals:
            changes["target"] = [f"{name}={value}" for name, value in (self.goals | goals).items()]
        return super().replace(**changes)

    @property
    def total(self) -> int:
        """Iterations; one more when species are rounded."""
        return self.steps + self.rounds

    def prepare(self, system: System, potential: AbstractPotential, /) -> None:
        """Refuse what cannot be designed, before anything is compiled."""
        check(self, system, potential)

    def extended(self, steps: int) -> "Design":
        """The same design, so many iterations long."""
        return self.replace(steps=max(1, steps - self.rounds))

    def constants(self, system: System, /) -> Mapping[str, object]:
        """The atoms, where they were, and what is wanted."""
        mobile = {} if system.mobile is None else {"mobile": np.asarray(system.mobile)}
        began = {"initial_positions": np.asarray(system.positions), "initial_cell": np.asarray(system.cell)}
        goals = {"goal": np.array(list(self.goals))} if self.goals else {}
        return {**super().constants(system), **mobile, **began, **goals}

    def as_begun(self, past: "xr.Dataset", system: System, /) -> System:
        """Where it was before anything changed: what all vectors are counted from."""
        places = tuple(jnp.asarray(past[f"initial_{name}"].values) for name in ("positions", "cell"))
        return eqx.tree_at(lambda s: (s.positions, s.cell), system, places)

    def plots(self, system: System, /) -> tuple[Plot, ...]:
        """The objective and what is wanted."""
        return plots_of(list(self.goals), self.goals)

    def updates(
        self,
        system: System,
        potential: AbstractPotential,
        store: AbstractStore,
        controls: Controls,
        checkpoint: bytes | None = None,
        /,
    ) -> Generator[Update, None, None]:
        """One evaluation of every start at a time; at last species are rounded."""
        problem = problem_of(self, system, potential)
        yield from Designing(self, system, problem, store).updates(controls, checkpoint)
