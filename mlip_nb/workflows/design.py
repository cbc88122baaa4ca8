"""Inverse design: what should it be, so that it does what is asked?"""

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import annotated_types
import equinox as eqx
import jax.numpy as jnp
import numpy as np
from pydantic import model_validator

from ..design import Objective, Optimizer, Sampling, Targets, Weights, goal_of, weight_of
from ..design.optimizers.l_bfgs import LBFGS
from ..params import Count, Dial, Pressure, Seed
from ..potentials import AbstractPotential
from ..results.storage import AbstractStore
from ..system import System
from ._atomistic import Atomistic
from ._base import Controls, workflows
from ._design_checks import contradictions
from ._design_goals import dials, steered, with_changes
from ._design_problem import check, problem_of
from ._design_references import References
from ._design_rows import plots_of
from ._designing import Designing
from ._monitoring import Uncertain
from ._plots import Axis, Plot
from ._update import Update

if TYPE_CHECKING:
    import xarray as xr

Varied = Literal["positions", "cell", "species", "parameters", "pressure"]


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
    weight: Weights = ()
    """How much the square of the relative error of a target counts, such as bulk_modulus=2; one when not given."""
    objective: Objective | None = None
    """A function of the material x that should be small; a sum with the squares of relative errors of targets."""
    equality: Objective | None = None
    """A function of the material x whose values must become zero."""
    inequality: Objective | None = None
    """A function of the material x none of whose values may be negative."""
    composition: str = ""
    """Shares of elements that must come out, such as Si=0.5,Ge=0.5."""
    charges: str = ""
    """Oxidation states of the elements, such as Na=1,Cl=-1: species are neutral on the way and at the end."""
    trust: Annotated[float, annotated_types.Gt(0)] | None = None
    """Largest uncertainty of an atom that a design may have, eV/Å."""
    uncertainty: Uncertain = None
    """What says how sure the potential is: what %mlip calibrate has made, as a variable or a .safetensors file; without
    it the spread of a committee. Provenance knows files only."""
    references: References = References()
    """What quantities refer to."""
    relax: Literal["nothing", "positions", "cell"] | None = None
    """What relaxes, cell meaning positions and cell; when not given what is not varied, nothing if positions are."""
    cell_shape: Literal["full", "orthorhombic", "isotropic"] = "full"
    """How the cell may change, varied or relaxed."""
    symmetry: bool = False
    """Keep the space group of the structure; sites that it makes alike have one species."""
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
    acceptable: ClassVar[bool] = True

    @model_validator(mode="after")
    def _fits_together(self) -> "Design":
        if wrong := next(contradictions(self), None):
            raise ValueError(wrong)
        return self

    @property
    def goals(self) -> dict[str, float]:
        """Values that are wanted, in the units of their quantities."""
        return dict(goal_of(text) for text in self.target)

    @property
    def weights(self) -> dict[str, float]:
        """How much each goal counts."""
        given = dict(weight_of(text) for text in self.weight)
        return {name: given.get(name, 1.0) for name in self.goals}

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
        """Goals and weights."""
        return steered(self)

    def controls(self) -> dict[str, float]:
        """Goals and weights, in laboratory units: those of the quantities."""
        return steered(self)

    def dials(self) -> Iterator[Dial]:
        """Of goals and weights."""
        return dials(self)

    def replace(self, **changes: Any) -> "Design":
        """A validated copy; `target_bulk_modulus` is the goal of that quantity, `weight_bulk_modulus` its weight."""
        return super().replace(**with_changes(self, changes))

    @property
    def total(self) -> int:
        """Iterations; one more when species are rounded."""
        return self.steps + self.rounds

    def prepare(self, system: System, potential: AbstractPotential, /) -> None:
        """Refuse what cannot be designed, before anything is compiled."""
        check(self, system, potential)

    def describe(self) -> dict[str, Any]:
        """As any parameters; without an uncertainty that is an object of the notebook."""
        known = isinstance(self.uncertainty, (str, Path, type(None)))
        return super().describe() if known else self.replace(uncertainty=None).describe()

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
        return plots_of(list(self.goals))

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
