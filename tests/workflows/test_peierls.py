"""Peierls barriers and stresses of dislocations in one dimension."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError

from ..path_integrals.chains import PERIOD, FrenkelKontorovaSpec, chain

ATOMS, MIDDLE, LENGTH = 8, 4, 3.0
GIGAPASCAL = 160.2176634


def found(potential, **options):
    """A kink that goes to the next valley."""
    path = mlip_nb.NEB(images=9, force=1e-3, steps=200, climb=potential.shape == "sine")
    peierls = mlip_nb.Peierls(burgers=PERIOD, length=LENGTH, path=path, **options)
    return peierls.run(chain(ATOMS, MIDDLE), chain(ATOMS, MIDDLE - 1), potential.build())


def test_an_atom_alone_on_a_sine():
    """Without springs the barrier is the hill, and the stress π E/b² over the length of the line."""
    depth = 0.02
    data = found(FrenkelKontorovaSpec(stiffness=0.0, depth=depth))
    assert float(data["peierls_barrier"]) == pytest.approx(depth / LENGTH, rel=1e-6)
    stress = np.pi * depth / PERIOD**2 / LENGTH * GIGAPASCAL
    assert float(data["peierls_stress"]) == pytest.approx(stress, rel=0.01)
    assert data.mlip.plot().axes[0].get_xlabel() == "position of the dislocation (Å)"
    np.testing.assert_allclose(data["line_position"][[0, -1]], [0, PERIOD], atol=1e-9)
    np.testing.assert_allclose(np.diff(data["line_position"]), PERIOD / 8, rtol=0.05)


@pytest.mark.physics
def test_a_kink_over_parabolas():
    r"""With $\kappa$ the curvature of a valley, $\rho = \sqrt{\kappa / (\kappa + 4K)}$: a barrier of
    $\rho \kappa b^2 / 8$, and a load of $\rho \kappa b / 2$ on every atom, at which the next one reaches the edge."""
    depth, stiffness = 0.1, 0.05
    data = found(FrenkelKontorovaSpec(stiffness=stiffness, depth=depth, shape="parabolas"), shear=True)
    curvature = 8 * depth / PERIOD**2
    share = np.sqrt(curvature / (curvature + 4 * stiffness))
    load = share * curvature * PERIOD / 2 / (LENGTH * PERIOD) * GIGAPASCAL
    assert float(data["shear_peierls_stress"]) == pytest.approx(load, rel=0.02)
    # Images do not stay on the edge where parabolas meet, and no slope tells how high it is.
    assert float(data["peierls_barrier"]) == pytest.approx(share * curvature * PERIOD**2 / 8 / LENGTH, rel=0.05)


@pytest.mark.physics
def test_path_and_load_agree_on_a_sine():
    data = found(FrenkelKontorovaSpec(stiffness=0.01, depth=0.1), shear=True)
    assert float(data["peierls_stress"]) == pytest.approx(float(data["shear_peierls_stress"]), rel=0.05)


def test_a_line_needs_a_length():
    with pytest.raises(InputError, match="has no third lattice vector"):
        mlip_nb.Peierls(burgers=PERIOD).run(chain(6, 3), chain(6, 2), FrenkelKontorovaSpec().build())
