"""Conserved quantities and reversibility over long times on the Lennard-Jones liquid."""

from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mlip_nb import units
from mlip_nb.simulate import MDState, draw_momenta, ensembles, simulate, start_state
from mlip_nb.system import System

from ..simulate.oscillators import Wells, begin, march, moving, trajectory
from .liquid import EPSILON, SIGMA, TAU, TIMESTEP, frames_of, lennard_jones, liquid
from .sampling import TEMPERATURE, controls_at, sample, suited

pytestmark = pytest.mark.physics

DENSITY, ATOMS = 0.8442, 108
HELD = 2.9
"""Pressure of the liquid at this density, reduced."""
STARTS = 12
"""Independent pairs of trajectories from which an order is measured."""
OVERDAMPED = "brownian"
"""The ensemble whose accounting is exact in no limit but that of short steps; see its law."""
WELLS, SPAN, SPANS = 4096, 20.0, 32
"""Wells, time units between two readings, and readings."""
ODD = {"velocities", "rate"}
"""What a bath carries and time reversal turns, besides the momenta of atoms."""
NANOSECOND = units.to_internal(1.0, "ns")


@pytest.mark.physics
def test_drift_stays_below_a_hundred_thousandth_of_epsilon_per_atom(report):
    """1000 τ at h = 0.004 τ, float64."""
    energies = _conserved("nve", 0.004, 1000, 1)
    slope = np.polyfit(np.linspace(0, 1, len(energies)), energies, 1)[0] / EPSILON / ATOMS
    report.law("NVE drift over 1000 τ, ε per atom", f"{slope:.1e}", "1e-5")
    assert abs(slope) < 1e-5


@pytest.mark.parametrize("name", list(ensembles))
def test_scatter_of_the_conserved_quantity_has_the_declared_order(name, report):
    """Halving the step, h = 0.004 to 0.002 τ, on a smooth potential: fourfold for a second-order method.

    Both steps from the same start, over 1 τ: chaos has not yet made the two trajectories independent samples of the
    error. Over 20 τ it has, and one ratio is then uncertain by 7 %, with a barostat by 20 %: as wide as the bound.
    """
    integrator = suited(name).integrator(TIMESTEP)
    if not _deterministic(start_state(liquid(DENSITY, 3, TEMPERATURE), integrator, key=jax.random.PRNGKey(0))):
        pytest.skip("random numbers add to the scatter")
    ratio, error = _ratio(name, "smooth")
    report.ensemble(name, order_liquid=np.log2(ratio))
    assert error < 0.025 * 2**integrator.order
    assert ratio == pytest.approx(2**integrator.order, rel=0.075)


def test_truncated_potential_has_no_order(report):
    """Negative control: a step in the energy at the cutoff is what remains, however short the timestep."""
    ratio, _ = _ratio("nve", "truncated")
    report.law("NVE, truncated potential (control): scatter, h = 0.004 to 0.002 τ", f"{ratio:.2f}", "about 1, not 4")
    assert ratio < 2


@pytest.mark.parametrize("name", [name for name in ensembles if name != OVERDAMPED])
def test_conserved_quantity_does_not_drift(name, report):
    """Less than a twentieth of kT per atom and nanosecond, over 0.4 ns at h = 0.005 τ."""
    conserved = sample(name).conserved / ATOMS
    duration = len(conserved) * 20 * TIMESTEP / NANOSECOND
    slope = np.polyfit(np.linspace(0, duration, len(conserved)), conserved, 1)[0]
    report.ensemble(name, drift=1e3 * slope)
    assert abs(slope) < 0.05 * TEMPERATURE * EPSILON


def test_overdamped_drift_falls_with_the_square_of_the_step(report):
    r"""Without inertia a drift belongs to any finite step: that it vanishes as h² is the law.

    The heat of a step of length Δ = O(√h) is the trapezoidal sum of F Δ, and the conserved quantity grows by
    $c = -U^{(3)}Δ^3/12 + O(Δ^5)$, which changes sign when the ends of the step change places. Of ⟨c⟩ only that
    remains by which the law of the two ends, p(x, x'), differs from p(x', x):
    $⟨c⟩ = \tfrac12 ⟨c\,(1 - p(x', x)/p(x, x'))⟩$. The difference is O(h^{3/2}) like c itself, as in the acceptance
    ratio of Metropolis corrections to this dynamics; hence h³ per step, h² per time. An error in the accounting of
    heat, such as a rectangular sum, would show as h⁰: F'Δ² per step. In wells, because a liquid takes a thousand
    times as long: there c scatters sixty times as much as it drifts.
    """
    rates, errors = zip(*(_overdamped_drift(step) for step in (0.1, 0.05)), strict=True)
    power = np.log2(rates[0] / rates[1])
    error = np.hypot(*np.divide(errors, rates)) / np.log(2)
    report.law("overdamped: power of the step in the drift", f"{power:.2f} ± {error:.2f}", "2 ± 0.4")
    assert error < 0.13
    # The next power, h³, takes a tenth off the coarser of the two.
    assert power == pytest.approx(2, abs=0.4)


