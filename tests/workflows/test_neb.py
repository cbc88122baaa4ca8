"""Ways between structures: a vacancy that hops in argon, beside ASE's band and finite differences."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk
from ase.mep import NEB as Reference
from ase.optimize import FIRE
from ase.vibrations import Vibrations

import mlip_nb
from mlip_nb.errors import InputError


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("lennard-jones")


@pytest.fixture(scope="module")
def ends():
    """31 atoms; the first one moves to where its neighbour was."""
    crystal = bulk("Ar", "fcc", a=5.3, cubic=True).repeat(2)
    neighbour = int(np.argsort(crystal.get_distances(0, range(32), mic=True))[1])
    start, end = crystal.copy(), crystal.copy()
    end.positions[0] = crystal.positions[neighbour] + crystal.cell.array[0]
    del start[neighbour], end[neighbour]
    return mlip_nb.from_ase(start), mlip_nb.from_ase(end)


@pytest.fixture(scope="module")
def hop(ends, potential):
    return mlip_nb.NEB(images=7, force=1e-5).run(*ends, potential)


def test_a_hop_is_the_same_from_both_sides(hop):
    """By symmetry of the crystal; the atom that hops takes the short way around the cell."""
    assert float(hop["forward_barrier"] - hop["reverse_barrier"]) == pytest.approx(0, abs=1e-6)
    energies = hop["path_energy"].values
    np.testing.assert_allclose(energies, energies[::-1], atol=1e-6)
    assert np.argmax(energies) == 3
    assert hop.attrs["verdict"] == ""
    assert int(hop["path_sign_changes"]) == 2
    moved = np.linalg.norm(hop["positions"].values[-1] - hop["positions"].values[0], axis=-1)
    assert moved[0] == pytest.approx(5.3 / 2**0.5, abs=0.3)
    assert len(hop.mlip.plot().axes) == 1
    assert len(hop.mlip.to_ase()) == 7


@pytest.mark.physics
def test_barrier_is_that_of_ases_band(hop, potential):
    """Its climbing image, through our calculator."""
    images = hop.mlip.to_ase()
    images = [images[0].copy() for _ in range(6)] + [images[-1].copy()]
    for image in images:
        image.calc = potential.calculator()
    band = Reference(images, climb=True, method="improvedtangent", k=0.05)
    band.interpolate()
    FIRE(band, logfile=None).run(fmax=5e-4, steps=500)
    energies = np.array([image.get_potential_energy() for image in images])
    assert energies.max() - energies[0] == pytest.approx(float(hop["forward_barrier"]), abs=1e-5)


@pytest.mark.physics
def test_attempts_are_those_of_finite_differences(ends, potential, tmp_path):
    """Vineyard: the product of all frequencies of the start over that of the saddle's real ones."""
    hop = mlip_nb.NEB(images=7, force=1e-4, temperature=80.0).run(*ends, potential)
    images, logarithm = hop.mlip.to_ase(), 0.0
    for image, sign in ((images[0], 1), (images[3], -1)):
        image.calc = potential.calculator()
        vibrations = Vibrations(image, name=tmp_path / str(sign), delta=0.005)
        vibrations.run()
        squares = np.sort((vibrations.get_energies() ** 2).real)
        # The softest three are translations; of the saddle one is imaginary.
        real = np.delete(squares, np.argsort(np.abs(squares))[:3])
        assert np.sum(real < 0) == (sign < 0)
        logarithm += sign * 0.5 * np.log(real[real > 0]).sum()
    frequency = np.exp(logarithm) / 4.135667696e-3
    assert float(hop["attempt_frequency"]) == pytest.approx(frequency, rel=2e-3)
    law = 1e12 * frequency * np.exp(-float(hop["forward_barrier"]) / (8.617333262e-5 * 80))
    assert float(hop["hopping_rate"]) == pytest.approx(law, rel=3e-3)


