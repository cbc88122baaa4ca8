"""Many starts of one design, improved side by side."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from .constraints import Multipliers, violations
from .optimizers import Need, Optimizer, Search, State, Told
from .outcome import Outcome, Settings, below, named
from .problem import Problem

_ALLOWED = 1e-6
"""A violation of a constraint that is none."""
_PATIENCE = 12
"""Steps between changes of the prices of constraints."""
PURE = 1e4
"""Sharpness at which a site is one element to the last digit."""
_PLAIN = ("goals", "weights", "sharpness", "rests", "vectors", "evaluations", "_former", "_waited")
"""What of a campaign are numbers."""


class Campaign:
    """Searches from several starts, and the best that each has found."""

    def __init__(self, problem: Problem, optimizer: Optimizer, starts: Float[np.ndarray, "starts numbers"], **options):
        """`options` are `goals`, their `weights` (one each without), `reach` and `seed`."""
        self.problem, self.optimizer = problem, optimizer
        self.goals, self.sharpness = np.asarray(options["goals"], float), 1.0
        self.weights = np.asarray(options.get("weights", np.ones_like(self.goals)), float)
        self.searches: list[Search] = [
            optimizer.search(start, options["reach"], options["seed"] + index, self._leverage)
            for index, start in enumerate(np.asarray(starts, float))
        ]
        self.rests = np.zeros((len(starts), problem.relaxing.size))
        self.best: Outcome | None = None
        self.vectors = np.array(starts, float)
        """Of the best of each start."""
        self.evaluations = 0
        """Of one start."""
        self._prices: Multipliers | None = None
        self._former = np.full(len(starts), np.inf)
        self._waited = 0

    @property
    def over(self) -> bool:
        """True when no search expects to gain anything."""
        return all(search.over for search in self.searches) and not self._is_bound

    def step(self) -> Outcome:
        """One evaluation of all that the searches ask for. **Returns:** the best of each start so far."""
        asked = [search.ask() for search in self.searches]
        found = self._evaluated(asked)
        for index, search in enumerate(self.searches):
            here = slice(index * len(asked[0]), (index + 1) * len(asked[0]))
            told = _told(found, here)
            self._keep(index, asked[index], found.part(here), [one.value for one in told])
            search.tell(told)
        self._revise()
        assert self.best is not None
        return self.best

    def aim(self, goals: np.ndarray, weights: np.ndarray, sharpness: float) -> None:
        """Other goals or weights, or sharper shares: what was best is to be seen anew."""
        same = np.array_equal(goals, self.goals) and np.array_equal(weights, self.weights)
        if same and sharpness == self.sharpness:
            return
        self.goals, self.weights, self.sharpness = np.asarray(goals, float), np.asarray(weights, float), sharpness
        self._anew()

    @property
    def state(self) -> State:
        """All that is needed to go on as if nothing had come between, as arrays by name."""
        told = {name: np.array(getattr(self, name)) for name in _PLAIN}
        for place, search in enumerate(self.searches):
            told |= {f"search_{place}.{name}": value for name, value in search.state.items()}
        parts = {"best": self.best, "prices": self._prices}
        return told | {f"{name}.{key}": value for name, part in parts.items() for key, value in named(part).items()}

    def restore(self, state: State) -> None:
        """Be what another campaign was, from the same starts."""
        for name in _PLAIN:
            setattr(self, name, state[name] if state[name].ndim else state[name].item())
        for place, search in enumerate(self.searches):
            search.restore(below(state, f"search_{place}"))
        self.best = Outcome.of(below(state, "best")) if below(state, "best") else None
        prices = {name: jnp.asarray(value) for name, value in below(state, "prices").items()}
        self._prices = Multipliers(**prices) if prices else None
        if self.problem.reservoir is not None:
            # Samples are not kept: what they made of the best one is not what new ones make of it.
            self._anew()

    def pure(self, vectors: Float[np.ndarray, "designs numbers"]) -> Outcome:
        """Designs whose sites are one element each, `starts` of them at a time."""
        size, pieces = len(self.searches), []
        for begin in range(0, len(vectors), size):
            piece = vectors[begin : begin + size]
            whole = np.concatenate([piece, np.repeat(piece[-1:], size - len(piece), axis=0)])
            found = self._outcome(whole, self.rests, PURE, self._prices, self.optimizer.needs)
            pieces.append(found.part(slice(0, len(piece))))
        return jax.tree.map(lambda *parts: np.concatenate(parts), *pieces)

    def merits(self, found: Outcome) -> Float[np.ndarray, " designs"]:
        """What is wanted, with violations of constraints worse than anything."""
        worst = self.violations(found)
        values = np.where(np.isfinite(found.objective), found.objective, np.inf)
        return np.where(worst > _ALLOWED * 10, 1e12 * (1 + worst), values)

    def violations(self, found: Outcome) -> Float[np.ndarray, " designs"]:
        """The largest of any constraint."""
        return violations(np.asarray(found.equal), np.asarray(found.positive))

    @property
    def elements(self) -> tuple[str, ...]:
        """Those of the potential."""
        return tuple(self.problem.variables.potential.spec.elements or ())

    def shares(self, vectors: np.ndarray, *, rounded: bool) -> Float[np.ndarray, "designs elements atoms"] | None:
        """Of the elements of the potential on every site; None where species are not varied."""
        variables, sharpness = self.problem.variables, jnp.asarray(PURE if rounded else self.sharpness)
        if variables.sites is None:
            return None
        changes = [variables.change(jnp.asarray(vector)) for vector in vectors]
        return np.stack([variables.medium(change, sharpness).weights for change in changes])

    @property
    def _is_bound(self) -> bool:
        return self._prices is not None and (self._prices.equal.size or self._prices.positive.size) > 0

    def _evaluated(self, asked: list[np.ndarray]) -> Outcome:
        each = len(asked[0])
        vectors, rests = np.concatenate(asked), np.repeat(self.rests, each, axis=0)
        self.evaluations += each
        if self._prices is None:
            self._prices = self._without_prices(vectors, rests)
        prices = jax.tree.map(lambda leaf: jnp.repeat(leaf, each, axis=0), self._prices)
        return self._outcome(vectors, rests, self.sharpness, prices, self.optimizer.needs)

    def _outcome(self, vectors, rests, sharpness: float, prices, need: Need) -> Outcome:
        settings = self._settings(sharpness)
        # A design that goes on after its last iteration has had no evaluation yet.
        prices = self._without_prices(vectors, rests) if prices is None else prices
        return jax.tree.map(np.asarray, self.problem.evaluate(vectors, rests, prices, settings, need))

    def _without_prices(self, vectors, rests) -> Multipliers:
        """As many as there are constraints, which only the functions themselves know."""
        settings = self._settings(self.sharpness)
        equal, positive = jax.eval_shape(
            lambda: self.problem.constraints(jnp.asarray(vectors[0]), jnp.asarray(rests[0]), settings)
        )
        return Multipliers.none(len(self.searches), *equal.shape, *positive.shape)

    def _leverage(self, vector: np.ndarray) -> np.ndarray:
        return self.problem.variables.leverage(vector, self.sharpness)

    def _settings(self, sharpness: float) -> Settings:
        return Settings(jnp.asarray(self.goals), jnp.asarray(sharpness), jnp.asarray(self.weights))

    def _keep(self, index: int, asked: np.ndarray, found: Outcome, values: list[float]) -> None:
        best = int(np.nanargmin(np.where(np.isfinite(values), values, np.inf)))
        one = jax.tree.map(lambda leaf: leaf[best], found)
        if self.best is None:
            count = len(self.searches)
            self.best = jax.tree.map(lambda leaf: np.repeat(np.asarray(leaf)[None], count, axis=0), one)
            # No number: nothing is known of this start yet.
            self.best = eqx.tree_at(lambda o: o.value, self.best, np.full(count, np.nan))
        if np.isfinite(one.value) and not one.value > self.best.value[index]:
            self._put(index, one)
            self.vectors[index], self.rests[index] = asked[best], one.rest
        elif np.isnan(self.best.value[index]):
            self._put(index, eqx.tree_at(lambda o: (o.value, o.objective), one, (np.inf, np.inf)))

    def _put(self, index: int, one: Outcome) -> None:
        for whole, part in zip(jax.tree.leaves(self.best), jax.tree.leaves(one), strict=True):
            whole[index] = part

    def _revise(self) -> None:
        """Prices follow violations once the searches have settled."""
        self._waited += 1
        if not self._is_bound or (self._waited < _PATIENCE and not all(search.over for search in self.searches)):
            return
        # A start without numbers has no violations, and is to keep prices that are numbers.
        equal, positive = (np.nan_to_num(one, posinf=0, neginf=0) for one in (self.best.equal, self.best.positive))
        self._prices = self._prices.after(equal, positive, self._former)
        self._former = violations(equal, positive)
        self._anew()

    def _anew(self) -> None:
        self._waited = 0
        for search in self.searches:
            search.forget()
        if self.best is not None:
            self.best = eqx.tree_at(lambda o: o.value, self.best, np.full(len(self.searches), np.inf))


def _told(found: Outcome, here: slice) -> list[Told]:
    part = found.part(here)
    rows = [None] * len(part.value) if part.jacobian is None else part.jacobian
    return [
        Told(float(value), *rest) for value, *rest in zip(part.value, part.slope, part.residuals, rows, strict=True)
    ]
