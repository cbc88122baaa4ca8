"""A design as a function of a vector: its value, its gradient, and everything worth telling of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..uncertainty import AbstractUncertainty
from .conditions import Conditions
from .constraints import Multipliers, penalty
from .freedom import Freedom
from .material import Material, Placed
from .medium import Stage
from .objective import Source, call, where
from .optimizers import Need
from .outcome import Outcome, Settings
from .phonons import is_local
from .relaxation import relaxed, residual
from .reservoir import Reservoir
from .samples import Samples
from .uncertain import uncertain
from .variables import Variables

_TRIES = 6
"""Times an evaluation is repeated whose table of neighbours did not serve."""


@dataclass(frozen=True)
class Problem:
    """What is varied, what relaxes, and what is wanted."""

    variables: Variables
    stage: Stage
    relaxing: Freedom
    targets: tuple[tuple[str, float], ...] = ()
    """Names of quantities, and the scales of their errors."""
    objective: Source | None = None
    equal: tuple[Callable[[Material], Any], ...] = ()
    """Each must become zero."""
    positive: tuple[Callable[[Material], Any], ...] = ()
    """None may be negative."""
    trust: AbstractUncertainty | None = None
    conditions: Conditions = Conditions()
    """What quantities refer to."""
    reservoir: Reservoir | None = None
    """Where samples for thermal averages come from; None where nothing has a temperature."""
    _compiled: dict = field(default_factory=dict)

    def material(
        self, vector: Float[Array, " numbers"], rest: Float[Array, " coordinates"], sharpness, samples=None
    ) -> Placed:
        """The design at rest, beginning from where a former one was; `samples` are for thermal averages."""
        change = self.variables.change(vector)
        given = (self.variables.medium(change, sharpness), self.variables.arrangement(change))
        table = self.stage.neighbors(self.relaxing.changed(rest, given[1]))

        def enthalpy(along, given):
            medium, start = given
            return self.stage.enthalpy(medium, table, self.relaxing.changed(along, start))

        along = relaxed(enthalpy, rest, given)
        here = self.relaxing.changed(along, given[1])
        still = self.relaxing.changed(jax.lax.stop_gradient(along), given[1])
        x = Material(self.stage, given[0], table, here, still, self.trust, self.conditions, samples)
        return Placed(x, along, here, residual(enthalpy, along, given), self.stage.serves(given[0], table, here))

    def constraints(self, vector, rest, settings: Settings) -> tuple[Array, Array]:
        """What must be zero, and what must not be negative, of one design."""
        x = self.material(vector, rest, settings.sharpness, self._blank).x
        return _joined(self.equal, x), _joined(self.positive, x)

    def looks(self, goals: Float[Array, " targets"]) -> set[str]:
        """Names of the numbers that are looked at; nothing is computed.

        **Raises:** `InputError` for mistakes in the functions of the user, for a temperature that nobody looks at, and
        for phonons of a potential that passes messages from atom to atom.
        """
        names: set[str] = set()
        waves: list[bool] = []

        def trial():
            settings = Settings(goals, jnp.ones(()))
            start = jnp.zeros(self.variables.size), jnp.zeros(self.relaxing.size)
            x = self.material(*start, settings.sharpness, self._blank).x
            self._residuals(x, settings)
            self._asked(x)
            joined = _joined(self.equal, x), _joined(self.positive, x)
            names.update(name for name, value in x.seen.items() if value.ndim == 0)
            waves.append(x.has_waves)
            if self.reservoir and not x.ensemble.means:
                raise InputError(
                    "a temperature is given and nothing is averaged; use x.average(...), x.mean_pressure or another "
                    "mean in the objective, or leave --temperature out"
                )
            return joined

        jax.eval_shape(trial)
        if any(waves):
            self._check_local()
        return names

    def _check_local(self) -> None:
        change = self.variables.change(jnp.zeros(self.variables.size))
        medium, here = self.variables.medium(change, jnp.ones(())), self.variables.arrangement(change)
        if not is_local(self.stage, medium, self.stage.neighbors(here), here):
            name = medium.potential.spec.registered_name
            raise InputError(
                f"{name} passes messages from atom to atom, and phonons of a design need energies of atoms that depend "
                "on their own neighbours; take a potential of one layer"
            )

    def evaluate(self, vectors, rests, prices: Multipliers, settings: Settings, need: Need = "slope") -> Outcome:
        """Of every design, `[designs numbers]`; what does not relax near where it began is infinitely bad."""
        for _ in range(_TRIES):
            samples = self._samples(vectors, rests, settings)
            found = self._program(need)(jnp.asarray(vectors), jnp.asarray(rests), prices, settings, samples)
            lost = ~np.asarray(found.serves) & np.isfinite(np.asarray(found.value))
            if not lost.any():
                return found
            rests = jnp.where(lost[:, None], found.rest, rests)
        worth = tuple(jnp.where(found.serves, one, jnp.inf) for one in (found.value, found.objective))
        return eqx.tree_at(lambda o: (o.value, o.objective), found, worth)

    def _program(self, need: Need):
        if need not in self._compiled:
            one = {"value": self._value, "slope": self._gradient, "jacobian": self._jacobian}[need]
            one = one if self.reservoir is None else self._averaged
            self._compiled[need] = jax.jit(
                lambda vectors, rests, prices, settings, samples: jax.lax.map(
                    lambda each: one(*each, settings), (vectors, rests, prices, samples)
                )
            )
        return self._compiled[need]

    def _averaged(self, vector, rest, prices, samples: Samples, settings: Settings) -> Outcome:
        """With errors; slopes of everything come from one pass."""

        def numbers(vector, emphasis):
            value, told = self._told(vector, rest, prices, samples.emphasised(emphasis), settings)
            found = told(value, jnp.zeros_like(vector), None)
            means = [jnp.ravel(mean) for _, mean in sorted(found.means.items())]
            rows = [found.objective[None], *means, value[None], found.residuals]
            return jnp.concatenate(rows), found

        all_of_them, found = uncertain(numbers, vector, samples.count)
        last = 1 + found.residuals.size
        value, jacobian = all_of_them.slope[-last], all_of_them.slope[len(all_of_them.slope) - last + 1 :]
        return eqx.tree_at(
            lambda o: (o.slope, o.jacobian, o.thermal),
            found,
            (value, jacobian, jax.tree.map(lambda leaf: leaf[:-last], all_of_them)),
            is_leaf=lambda leaf: leaf is None,
        )

    def _value(self, vector, rest, prices, _: None, settings: Settings) -> Outcome:
        value, told = self._told(vector, rest, prices, None, settings)
        return told(value, jnp.zeros_like(vector), None)

    def _gradient(self, vector, rest, prices, _: None, settings: Settings) -> Outcome:
        def scalar(vector):
            value, told = self._told(vector, rest, prices, None, settings)
            return value, told(value, jnp.zeros_like(vector), None)

        slope, told = jax.grad(scalar, has_aux=True)(vector)
        return eqx.tree_at(lambda o: o.slope, told, slope)

    def _jacobian(self, vector, rest, prices, _: None, settings: Settings) -> Outcome:
        def rows(vector):
            value, told = self._told(vector, rest, prices, None, settings)
            outcome = told(value, jnp.zeros_like(vector), None)
            return outcome.residuals, outcome

        residuals, back, told = jax.vjp(rows, vector, has_aux=True)
        jacobian = jax.vmap(lambda row: back(row)[0])(jnp.eye(len(residuals)))
        slope = 2 * residuals @ jacobian
        return eqx.tree_at(lambda o: (o.slope, o.jacobian), told, (slope, jacobian), is_leaf=lambda leaf: leaf is None)

    def _told(self, vector, rest, prices, samples: Samples | None, settings: Settings):
        placed = self.material(vector, rest, settings.sharpness, samples)
        x = placed.x
        residuals = self._residuals(x, settings)
        objective = jnp.sum(residuals**2) + self._asked(x)
        equal, positive = _joined(self.equal, x), _joined(self.positive, x)
        value = objective + penalty(equal, positive, prices)
        if self.trust is not None:
            _ = x.uncertainty
        if self.conditions.charges:
            _ = x.charge
        seen = {name: one for name, one in x.seen.items() if one.ndim == 0}
        serves, share, means = placed.serves, jnp.ones(()), {}
        if samples is not None:
            serves, share, means = serves & x.ensemble.serves, x.ensemble.share, x.ensemble.means

        def told(value, slope, jacobian) -> Outcome:
            parts = (objective, residuals, jacobian, seen, equal, positive)
            return Outcome(value, slope, *parts, placed.here, placed.along, placed.force, serves, share, means)

        return value, told

    @property
    def _blank(self) -> Samples | None:
        return None if self.reservoir is None else self.reservoir.blank

    def _samples(self, vectors, rests, settings: Settings) -> Samples | None:
        """For every design, drawn where there are none that serve it."""
        if self.reservoir is None:
            return None
        return self.reservoir.serving(self.material, vectors, rests, settings.sharpness)

    def _residuals(self, x: Material, settings: Settings) -> Float[Array, " targets"]:
        if not self.targets:
            return jnp.zeros(0)
        values = jnp.stack([getattr(x, name) for name, _ in self.targets])
        scales = jnp.asarray([scale for _, scale in self.targets])
        roots = 1.0 if settings.weights is None else jnp.sqrt(settings.weights)
        return roots * (values - settings.goals) / scales

    def _asked(self, x: Material) -> Float[Array, ""]:
        if self.objective is None:
            return jnp.zeros(())
        value = call(self.objective, x)
        if jnp.ndim(value) != 0:
            shape = " by ".join(map(str, jnp.shape(value)))
            raise InputError(
                f"{where(self.objective)}: the objective is an array of {shape} numbers; return one number, such as "
                "a jnp.sum"
            )
        if not isinstance(value, jax.Array) or not jnp.issubdtype(value.dtype, jnp.floating):
            raise InputError(
                f"{where(self.objective)}: the objective does not depend on the design; return a number made of x"
            )
        return value


def _joined(functions: tuple[Callable, ...], x: Material) -> Float[Array, " values"]:
    values = [jnp.ravel(jnp.asarray(one(x), float)) for one in functions]
    return jnp.concatenate(values) if values else jnp.zeros(0)
