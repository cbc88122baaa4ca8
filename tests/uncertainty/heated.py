"""A committee that has learned from silicon at 200 K, and what is heated until it knows no more."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from ase.build import bulk

import mlip_nb
from mlip_nb.learn import Labelled, Recipe, fit_linear, fresh
from mlip_nb.neighbors import finder
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.uncertainty import Calibrated, calibrate, uncertainties

SPEC = GauntSpec(symbols=("Si",), degree=2, channels=4, hidden=48, radial=4, cutoff=3.8, precision="float64")
# Energies and stresses of a crystal at one density hardly vary: forces alone teach.
RECIPE = Recipe(batch=64, energy=0.0, stress=0.0)


def crystal():
    return mlip_nb.from_ase(bulk("Si", cubic=True))


def teacher():
    return mlip_nb.potential("stillinger-weber")


def committee(members: int = 4) -> Calibrated:
    """Each member has learned from other frames of 14 ps; the layer is calibrated on 30 that none has seen."""
    ensemble = mlip_nb.NVTLangevin(temperature=200, friction=5)
    data = mlip_nb.MD(ensemble=ensemble, steps=8000, every=20, timestep=2.0).run(crystal(), teacher())
    known, aside = (
        [_labelled(data, index) for index in range(begin, data.sizes["frame"] - 1, 12)] for begin in (40, 46)
    )
    rng = np.random.default_rng(0)
    chosen = [[known[place] for place in rng.permutation(len(known))[:20]] for _ in range(members)]
    trained = [
        fit_linear(fresh(SPEC.replace(weight_seed=k), frames), frames, RECIPE)[0] for k, frames in enumerate(chosen)
    ]
    spread = uncertainties["committee"]().fitted(Committee.of(trained, SPEC.replace(members=members)))
    return calibrate(spread, aside, "scale", coverage=0.95)


def heating(seed: int, **monitoring) -> mlip_nb.MD:
    """From 200 K to 640 K in 4.4 ps."""
    ensemble = mlip_nb.NVTLangevin(temperature="200->640", friction=5)
    return mlip_nb.MD(ensemble=ensemble, steps=2200, every=20, timestep=2.0, seed=seed, monitoring=monitoring)


class Truth:
    """True errors of the forces of frames: of each frame the longest, eV/Å."""

    def __init__(self):
        self._finder, self._potential, self._system = finder(teacher().cutoff, 0.0), teacher(), crystal()
        self._table = self._finder.allocate(self._system, spare=3.0)

    def __call__(self, data) -> np.ndarray:
        forces, overflow = _forces(self._potential, self._finder, self._table, self._system, data["positions"].values)
        assert not np.any(overflow)
        return np.linalg.norm(data["forces"].values - np.asarray(forces), axis=-1).max(axis=-1)


@eqx.filter_jit
def _forces(potential, search, table, system, positions):
    def of(places):
        here = dataclasses.replace(system, positions=places)
        fresh = search.update(table, here)
        return potential.evaluate(here, fresh).forces, fresh.overflow

    return jax.lax.map(of, jnp.asarray(positions))


def _labelled(data, index: int) -> Labelled:
    system = dataclasses.replace(data.mlip.system(index), momenta=None)
    energy, forces = (data[name].values[index] for name in ("potential_energy", "forces"))
    return Labelled(system, float(energy), forces, None, index=index)
