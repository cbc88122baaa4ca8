"""A design going on: one evaluation of every start at a time, and at last one element on every site."""

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from ..design import PURE, QUANTITIES, Campaign, Outcome, Problem, check_start
from ..results.storage import AbstractStore
from ..system import System
from ._base import Controls
from ._design_rows import row_of, series_of
from ._thermal_rows import averaged
from ._update import Update

if TYPE_CHECKING:
    from .design import Design

_SHARPEST = 12.0
"""Sharpness of shares before they are rounded."""
_STAGES = 6
_FLIPS = 4
"""Rounds in which single sites of a rounded design are changed."""


class Designing:
    """From its beginning, or from a checkpoint, to its end."""

    def __init__(self, design: "Design", system: System, problem: Problem, store: AbstractStore):
        self.design, self.system, self.problem, self.store = design, system, problem, store
        self._averaged: dict[str, str] = {}

    def updates(self, controls: Controls, checkpoint: bytes | None) -> Iterator[Update]:
        """One an iteration, and one for the rounded design."""
        design = self.design
        begun, vectors = self._begin(checkpoint)
        goals = [*controls(begun)[0].values()]
        campaign = Campaign(self.problem, design.optimizer, vectors, goals=goals, reach=design.reach, seed=design.seed)
        mixture, iteration = np.nan, begun
        for iteration in range(begun + 1, design.steps + 1):
            campaign.aim(np.array([*controls(iteration - 1)[0].values()]), self._sharpness(iteration))
            found = campaign.step()
            if iteration == begun + 1:
                self._averaged = {"averaged": json.dumps(averaged(found))} if found.thermal else {}
                check_start(self.problem, found, sloped=design.optimizer.needs != "value")
            if campaign.sharpness == 1.0:
                mixture = _best_objective(campaign, found)
            done = self._is_done(campaign, found, iteration)
            row = row_of(campaign, found, campaign.vectors, iteration, rounded=False)
            yield self._update(row, design.steps if done else iteration, campaign.vectors)
            if done:
                break
        if design.rounds:
            vectors, found = _discrete(campaign)
            told = {"mixture": mixture, "discrete": _best_objective(campaign, found)}
            self.store.update_attrs({"rounding": json.dumps(told)})
            row = row_of(campaign, found, vectors, iteration + 1, rounded=True)
            yield self._update(row, design.total, vectors)

    def _begin(self, checkpoint: bytes | None) -> tuple[int, Float[np.ndarray, "starts numbers"]]:
        design = self.design
        if checkpoint is not None:
            with np.load(io.BytesIO(checkpoint), allow_pickle=False) as stored:
                return int(stored["iteration"]), stored["vectors"]
        keys = jax.random.split(jax.random.key(design.seed), design.starts)
        # Of species the structure itself is a symmetric point, from which slopes may vanish.
        even = "species" in design.vary
        noises = [0.0 if index == 0 and not even else design.noise for index in range(design.starts)]
        start = self.problem.variables.start
        return 0, np.stack([start(key, noise) for key, noise in zip(keys, noises, strict=True)])

    def _is_done(self, campaign: Campaign, found: Outcome, iteration: int) -> bool:
        """When it is good enough, or no start gains anything; species are to be sharp first."""
        design = self.design
        if design.rounds and iteration < design.steps and self._sharpness(iteration) < _SHARPEST:
            return False
        return abs(float(campaign.merits(found).min())) <= design.tolerance or campaign.over

    def _sharpness(self, iteration: int) -> float:
        """Of shares: one in the first half, then in stages up to the sharpest."""
        if not self.design.rounds:
            return 1.0
        stage = max(0, int(_STAGES * (2 * iteration / self.design.steps - 1)))
        return _SHARPEST ** (min(stage, _STAGES - 1) / (_STAGES - 1))

    def _update(self, row, done: int, vectors: Float[np.ndarray, "starts numbers"]) -> Update:
        names = sorted(name for name in QUANTITIES if f"design_{name}" in row)
        if not self.store.length:
            self.store.update_attrs({"looked_at": json.dumps(names)} | self._averaged)
        self.store.append(row)
        places = (jnp.asarray(row["positions"][0, 0]), jnp.asarray(row["cell"][0, 0]))
        best, sharpness = row["design_vector"][0, 0], PURE if row["rounded"][0] else 1.0
        variables = self.problem.variables
        return Update(
            done=done,
            total=self.design.total,
            system=eqx.tree_at(lambda s: (s.positions, s.cell), self.system, places),
            series=series_of(row, names),
            checkpoint=lambda: _stored(int(row["design_iteration"][0]), vectors),
            product=lambda: variables.medium(variables.change(best), jnp.asarray(sharpness)),
        )


def _discrete(campaign: Campaign) -> tuple[Float[np.ndarray, "starts numbers"], Outcome]:
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
