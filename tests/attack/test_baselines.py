"""Beside an attack stands what molecular dynamics would have found."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb.learn import Recipe, fit_linear, fresh
from mlip_nb.potentials import potential
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.system import from_ase
from mlip_nb.uncertainty import uncertainties
from mlip_nb.workflows.explorers import _walks

from ..learn.teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si",), degree=1, channels=4, hidden=8, radial=4, cutoff=3.8, precision="float64")
SETTINGS = mlip_nb.Attack(radius=0.2, iterations=2, starts=2)
CRYSTAL = from_ase(bulk("Si", cubic=True))


@pytest.fixture(scope="module")
def spread():
    """Of a committee that has learned from little."""
    frames = frames_of_silicon(6)
    members = [fit_linear(fresh(SPEC.replace(weight_seed=k), frames), frames, Recipe(batch=64))[0] for k in range(3)]
    return uncertainties["committee"]().fitted(Committee.of(members, SPEC.replace(members=3)))


def test_what_is_told_of_walks_is_what_their_frames_have(spread, monkeypatch):
    """With walks that are known; one of them ends early."""
    random = np.random.default_rng(0)
    steps = {"md": 2, "hot-md": 3, "biased-md": 0}
    made = {
        name: [dataclasses.replace(CRYSTAL, positions=CRYSTAL.positions + _noise(random)) for _ in range(count)]
        for name, count in steps.items()
    }
    given = iter(made.values())
    monkeypatch.setattr(_walks, "walked", lambda *walk: next(given))
    truth = potential("stillinger-weber")
    found = SETTINGS.replace(walks=1).run(CRYSTAL, spread, reference=truth)
    assert found["baseline"].values.tolist() == list(made)
    assert found["baseline_uncertainty"].notnull().sum("sample").values.tolist() == list(steps.values())
    before = float(spread.potential.evaluate(CRYSTAL).energy)
    for kind, name in enumerate(made):
        for place, one in enumerate(made[name]):
            told = found.isel(baseline=kind, sample=place)
            sigma = np.asarray(spread.assess(one).atoms)
            ours, theirs = spread.potential.evaluate(one), truth.evaluate(one)
            # Frames in batches are evaluated in single precision.
            assert float(told["baseline_uncertainty"]) == pytest.approx(np.sqrt(np.mean(sigma**2)), rel=1e-3)
            assert float(told["baseline_energy_rise"]) == pytest.approx((float(ours.energy) - before) / 8, abs=1e-4)
            off = np.sqrt(np.mean(np.square(ours.forces - theirs.forces)))
            assert float(told["baseline_true_error"]) == pytest.approx(off, rel=1e-6)
    assert len(found.mlip.plot().axes) == 3


def _noise(random: np.random.Generator) -> jnp.ndarray:
    return jnp.asarray(random.normal(0, 0.05, (8, 3)))


@pytest.mark.physics
def test_hot_walks_cost_more_and_biased_ones_are_less_sure(spread):
    """Means over 16 walks, by three standard errors; equal temperatures give equal energies."""
    walks = {"walks": 16, "walk_steps": 60, "thermal": 200, "hot": 2000}
    found = SETTINGS.replace(**walks).run(CRYSTAL, spread)
    last = found.isel(sample=slice(9, None, 10))
    energy, sigma = (last[f"baseline_{name}"].values for name in ("energy_rise", "uncertainty"))
    assert _apart(energy[1], energy[0]) > 3
    assert _apart(sigma[1], sigma[0]) > 3


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Means, in standard errors."""
    return float((one.mean() - other.mean()) / np.sqrt(one.var() / len(one) + other.var() / len(other)))
