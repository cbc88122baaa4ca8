"""A design going on: one evaluation of every start at a time, and at last one element on every site."""

import dataclasses
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..design import PURE, QUANTITIES, Campaign, Outcome, Problem, check_start, discrete
from ..results.storage import AbstractStore
from ..system import System
from ._base import Controls
from ._design_goals import Aim
from ._design_rows import row_of, series_of
from ._thermal_rows import averaged
from ._update import Update

if TYPE_CHECKING:
    from .design import Design

_SHARPEST = 12.0
"""Sharpness of shares before they are rounded."""
_STAGES = 6


class Designing:
    """From its beginning, or from a checkpoint, to its end."""

    def __init__(self, design: "Design", system: System, problem: Problem, store: AbstractStore):
        self.design, self.system, self.problem, self.store = design, system, problem, store
        self.mixture = np.nan
        """The objective of the best before shares were sharpened."""
        self._newest: Update | None = None
        self._averaged: dict[str, str] = {}

    def updates(self, controls: Controls, checkpoint: bytes | None) -> Iterator[Update]:
        """One an iteration, and one for the rounded design."""
        design, iteration = self.design, self._begin(checkpoint)
        campaign, begun, accepted = self.campaign, iteration, False
        done = iteration >= design.steps
        while not done:
            aim = Aim.of(design, controls(iteration)[0])
            accepted |= aim.accepted
            # There must be something to accept.
            if accepted and self._newest is not None:
                yield from self._accepted(iteration)
                break
            iteration += 1
            campaign.aim(aim.goals, aim.weights, self._sharpness(iteration))
            found = campaign.step()
            if iteration == begun + 1:
                self._averaged = {"averaged": json.dumps(averaged(found))} if found.thermal else {}
                if checkpoint is None:
                    check_start(self.problem, found, sloped=design.optimizer.needs != "value")
            if campaign.sharpness == 1.0:
                self.mixture = _best_objective(campaign, found)
            done = iteration == design.steps or self._is_done(found, iteration)
            row = row_of(campaign, found, campaign.vectors, iteration, rounded=False)
            yield self._update(row, design.steps if done else iteration, iteration)
        if design.rounds:
            vectors, found = discrete(campaign)
            told = {"mixture": self.mixture, "discrete": _best_objective(campaign, found)}
            self.store.update_attrs({"rounding": json.dumps(told)})
            row = row_of(campaign, found, vectors, iteration + 1, rounded=True)
            yield self._update(row, design.total, iteration)

    def _begin(self, checkpoint: bytes | None) -> int:
        """**Returns:** the iterations that were before."""
        design = self.design
        keys = jax.random.split(jax.random.key(design.seed), design.starts)
        # Of species the structure itself is a symmetric point, from which slopes may vanish.
        even = "species" in design.vary
        noises = [0.0 if index == 0 and not even else design.noise for index in range(design.starts)]
        start = self.problem.variables.start
        vectors = np.stack([start(key, noise) for key, noise in zip(keys, noises, strict=True)])
        options = {"goals": [*design.goals.values()], "weights": [*design.weights.values()]}
        self.campaign = Campaign(
            self.problem, design.optimizer, vectors, reach=design.reach, seed=design.seed, **options
        )
        if checkpoint is None:
            return 0
        with np.load(io.BytesIO(checkpoint), allow_pickle=False) as stored:
            state = dict(stored)
        self.mixture, iteration = float(state.pop("mixture")), int(state.pop("iteration"))
        self.campaign.restore(state)
        return iteration

    def _accepted(self, iteration: int) -> Iterator[Update]:
        """Enough, though there might be more."""
        if not self.design.rounds and self._newest is not None:
            yield dataclasses.replace(self._newest, done=iteration, total=iteration, series={}, system=None)

    def _is_done(self, found: Outcome, iteration: int) -> bool:
        """When it is good enough, or no start gains anything; species are to be sharp first."""
        design = self.design
        if design.rounds and iteration < design.steps and self._sharpness(iteration) < _SHARPEST:
            return False
        return abs(float(self.campaign.merits(found).min())) <= design.tolerance or self.campaign.over

    def _sharpness(self, iteration: int) -> float:
        """Of shares: one in the first half, then in stages up to the sharpest."""
        if not self.design.rounds:
            return 1.0
        stage = max(0, int(_STAGES * (2 * iteration / self.design.steps - 1)))
        return _SHARPEST ** (min(stage, _STAGES - 1) / (_STAGES - 1))

    def _update(self, row, done: int, iteration: int) -> Update:
        names = sorted(name for name in QUANTITIES if f"design_{name}" in row)
        if not self.store.length:
            self.store.update_attrs({"looked_at": json.dumps(names)} | self._averaged)
        self.store.append(row)
        places = (jnp.asarray(row["positions"][0, 0]), jnp.asarray(row["cell"][0, 0]))
        best, sharpness = row["design_vector"][0, 0], PURE if row["rounded"][0] else 1.0
        variables = self.problem.variables
        # At once: what a search knows has changed by the time that anybody asks.
        checkpoint = self._stored(iteration)
        self._newest = Update(
            done=done,
            total=self.design.total,
            system=eqx.tree_at(lambda s: (s.positions, s.cell), self.system, places),
            series=series_of(row, names),
            checkpoint=lambda: checkpoint,
            product=lambda: variables.medium(variables.change(best), jnp.asarray(sharpness)),
        )
        return self._newest

    def _stored(self, iteration: int) -> bytes:
        held = io.BytesIO()
        np.savez(held, iteration=iteration, mixture=self.mixture, **self.campaign.state)
        return held.getvalue()


def _best_objective(campaign: Campaign, found: Outcome) -> float:
    """Of the design that is told of: among those that keep constraints, if there are any."""
    return float(found.objective[np.argmin(campaign.merits(found))])
