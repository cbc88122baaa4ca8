"""Conserved quantities and reversibility over long times on the Lennard-Jones liquid."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mlip_nb import units
from mlip_nb.simulate import MDState, ensembles, simulate, start_state

from .liquid import EPSILON, SIGMA, TAU, TIMESTEP, frames_of, lennard_jones, liquid
from .sampling import TEMPERATURE, controls_at, sample, suited

pytestmark = pytest.mark.physics

DENSITY, ATOMS = 0.8442, 108
ODD = {"velocities", "rate"}
"""What a bath carries and time reversal turns, besides the momenta of atoms."""
NANOSECOND = units.to_internal(1.0, "ns")


def test_drift_stays_below_a_hundred_thousandth_of_epsilon_per_atom(report):
    """1000 τ at h = 0.004 τ, float64."""
    energies = _conserved("nve", 0.004, 1000, 1)
    slope = np.polyfit(np.linspace(0, 1, len(energies)), energies, 1)[0] / EPSILON / ATOMS
    report.law("NVE drift over 1000 τ, ε per atom", f"{slope:.1e}", "1e-5")
    assert abs(slope) < 1e-5


@pytest.mark.parametrize("name", list(ensembles))
def test_scatter_of_the_conserved_quantity_has_the_declared_order(name, report):
    """Halving the step, h = 0.004 to 0.002 τ, on a smooth potential: fourfold for a second-order method."""
    integrator = suited(name).integrator(TIMESTEP)
    if not _deterministic(start_state(liquid(DENSITY, 3, TEMPERATURE), integrator, key=jax.random.PRNGKey(0))):
        pytest.skip("random numbers add to the scatter")
    ratio = _ratio(name, "smooth")
    report.ensemble(name, order_liquid=np.log2(ratio))
    assert ratio == pytest.approx(2**integrator.order, rel=0.075)


def test_truncated_potential_has_no_order(report):
    """Negative control: a step in the energy at the cutoff is what remains, however short the timestep."""
    ratio = _ratio("nve", "truncated")
    report.law("NVE, truncated potential (control): scatter, h = 0.004 to 0.002 τ", f"{ratio:.2f}", "about 1, not 4")
    assert ratio < 2


@pytest.mark.parametrize("name", list(ensembles))
def test_conserved_quantity_does_not_drift(name, report):
    """Less than a twentieth of kT per atom and nanosecond, over 0.4 ns at h = 0.005 τ."""
    conserved = sample(name).conserved / ATOMS
    duration = len(conserved) * 20 * TIMESTEP / NANOSECOND
    slope = np.polyfit(np.linspace(0, duration, len(conserved)), conserved, 1)[0]
    report.ensemble(name, drift=1e3 * slope)
    assert abs(slope) < 0.05 * TEMPERATURE * EPSILON


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


def _ratio(name: str, style: str) -> float:
    coarse, fine = (_conserved(name, timestep, 20, 0.04, style) for timestep in (0.004, 0.002))
    return coarse.std() / fine.std()


def _conserved(name: str, timestep: float, duration: float, every: float, style: str = "smooth") -> np.ndarray:
    """Conserved quantity of the liquid; times in τ."""
    pieces = frames_of(
        liquid(DENSITY, 3, TEMPERATURE),
        lennard_jones(style),
        suited(name).integrator(timestep * TAU),
        controls_at(name, TEMPERATURE, 0.0),
        steps=round(duration / timestep),
        every=round(every / timestep),
        seed=0,
    )
    return np.concatenate([frames.conserved for frames in pieces])


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
