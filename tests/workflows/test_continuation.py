"""What a continuation may change, and what must be as it was."""

import json
import warnings

import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.constraints import FixAtoms

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError, RunWarning

from .killed_run import argon as small_crystal
from .killed_run import potential as lennard_jones


@pytest.fixture(scope="module")
def argon():
    return small_crystal()


@pytest.fixture(scope="module")
def potential():
    return lennard_jones()


def md(temperature, steps=40, **changes):
    ensemble = mlip_nb.NVTLangevin(temperature=temperature)
    return mlip_nb.MD(**{"ensemble": ensemble, "timestep": 2.0, "steps": steps, "every": 5, **changes})


@pytest.mark.physics
def test_a_ramp_begins_where_the_continuation_does(argon, potential, tmp_path):
    md(60).run(argon, potential, save=tmp_path / "run.zarr")
    ds = md("80->20").run(argon, potential, save=tmp_path / "run.zarr", append=True)
    assert json.loads(ds.attrs["steering"]) == [[40, {"temperature": [[80, 80], [160, 20]]}]]


@pytest.mark.physics
def test_the_same_ramp_asked_for_once_more_goes_on(argon, potential, tmp_path):
    """As when a killed run is continued by the line that began it: it stays at the end of the ramp."""
    md("80->20").run(argon, potential, save=tmp_path / "run.zarr")
    ds = md("80->20").run(argon, potential, save=tmp_path / "run.zarr", append=True)
    assert ds.attrs["steering"] == "[]"


def test_a_ramp_given_on_the_way_runs_from_there_to_the_end(argon, potential):
    run = md(60, steps=10**7, every=10**6).start(argon, potential)
    while run.done < 100:
        run.wait(0.05)
    run.set(temperature="60->100")
    while len(ramp := json.loads(run.data().attrs["steering"])) == 0:
        run.wait(0.05)
    run.stop()
    run.wait()
    [[step, values]] = ramp
    [[begin, first], [end, last]] = values["temperature"]
    assert (first, last, end) == (60, 100, 2e7)
    assert 0 < begin <= 2.0 * step


@pytest.mark.parametrize("held", [[0], pytest.param([], marks=pytest.mark.physics)])
def test_other_atoms_held_in_place_are_refused(potential, tmp_path, held):
    def crystal(indices):
        atoms = bulk("Ar", "fcc", a=5.4, cubic=True)
        atoms.set_constraint(FixAtoms(indices) if indices else None)
        return mlip_nb.from_ase(atoms)

    before = md(60).run(crystal([0, 1, 2]), potential, save=tmp_path / "run.zarr")
    with pytest.raises(InputError, match="holds other atoms in place than this structure; load"):
        md(60).run(crystal(held), potential, save=tmp_path / "run.zarr", append=True)
    assert mlip_nb.open(tmp_path / "run.zarr").sizes == before.sizes
    assert md(60).run(crystal([0, 1, 2]), potential, save=tmp_path / "run.zarr", append=True).status == "finished"


def test_walls_stand_where_they_stood(potential, tmp_path):
    """Whatever cell the structure has that is given with the continuation."""

    def pair(height):
        return mlip_nb.from_ase(Atoms("Ar2", [[5, 5, 3], [5, 5, 9]], cell=[20, 20, height], pbc=False))

    walled = md(60, ensemble=mlip_nb.NVE(), walls=mlip_nb.PlaneWalls())
    walled.run(pair(20), potential, save=tmp_path / "run.zarr")
    ds = walled.run(pair(10.5), potential, save=tmp_path / "run.zarr", append=True)
    assert float(ds.conserved.max() - ds.conserved.min()) < 1e-6


@pytest.mark.physics
def test_replicas_keep_their_ladder(argon, potential, tmp_path):
    md([20, 40]).run(argon, potential, save=tmp_path / "run.zarr")
    with pytest.raises(InputError, match="append continues a run with the same settings"):
        md([30, 50]).run(argon, potential, save=tmp_path / "run.zarr", append=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"ensemble": mlip_nb.NPTMTK(temperature=60)}, "held in place"), ({"skin": 100.0}, "in a column")],
)
def test_what_is_refused_overwrites_nothing(potential, tmp_path, changes, message):
    atoms = bulk("Ar", "fcc", a=5.4, cubic=True)
    md(60).run(mlip_nb.from_ase(atoms), potential, save=tmp_path / "run.zarr")
    atoms.set_constraint(FixAtoms([0]))
    with pytest.raises(InputError, match=message):
        md(60, **changes).run(mlip_nb.from_ase(atoms), potential, save=tmp_path / "run.zarr", overwrite=True)
    assert mlip_nb.open(tmp_path / "run.zarr").sizes["frame"] == 9


@pytest.mark.physics
@pytest.mark.parametrize("pbc", [True, pytest.param(False, marks=pytest.mark.physics)])
def test_a_thermostat_does_not_take_motion_of_the_whole_for_heat(argon, potential, pbc):
    """Given momenta with a drift (and a spin, where nothing is periodic): taken out, and said."""
    cell = argon.cell if pbc else jnp.zeros((3, 3))
    still = mlip_nb.System(argon.positions, argon.numbers, argon.masses, cell, None, (pbc,) * 3)
    ensemble = mlip_nb.NVTRescaling(temperature=50)
    start = md(50, ensemble=ensemble).run(still, potential)
    drifting = still.with_momenta(
        jnp.asarray(start.velocities[0].values) * still.masses[:, None] / units.FEMTOSECOND
        + 0.01 / units.FEMTOSECOND * still.masses[:, None]
    )
    with pytest.warns(RunWarning, match="kinetic energy was motion of the system as a whole"):
        ds = md(50, ensemble=ensemble).run(drifting, potential)
    np.testing.assert_allclose(ds.positions, start.positions, atol=1e-9)
    with warnings.catch_warnings(action="error"):
        unheated = md(50, ensemble=mlip_nb.NVE()).run(drifting, potential)
    assert float(np.abs(unheated.velocities[-1].mean("atom")).min()) > 0.009


@pytest.mark.physics
def test_a_single_atom_has_three_degrees_of_freedom_at_constant_pressure(potential):
    system = mlip_nb.from_ase(bulk("Ar", "fcc", a=5.4))
    ensemble = mlip_nb.NPTRescaling(temperature=60, compressibility=0.5)
    assert float(md(60, ensemble=ensemble).run(system, potential).temperature.max()) > 1
