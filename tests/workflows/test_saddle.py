"""Saddles from one structure, and paths with potentials outside JAX: beside elastic bands, ours and ASE's."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import add_adsorbate, fcc100
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.mep import NEB as Reference
from ase.optimize import FIRE

import mlip_nb
from mlip_nb.errors import InputError


def gold_on_aluminium(shift):
    """An atom in a hollow of a slab of three layers, the lower two held."""
    slab = fcc100("Al", size=(2, 2, 3))
    add_adsorbate(slab, "Au", 1.7, "hollow")
    slab.center(axis=2, vacuum=4.0)
    slab.set_constraint(FixAtoms(mask=[atom.tag > 1 for atom in slab]))
    slab.positions[-1, 0] += shift * slab.get_distance(0, 1)
    return slab


@pytest.fixture(scope="module")
def hop():
    """From one hollow to the next, by effective medium theory."""
    ends = [mlip_nb.from_ase(gold_on_aluminium(shift)) for shift in (0, 1)]
    return mlip_nb.NEB(images=5, force=1e-3, guess="idpp").run(*ends, mlip_nb.from_calculator(EMT()))


def test_a_path_by_a_calculator_is_that_of_ases_band(hop):
    """The same images relaxed by ASE, with the calculator itself."""
    images = hop.mlip.to_ase()
    images = [images[0].copy() for _ in range(4)] + [images[-1].copy()]
    for image in images:
        image.set_constraint(FixAtoms(indices=range(8)))
        image.calc = EMT()
    band = Reference(images, climb=True, method="improvedtangent")
    band.interpolate()
    FIRE(band, logfile=None).run(fmax=5e-3, steps=200)
    energies = np.array([image.get_potential_energy() for image in images])
    assert float(hop["forward_barrier"]) == pytest.approx(energies.max() - energies[0], abs=1e-4)
    assert hop.attrs["verdict"] == ""


def test_the_saddle_from_one_hollow_is_that_of_the_band(hop):
    """No end was told; the other minimum is as deep, and the force constant along the way is negative."""
    found = mlip_nb.Saddle(around=12, displacement=0.3, radius=1.0, force=1e-3).run(
        hop.mlip.system(0), mlip_nb.from_calculator(EMT())
    )
    assert float(found["forward_barrier"]) == pytest.approx(float(hop["forward_barrier"]), abs=1e-4)
    assert float(found["reverse_barrier"]) == pytest.approx(float(hop["forward_barrier"]), abs=1e-4)
    assert float(found["lowest_curvature"]) < -0.1
    assert found.attrs["verdict"] == ""
    moved = np.linalg.norm(found["positions"].values[2] - found["positions"].values[0], axis=-1)
    assert np.argmax(moved) == 12
    assert moved[12] == pytest.approx(2.86, abs=0.1)
    assert found.mlip.plot().axes


def test_what_cannot_be_searched_is_refused(hop):
    start, potential = hop.mlip.system(0), mlip_nb.from_calculator(EMT())
    with pytest.raises(InputError, match="around: there is no atom 40; Al12Au has those from 0 to 12"):
        mlip_nb.Saddle(around=40).run(start, potential)
    held = dataclasses.replace(start, mobile=jnp.zeros(13, bool))
    with pytest.raises(InputError, match="all atoms are held in place"):
        mlip_nb.Saddle().run(held, potential)
    with pytest.raises(InputError, match="no second derivatives, which instantons and rates"):
        mlip_nb.NEB(temperature=300).run(start, hop.mlip.system(-1), potential)
