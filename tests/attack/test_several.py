"""One perturbation for several structures, one for every bead of a ring polymer, and holes where walls should be."""

import dataclasses
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.attack import Hole, Uncertain
from mlip_nb.errors import InputError
from mlip_nb.learn import Recipe, fit_linear, fresh
from mlip_nb.potentials import AbstractGraphPotential, potential
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.system import from_ase
from mlip_nb.uncertainty import AbstractUncertainty, uncertainties

from ..learn.teacher import frames_of_silicon

SPEC = GauntSpec(symbols=("Si",), degree=1, channels=4, hidden=8, radial=4, cutoff=3.8, precision="float64")
SETTINGS = mlip_nb.Attack(radius=0.1, iterations=3, starts=2, objective=Uncertain())


@pytest.fixture(scope="module")
def spread():
    """Of a committee that has learned from little."""
    frames = frames_of_silicon(6)
    members = [fit_linear(fresh(SPEC.replace(weight_seed=k), frames), frames, Recipe(batch=64))[0] for k in range(2)]
    return uncertainties["committee"]().fitted(Committee.of(members, SPEC.replace(members=2)))


def rattled(seed):
    atoms = bulk("Si", cubic=True)
    atoms.rattle(0.08, seed=seed)
    return from_ase(atoms)


def test_one_perturbation_moves_all_structures_alike(spread):
    systems = [rattled(seed) for seed in (1, 2, 3)]
    found = SETTINGS.run(systems, spread)
    assert (np.diff(found["objective"], axis=0) >= 0).all()
    for frame in range(2):
        by = found["displacement"].values[frame]
        assert np.linalg.norm(by, axis=1).max() <= 0.1 + 1e-12
        sigma = []
        for place, system in enumerate(systems):
            moved = dataclasses.replace(system, positions=system.positions + by)
            sigma.append(np.sqrt(np.mean(np.square(spread.assess(moved).atoms))))
            assert float(found["structure_uncertainty"][frame, place]) == pytest.approx(sigma[-1], rel=1e-8)
        assert float(found["frame_uncertainty"][frame]) == pytest.approx(np.sqrt(np.mean(np.square(sigma))), rel=1e-8)
    np.testing.assert_allclose(found["positions"][1], systems[0].positions + found["displacement"].values[1])


def test_structures_of_other_atoms_are_refused(spread):
    with pytest.raises(InputError, match="structure 1 has other atoms than the first"):
        SETTINGS.run([rattled(0), from_ase(bulk("Si"))], spread)
    with pytest.raises(InputError, match="no structure to attack"):
        SETTINGS.run([], spread)
    with pytest.raises(InputError, match="beads: a ring polymer is of one structure"):
        SETTINGS.replace(beads=4).run([rattled(0), rattled(1)], spread)


@pytest.mark.physics
def test_beads_pay_for_their_springs(spread):
    system, beads = rattled(1), 4
    found = SETTINGS.replace(beads=beads, thermal=300.0).run(system, spread)
    places = found["bead_positions"].values
    assert places.shape == (2, beads, 8, 3)
    np.testing.assert_allclose(found["positions"], places.mean(axis=1))
    rate = beads * units.to_internal(300.0, "K") / units.HBAR
    before = float(spread.potential.evaluate(system).energy)
    for frame in range(2):
        apart = places[frame] - np.roll(places[frame], 1, axis=0)
        springs = 0.5 * rate**2 * np.sum(np.asarray(system.masses)[:, None] * apart**2) / beads
        told = [
            float(spread.potential.evaluate(dataclasses.replace(system, positions=jnp.asarray(one))).energy)
            for one in places[frame]
        ]
        rise = np.mean(told) - before + springs
        assert 8 * float(found["energy_rise"][frame]) == pytest.approx(rise, rel=1e-6)


class Sure(AbstractUncertainty):
    """As sure of everything as of everything else."""

    potential: AbstractGraphPotential
    unit: ClassVar[str] = "eV/Å"

    def of_graph(self, graph):
        return jnp.ones(graph.mask.shape[1])


@pytest.mark.parametrize(("stiffness", "hole"), [(0.3, True), (2.0, False)])
def test_a_wall_that_is_none_is_found(stiffness, hole):
    """By Morse: wide wells have hardly any wall where atoms meet, narrow ones have."""
    pair = potential("morse", depth=0.5, alpha=stiffness, distance=2.35, cutoff=6.0)
    dimer = from_ase(Atoms("Si2", [[0, 0, 0], [2.35, 0.01, 0]]))
    settings = mlip_nb.Attack(radius=1.0, iterations=60, starts=2, objective=Hole(), noise=0.01, thermal=300.0)
    found = settings.run(dimer, Sure(pair))
    assert (np.diff(found["objective"], axis=0) >= 0).all()
    assert bool(found["hole"].any()) == hole
    assert float(found["closest_distance"].min()) < 0.95
