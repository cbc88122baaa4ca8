"""Inverse design: what should it be, so that it does what is asked?"""

import io
import json
import warnings
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import annotated_types
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import model_validator

from ..design import (
    PURE,
    QUANTITIES,
    Campaign,
    Objective,
    Optimizer,
    Outcome,
    Problem,
    Stage,
    Targets,
    check_start,
    composed,
    freedom_of,
    goal_of,
    in_double,
    scales,
    shares_wanted,
    trust_in,
    variables_of,
)
from ..design.optimizers.l_bfgs import LBFGS
from ..errors import InputError, RunWarning
from ..params import Count, Pressure, Seed
from ..potentials import AbstractPotential
from ..potentials.gaunt import GauntSpec
from ..potentials.trained import WeightsSpec
from ..results.storage import AbstractStore
from ..system import System
from ._atomistic import Atomistic
from ._base import Controls, workflows
from ._design_rows import plots_of, row_of, series_of
from ._plots import Axis, Plot
from ._update import Update

if TYPE_CHECKING:
    import xarray as xr

Varied = Literal["positions", "cell", "species", "parameters", "pressure"]

_RELAXING = {"nothing": set(), "positions": {"positions"}, "cell": {"positions", "cell"}}
"""What relaxes."""
_SHARPEST = 12.0
"""Sharpness of shares before they are rounded."""
_STAGES = 6
_FLIPS = 4
"""Rounds in which single sites of a rounded design are changed."""


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
    """Of the starts."""

    axis: ClassVar[Axis] = Axis("design_iteration", "iteration")
    colours: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> "Design":
        if self.optimizer.needs == "jacobian" and (self.objective is not None or self._bounds()):
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
        return self

    @property
    def goals(self) -> dict[str, float]:
        """Values that are wanted, in the units of their quantities."""
        return dict(goal_of(text) for text in self.target)

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
        return self.steps + self._rounds

    def prepare(self, system: System, potential: AbstractPotential, /) -> None:
        """Refuse what cannot be designed, before anything is compiled."""
        if not self.target and self.objective is None:
            raise InputError("nothing is wanted; give a target such as bulk_modulus=90GPa, or def objective(x): ...")
        problem = self._problem(system, potential)
        for text in self.goals:
            if text in ("positions", "cell", "forces", "stress", "elastic_tensor", "lattice_lengths", "lattice_angles"):
                raise InputError(f"--target {text}: that is several numbers; write an objective for it")
        if unknown := {*shares_wanted(self.composition)} - {*(potential.spec.elements or ())}:
            raise InputError(f"--composition {sorted(unknown)[0]}: {potential.spec.registered_name} does not cover it")
        if self.trust and problem.trust is None:
            raise InputError(
                "--trust needs a potential that says how sure it is: a committee (%mlip train --members 5)"
            )
        self._look(problem)
        if problem.trust is None and isinstance(potential.spec, (WeightsSpec, GauntSpec)):
            warnings.warn(
                f"{potential.spec.registered_name} does not say how sure it is: a design may be good only where the "
                "potential is wrong; check it by another method, or design with a committee",
                RunWarning,
                stacklevel=2,
            )

    def extended(self, steps: int) -> "Design":
        """The same design, so many iterations long."""
        return self.replace(steps=max(1, steps - self._rounds))

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
        problem = self._problem(system, potential)
        begun, vectors = self._begin(problem, checkpoint)
        goals = [*controls(begun)[0].values()]
        campaign = Campaign(problem, self.optimizer, vectors, goals=goals, reach=self.reach, seed=self.seed)
        mixture, iteration = np.nan, begun
        for iteration in range(begun + 1, self.steps + 1):
            campaign.aim(np.array([*controls(iteration - 1)[0].values()]), self._sharpness(iteration))
            found = campaign.step()
            if iteration == begun + 1:
                check_start(problem, found, sloped=self.optimizer.needs != "value")
            if campaign.sharpness == 1.0:
                mixture = _best_objective(campaign, found)
            done = self._is_done(campaign, found, iteration)
            row = row_of(campaign, found, campaign.vectors, iteration, rounded=False)
            yield self._update(row, self.steps if done else iteration, campaign.vectors, store, system, problem)
            if done:
                break
        if self._rounds:
            vectors, found = self._discrete(campaign)
            told = {"mixture": mixture, "discrete": _best_objective(campaign, found)}
            store.update_attrs({"rounding": json.dumps(told)})
            row = row_of(campaign, found, vectors, iteration + 1, rounded=True)
            yield self._update(row, self.total, vectors, store, system, problem)

    @property
    def _rounds(self) -> bool:
        return self.rounding and "species" in self.vary

    def _bounds(self) -> bool:
        return bool(self.equality or self.inequality or self.composition or self.trust)

    def _is_done(self, campaign: Campaign, found: Outcome, iteration: int) -> bool:
        """When it is good enough, or no start gains anything; species are to be sharp first."""
        if self._rounds and iteration < self.steps and self._sharpness(iteration) < _SHARPEST:
            return False
        return abs(float(campaign.merits(found).min())) <= self.tolerance or campaign.over

    def _sharpness(self, iteration: int) -> float:
        """Of shares: one in the first half, then in stages up to the sharpest."""
        if not self._rounds:
            return 1.0
        stage = max(0, int(_STAGES * (2 * iteration / self.steps - 1)))
        return _SHARPEST ** (min(stage, _STAGES - 1) / (_STAGES - 1))

    def _discrete(self, campaign: Campaign) -> tuple[np.ndarray, Outcome]:
        """Rounded designs; then, from the best of them, sites are changed one at a time while that helps."""
        vectors, found = campaign.rounded()
        for _ in range(_FLIPS):
            best = int(np.argmin(campaign.merits(found)))
            around = campaign.neighbours(vectors[best])
            tried = campaign.pure(around)
            nearest = int(np.argmin(campaign.merits(tried)))
            if campaign.merits(tried)[nearest] >= campaign.merits(found)[best]:
                break
            vectors[best] = around[nearest]
            found = jax.tree.map(
                lambda old, new, b=best, n=nearest: _replaced(np.asarray(old), b, np.asarray(new)[n]), found, tried
            )
        return vectors, found

    def _problem(self, system: System, potential: AbstractPotential) -> Problem:
        system, precise = system.astype("float64"), in_double(potential)
        sites = np.array(self.sites) if self.sites else None
        if sites is not None and sites.max() >= len(system.numbers):
            raise InputError(f"--sites {sites.max()}: the structure has {len(system.numbers)} atoms, from 0")
        variables = variables_of(
            system,
            precise,
            self.vary,
            cell=self.cell_shape,
            elements=self.elements,
            sites=sites,
            parameters=self.parameters,
            pressure=self.internal("pressure"),
        )
        if not variables.size:
            raise InputError("nothing is left to vary; vary something else, or hold fewer atoms")
        stretch = 1.3 if "length" in self.parameters else 1.0
        return Problem(
            variables,
            Stage.of(system, precise, stretch=stretch),
            freedom_of(system, positions=self._relaxes != "nothing", cell=self._relaxed_cell(system)),
            scales(self.goals),
            self.objective,
            tuple(self._equalities()),
            tuple(self._inequalities()),
            trust_in(precise),
        )

    @property
    def _relaxes(self) -> str:
        if self.relax is not None:
            return self.relax
        return "nothing" if "positions" in self.vary else "positions" if "cell" in self.vary else "cell"

    def _relaxed_cell(self, system: System) -> str:
        return self.cell_shape if self._relaxes == "cell" and any(system.pbc) else "fixed"

    def _equalities(self) -> Iterator:
        from ..design.objective import call

        if self.equality is not None:
            yield lambda x: call(self.equality, x)
        if wanted := shares_wanted(self.composition):
            yield composed(wanted)

    def _inequalities(self) -> Iterator:
        from ..design.objective import call

        if self.inequality is not None:
            yield lambda x: call(self.inequality, x)
        if self.trust is not None:
            yield lambda x: 1 - x.uncertainty / self.trust

    def _look(self, problem: Problem) -> list[str]:
        """Names of the numbers that the objective looks at; mistakes in it are found here."""
        return sorted(problem.looks(jnp.asarray([*self.goals.values()], float)))

    def _begin(self, problem: Problem, checkpoint: bytes | None) -> tuple[int, np.ndarray]:
        if checkpoint is not None:
            with np.load(io.BytesIO(checkpoint), allow_pickle=False) as stored:
                return int(stored["iteration"]), stored["vectors"]
        keys = jax.random.split(jax.random.key(self.seed), self.starts)
        noises = [0.0 if index == 0 and not self._even else self.noise for index in range(self.starts)]
        return 0, np.stack([problem.variables.start(key, noise) for key, noise in zip(keys, noises, strict=True)])

    @property
    def _even(self) -> bool:
        """Where the structure itself is a symmetric point, from which slopes may vanish."""
        return "species" in self.vary

    def _update(self, row, done: int, vectors, store: AbstractStore, system: System, problem: Problem) -> Update:
        names = sorted(name for name in QUANTITIES if f"design_{name}" in row)
        if not store.length:
            store.update_attrs({"looked_at": json.dumps(names)})
        store.append(row)
        places = (jnp.asarray(row["positions"][0, 0]), jnp.asarray(row["cell"][0, 0]))
        best, sharpness = row["design_vector"][0, 0], PURE if row["rounded"][0] else 1.0
        return Update(
            done=done,
            total=self.total,
            system=eqx.tree_at(lambda s: (s.positions, s.cell), system, places),
            series=series_of(row, names),
            checkpoint=lambda: _stored(int(row["design_iteration"][0]), vectors),
            product=lambda: problem.variables.medium(problem.variables.change(best), jnp.asarray(sharpness)),
        )


def _best_objective(campaign: Campaign, found: Outcome) -> float:
    """Of the design that is told of: among those that keep constraints, if there are any."""
    return float(found.objective[np.argmin(campaign.merits(found))])


def _stored(iteration: int, vectors: np.ndarray) -> bytes:
    held = io.BytesIO()
    np.savez(held, iteration=iteration, vectors=vectors)
    return held.getvalue()


def _replaced(values: np.ndarray, place: int, by: np.ndarray) -> np.ndarray:
    values = values.copy()
    values[place] = by
    return values