@pytest.mark.parametrize("name", list(ensembles))
def test_reversed_trajectory_leads_back(name, report):
    """500 steps of 0.004 τ forth, momenta and bath reversed, 500 back: float64 round-off, grown by chaos."""
    integrator = suited(name).integrator(0.004 * TAU)
    system = liquid(DENSITY, 3, TEMPERATURE)
    start = start_state(system, integrator, key=jax.random.PRNGKey(0))
    if not _deterministic(start):
        pytest.skip("draws random numbers")
    there = _moved(start, integrator, name, system.pbc)
    back = _moved(_reversed(there), integrator, name, system.pbc)
    error = np.abs(_positions(back) - _positions(start)).max()
    report.ensemble(name, reversal=error)
    assert error < 1e-8 * SIGMA
    assert np.abs(_positions(there) - _positions(start)).max() > 0.1 * SIGMA


def _ratio(name: str, style: str) -> tuple[float, float]:
    """Scatter at 0.004 τ over that at 0.002 τ, and its error, by leaving out one start after the other."""
    squares = np.stack([_variances(name, timestep, style) for timestep in (0.004, 0.002)], axis=1)
    without = [np.sqrt(np.divide(*np.delete(squares, k, axis=0).sum(axis=0))) for k in range(STARTS)]
    return np.sqrt(np.divide(*squares.sum(axis=0))), np.sqrt((STARTS - 1) * np.var(without))


def _variances(name: str, timestep: float, style: str) -> np.ndarray:
    """Of the conserved quantity over 1 τ, from each start; all in one program."""
    integrator, controls = suited(name).integrator(timestep * TAU), controls_at(name, TEMPERATURE, HELD)
    steps, starts = round(1 / timestep), _starts()
    chunks = simulate(
        [start_state(system, integrator, key=jax.random.PRNGKey(0)) for system in starts],
        lennard_jones(style),
        integrator,
        lambda step: (controls, steps + 1),
        pbc=starts[0].pbc,
        steps=steps,
        every=round(0.02 / timestep),
        skin=0.45 * SIGMA,
    )
    return np.concatenate([chunk.frames.conserved for chunk in chunks if len(chunk.frames.step)]).var(axis=0)


@cache
def _starts() -> tuple[System, ...]:
    """Independent states of the liquid."""
    integrator = suited("nvt-langevin").integrator(TIMESTEP)
    controls = {"temperature": TEMPERATURE * EPSILON, "friction": 1 / TAU}
    first = liquid(DENSITY, 3, TEMPERATURE)
    pieces = frames_of(first, lennard_jones(), integrator, controls, steps=400 * STARTS, every=400, seed=5)
    places = np.concatenate([frames.positions for frames in pieces])[-STARTS:]
    moved = [eqx.tree_at(lambda s: s.positions, first, jnp.asarray(positions)) for positions in places]
    return tuple(
        system.with_momenta(draw_momenta(system, TEMPERATURE * EPSILON, key=jax.random.PRNGKey(10 + k)))
        for k, system in enumerate(moved)
    )


def _conserved(name: str, timestep: float, duration: float, every: float) -> np.ndarray:
    """Conserved quantity of the liquid; times in τ."""
    pieces = frames_of(
        liquid(DENSITY, 3, TEMPERATURE),
        lennard_jones(),
        suited(name).integrator(timestep * TAU),
        controls_at(name, TEMPERATURE, HELD),
        steps=round(duration / timestep),
        every=round(every / timestep),
        seed=0,
    )
    return np.concatenate([frames.conserved for frames in pieces])


def _overdamped_drift(step: float) -> tuple[float, float]:
    """Growth of the conserved quantity for each degree of freedom, kT per unit of time, and its error."""
    wells = Wells(stiffness=(1.0, 1.0, 1.0), quartic=0.3)
    integrator = suited(OVERDAMPED).integrator(step)
    controls, steps = {"temperature": 1.0, "friction": 1.0}, round(SPAN / step)
    state = march(begin(moving(WELLS), integrator, wells), integrator, controls, wells, steps)
    _, conserved = trajectory(state, integrator, controls, wells, samples=SPANS, every=steps)
    growth = np.diff(np.asarray(conserved)) / (3 * WELLS * SPAN)
    return growth.mean(), growth.std(ddof=1) / np.sqrt(len(growth))


def _deterministic(state: MDState) -> bool:
    """True when no random key is carried along."""
    return not any(jnp.issubdtype(leaf.dtype, jnp.unsignedinteger) for leaf in jax.tree.leaves(state.bath))


def _moved(state: MDState, integrator, name: str, pbc) -> MDState:
    controls = controls_at(name, TEMPERATURE, 0.0)
    options = {"pbc": pbc, "steps": 500, "every": 500, "skin": 0.45 * SIGMA}
    *_, last = simulate(state, lennard_jones(), integrator, lambda step: (controls, 501), **options)
    return jax.tree.map(lambda leaf: leaf[0], last.progress.state)


def _reversed(state: MDState) -> MDState:
    """The same at step zero with all that is odd under time reversal turned."""

    def turned(path, leaf):
        return -leaf if getattr(path[-1], "name", "") in ODD else leaf

    bath = jax.tree_util.tree_map_with_path(turned, state.bath)
    return eqx.tree_at(
        lambda s: (s.momenta, s.bath, s.step),
        state,
        (-state.momenta, bath, jnp.zeros_like(state.step)),
        is_leaf=lambda leaf: leaf is None,
    )


def _positions(state: MDState) -> np.ndarray:
    return np.asarray(state.in_callers_order(state.positions))
