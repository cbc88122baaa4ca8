"""What a run tells, in one line each."""

import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb.properties import analyses

from ..properties.trajectories import dataset_of


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Atoms of silicon that vibrate, on disk."""
    path, atoms, draws = tmp_path_factory.mktemp("run") / "si.zarr", bulk("Si", cubic=True), np.random.default_rng(0)
    phase = 0.3 * np.arange(101)[:, None, None] + draws.uniform(0, 7, size=(8, 3))
    moving = dataset_of(
        atoms.positions + 0.05 * np.sin(phase),
        atoms.get_chemical_symbols(),
        cell=atoms.cell.array,
        interval=4.0,
        velocities=0.05 * 0.3 / 4 * np.cos(phase),
        temperature=300 + draws.normal(size=101),
        stress=draws.normal(size=(101, 3, 3)),
        pressure=draws.normal(size=101),
    )
    moving.mlip.save(path)
    return path


LINES = {
    "rdf": ("--pair Si,Si", "where g(r) is"),
    "adf": ("", "highest at 1"),
    "coordination": ("", "neighbours within 3 Å"),
    "structure-factor": ("", "highest at"),
    "steinhardt": ("--degrees 4,6 --nearest 4", "Q6"),
    "msd": ("--blocks 4", "after 0.04 ps: Si"),
    "diffusion": ("--blocks 4 --charges Si:1", "Haven ratio"),
    "viscosity": ("--blocks 4", "mPa·s"),
    "vacf": ("--blocks 4", ""),
    "vdos": ("--blocks 4", ""),
    "average": ("--names temperature,pressure", "independent samples"),
}


@pytest.mark.parametrize("verb", LINES)
def test_a_line_tells_a_dataset_and_draws_it(ipython, stored, verb):
    flags, told = LINES[verb]
    ipython["ds"] = mlip_nb.open(stored)
    assert told in ipython.printed(f"%mlip {verb} ds {flags} --no-plot -o found")
    same = ipython.run(f"%mlip {verb} {stored} {flags} --quiet")
    for name, values in ipython["found"].data_vars.items():
        if values.dtype.kind == "f":
            np.testing.assert_array_equal(values, same[name])
    assert ipython["found"].mlip.plot().axes


def test_lines_are_methods_too(ipython, stored):
    ipython["ds"] = mlip_nb.open(stored)
    by_line = ipython.run("%mlip rdf ds --cutoff 4 --bins 40 --quiet")
    by_method = ipython["ds"].mlip.measure("rdf", cutoff=4.0, bins=40)
    np.testing.assert_array_equal(by_line["radial_distribution"], by_method["radial_distribution"])
    with pytest.raises(mlip_nb.InputError, match="Did you mean 'rdf'"):
        ipython["ds"].mlip.measure("rfd")


def test_mistakes_are_told_in_a_line(ipython, stored):
    ipython["ds"] = mlip_nb.open(stored)
    assert "no atom is O; there are Si" in ipython.refuse("%mlip rdf ds --pair Si,O")
    assert "a mean square displacement from 100 blocks needs 800 frames" in ipython.refuse("%mlip msd ds --blocks 100")
    assert "value 2 is missing" in ipython.refuse("%mlip rdf ds --pair Si")
    ipython["old"] = ipython["ds"].drop_vars("velocities")
    assert "this Dataset has no velocities" in ipython.refuse("%mlip vdos old --blocks 4")


def test_every_analysis_has_a_verb():
    from mlip_nb.notebook.commands import commands

    assert set(analyses) <= set(commands)