def test_a_guess_by_distances_leads_to_the_same_path(ends, potential, hop):
    """Atoms beside the way stand aside from the start: the guess is better than the straight line."""
    band = mlip_nb.NEB(images=7, force=1e-5, guess="idpp")
    found = band.run(*ends, potential)
    assert float(found["forward_barrier"]) == pytest.approx(float(hop["forward_barrier"]), abs=1e-6)
    guesses = [
        mlip_nb.NEB(images=7, guess=guess, climb=False, relax=False, steps=1).run(*ends, potential)
        for guess in ("idpp", "line")
    ]
    better, worse = (float(one["forward_barrier"]) for one in guesses)
    assert better < worse


def test_a_path_is_kept_where_there_is_no_rate(ends, potential, monkeypatch):
    """What is wrong with it is told and kept, too."""

    def fails(*_structures):
        raise InputError("this is no saddle")

    monkeypatch.setattr("mlip_nb.workflows._neb.rates", fails)
    told = []
    band = mlip_nb.NEB(images=3, relax=False, climb=False, steps=1, temperature=80.0)
    found = band.run(*ends, potential, tell=told.append)
    assert "hopping_rate" not in found
    assert told[-1] == "no rate: this is no saddle"
    assert told[0].startswith("not converged: after 1 steps")
    assert found.attrs["verdict"].split("\n") == told[:-1]


def changed(system, positions):
    return dataclasses.replace(system, positions=jnp.asarray(positions))


def test_ends_that_are_no_ends_are_refused(ends, potential):
    start, end = ends
    places = np.array(start.positions)
    swapped = changed(start, places[[1, 0, *range(2, 31)]])
    with pytest.raises(InputError, match="atoms 0, 1 take each other's places: the ends list atoms in two orders"):
        mlip_nb.NEB().run(start, swapped, potential)
    with pytest.raises(InputError, match="both ends are, or relax to, one structure"):
        mlip_nb.NEB(images=3, relax=False).run(start, changed(start, places + np.array(start.cell)[1]), potential)
    with pytest.raises(InputError, match="from Ar31 to Ar4; both ends need the same atoms"):
        mlip_nb.NEB().run(start, mlip_nb.load("Ar"), potential)
    held = dataclasses.replace(start, mobile=jnp.arange(31) > 0)
    with pytest.raises(InputError, match="atom 0 is held in place at the start and 3.75 Å away at the end"):
        mlip_nb.NEB().run(held, end, potential)
    wider = dataclasses.replace(end, cell=end.cell * 1.01)
    with pytest.raises(InputError, match="both ends of a path need the same cell"):
        mlip_nb.NEB().run(start, wider, potential)


def test_atoms_in_another_order_are_named():
    salt = mlip_nb.load("NaCl")
    turned = dataclasses.replace(salt, numbers=salt.numbers[::-1])
    with pytest.raises(InputError, match="atom 0 is Na at the start and Cl at the end; put the atoms of both ends in"):
        mlip_nb.NEB().run(salt, turned, mlip_nb.potential("lennard-jones", epsilon=0.01, sigma=2.0))


@pytest.mark.physics
def test_barriers_of_a_set_are_those_alone_and_follow_the_depth_of_the_well(hop, ends, potential):
    """Energies twice as deep: the same path, with twice the barrier."""
    deeper = mlip_nb.potential("lennard-jones", epsilon=2 * 0.0103, sigma=3.4, cutoff=8.5)
    depth = mlip_nb.potential("lennard-jones", epsilon=0.0103, sigma=3.4, cutoff=8.5)
    starts, finals = ({"hop": one, "back": other} for one, other in zip(ends, reversed(ends), strict=True))
    said = []
    found = mlip_nb.NEB(images=7, force=1e-5).run(starts, finals, [depth, deeper, potential], said.append)
    barriers = found["forward_barrier"]
    assert barriers.dims == ("structure", "potential")
    np.testing.assert_allclose(barriers[:, 1], 2 * barriers[:, 0], rtol=1e-4)
    np.testing.assert_array_equal(barriers.sel(structure="hop")[2], hop["forward_barrier"])
    np.testing.assert_allclose(barriers.sel(structure="back"), found["reverse_barrier"].sel(structure="hop"), rtol=1e-4)
    assert all(" of 6: " in line for line in said)
    assert len(found.mlip.plot().axes) == 2
    assert len(found.mlip.item(structure="back", potential="lennard-jones-1").mlip.to_ase()) == 7
