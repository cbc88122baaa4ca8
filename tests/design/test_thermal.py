"""Averages over an ensemble, their slopes, and the errors of both, against closed forms."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb.design import Multipliers, Problem, Reservoir, Samples, Sampling, Settings, Stage, freedom_of, variables_of
from mlip_nb.design.objective import read
from mlip_nb.design.sampling import _neighbors
from mlip_nb.errors import InputError

from .springs import FAR, Springs, drawn, pair, squared

KT = 0.02
COUNT = 4000
SETTINGS = Settings(jnp.zeros(0), jnp.ones(()))


def spread(x):
    return x.average(squared)


class Exact:
    """Draws from the law itself, where a `Sampler` asks molecular dynamics."""

    sampling = Sampling(temperature=300.0)

    def __init__(self, stage):
        self.stage = stage

    @property
    def blank(self):
        return self._made(jnp.ones(()), 0)

    def draw(self, medium, here, former):
        return self._made(medium.potential.stiffness, 1 if former is None else 2)

    def _made(self, stiffness, number):
        fractions = jnp.asarray(0.5 + (drawn(COUNT, KT, number) - 0.5) / stiffness**0.5)
        cells = jnp.broadcast_to(jnp.eye(3) * FAR, (COUNT, 3, 3))
        tables = _neighbors(self.stage, fractions * FAR, cells)
        return Samples(fractions, None, jnp.zeros(COUNT), jnp.zeros(COUNT), tables, KT)


def made() -> Problem:
    system, potential = pair(), Springs(jnp.ones(()))
    stage = Stage.of(system, potential)
    variables = variables_of(system, potential, ("parameters",), parameters=("stiffness",))
    free = freedom_of(system, positions=False, cell="fixed")
    return Problem(variables, stage, free, (), read(spread), reservoir=Reservoir(Exact(stage)))


@pytest.fixture(scope="module")
def problem():
    return made()


def at(problem, logarithm):
    """All that is known of a stiffness, given by its logarithm."""
    return problem.evaluate(np.array([[logarithm]]), np.zeros((1, 0)), Multipliers.none(1, 0, 0), SETTINGS)


def share(logarithm):
    """Of the samples, after the stiffness has changed so: (E w)²/E w² of three normal numbers."""
    ratio = math.exp(logarithm)
    return ratio**-3 * (2 * ratio - 1) ** 1.5


def test_the_slope_of_an_average_and_both_errors_are_those_of_a_harmonic_well(problem):
    """⟨r²⟩ = 3kT/k, d⟨r²⟩/d ln k = -3kT/k; with N samples variances of the estimators are 6 and 54 (kT/k)²/N.

    r² is kT/k times a χ² of three degrees of freedom, whose second and fourth central moments are 6 and 252; errors
    from 20 blocks are themselves uncertain by a sixth.
    """
    found = at(problem, 0.0).thermal
    value, slope = float(found.value[0, 1]), float(found.slope[0, 1, 0])
    error, slope_error = float(found.error[0, 1]), float(found.slope_error[0, 1, 0])
    assert value == pytest.approx(3 * KT, abs=5 * KT * (6 / COUNT) ** 0.5)
    assert slope == pytest.approx(-3 * KT, abs=5 * KT * (54 / COUNT) ** 0.5)
    assert error == pytest.approx(KT * (6 / COUNT) ** 0.5, rel=0.6)
    assert slope_error == pytest.approx(KT * (54 / COUNT) ** 0.5, rel=0.6)


def test_samples_are_kept_while_enough_of_them_carry_the_weights(problem):
    """And drawn anew when the effective sample size falls below 0.6 N, which it does at a known stiffness."""
    at(problem, 0.0)
    assert share(0.7) > 0.62 > 0.58 > share(0.85)
    kept, begun = at(problem, 0.7), problem.reservoir.draws
    assert float(kept.share[0]) == pytest.approx(share(0.7), abs=0.05)
    assert float(kept.thermal.value[0, 1]) == pytest.approx(
        3 * KT / math.exp(0.7), abs=5 * float(kept.thermal.error[0, 1])
    )
    again = at(problem, 0.85)
    assert problem.reservoir.draws == begun + 1
    assert float(again.share[0]) == pytest.approx(1, abs=1e-12)
    assert float(again.thermal.value[0, 1]) == pytest.approx(
        3 * KT / math.exp(0.85), abs=5 * float(again.thermal.error[0, 1])
    )
    # What was drawn before still serves where it did.
    at(problem, 0.0)
    assert problem.reservoir.draws == begun + 1


def test_every_start_has_samples_that_serve_it_and_keeps_them(problem):
    logarithms = np.linspace(-3, 3, 6)
    for round in range(2):
        begun = problem.reservoir.draws
        found = problem.evaluate(logarithms[:, None], np.zeros((6, 0)), Multipliers.none(6, 0, 0), SETTINGS).thermal
        wanted = 3 * KT * np.exp(-logarithms)
        assert (np.abs(found.value[:, 1] - wanted) < 5 * found.error[:, 1]).all()
        assert (problem.reservoir.draws > begun) == (round == 0)


def test_an_average_needs_a_temperature_and_a_temperature_an_average():
    system, potential = mlip_nb.load("Ar", a=5.4), mlip_nb.potential("lennard-jones", cutoff=5.0)
    options = {"vary": ("parameters",), "parameters": ("energy",), "starts": 1}
    with pytest.raises(InputError, match="needs a temperature, and is none of averages; give --temperature"):
        mlip_nb.Design(target="mean_pressure=1", **options).prepare(system, potential)
    with pytest.raises(InputError, match="a temperature is given and nothing is averaged"):
        mlip_nb.Design(target="pressure=1", sampling={"temperature": 80}, **options).prepare(system, potential)
    with pytest.raises(InputError, match="the volume is held; take --hold pressure"):
        mlip_nb.Design(target="mean_volume=1", sampling={"temperature": 80}, **options).prepare(system, potential)
    with pytest.raises(InputError, match="hold pressure leaves the cell free, and it is varied"):
        mlip_nb.Design(target="mean_pressure=1", sampling={"temperature": 80, "hold": "pressure"})
