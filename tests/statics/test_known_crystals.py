"""Crystals whose answers are known: Lennard-Jones's with its whole lattice sum, a chain of two masses, other codes'."""

import ase
import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from ase.build import bulk
from matscipy.calculators.manybody import Manybody
from matscipy.calculators.manybody.explicit_forms.stillinger_weber import (
    Stillinger_Weber_PRB_31_5262_Si,
    StillingerWeber,
)
from matscipy.calculators.manybody.explicit_forms.tersoff_brenner import Tersoff_PRB_39_5566_Si_C, TersoffBrenner
from matscipy.elasticity import full_3x3x3x3_to_Voigt_6x6
from phonopy import PhonopyGruneisen

import mlip_nb
from mlip_nb import units
from mlip_nb.potentials import AbstractPairPotential, PotentialSpec
from mlip_nb.system import from_ase
from mlip_nb.workflows._phonopy import Crystals
from mlip_nb.workflows._volumes import at_volumes

ARGON = bulk("Ar", "fcc", a=1.54174)
"""One atom; ε and σ are 0.001 eV and 1 Å, and the lattice constant that of all neighbours, without end."""
EPSILON = 0.001
FREQUENCY = units.from_internal(np.sqrt(EPSILON / ARGON.get_masses()[0]), "THz") / (2 * np.pi)
"""THz of one √(ε/m)/σ."""


def lennard_jones(cutoff):
    return mlip_nb.potential("lennard-jones", sigma=1.0, epsilon=EPSILON, cutoff=cutoff, style="truncated")


def lattice_sum(points, cutoff, scale=1.0):
    """Eigenvalues and eigenvectors of Σ Φ(R) (1 - cos q·R), and this matrix, in units of ε/σ²; of a crystal `scale`
    times as large. `points` are in reciprocal vectors of the primitive cell, neighbours those of the one that is not
    scaled, so that none comes or goes."""
    reach = int(np.ceil(cutoff * 3**0.5 / ARGON.cell.lengths()[0])) + 1
    cells = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    vectors = cells @ ARGON.cell.array
    lengths = np.linalg.norm(vectors, axis=1)
    near = (lengths > 0) & (lengths < cutoff)
    cells, vectors, r = cells[near], scale * vectors[near], scale * lengths[near]
    slope, bend = 24 * (r**-7 - 2 * r**-13), 24 * (26 * r**-14 - 7 * r**-8)
    along = vectors / r[:, None]
    springs = ((bend - slope / r)[:, None] * along)[:, :, None] * along[:, None] + (slope / r)[:, None, None] * np.eye(
        3
    )
    waves = 1 - np.cos(2 * np.pi * points @ cells.T)
    matrices = np.einsum("qr,rij->qij", waves, springs, optimize=True)
    return *np.linalg.eigh(matrices), matrices


ZONE_BOUNDARY = np.array([[0, 0.5, 0.5], [0.5, 0.5, 0.5]])
"""X and L."""


def test_zone_boundary_of_lennard_jones_s_crystal():
    """X: 19.216, 28.186; L: 12.739, 28.174 √(ε/m)/σ by the sum over all neighbours, here to 20 σ; and with a cutoff
    eight atoms with all their images give the sum up to it."""
    phonons = Crystals(lennard_jones(4.0), mlip_nb.Phonons(supercell=(2, 2, 2))).phonons(from_ase(ARGON))
    found = phonons.run_qpoints(ZONE_BOUNDARY).frequencies / FREQUENCY
    np.testing.assert_allclose(found, np.sqrt(lattice_sum(ZONE_BOUNDARY, 4.0)[0]), rtol=1e-6)
    whole = [[19.216, 19.216, 28.186], [12.739, 12.739, 28.174]]
    np.testing.assert_allclose(np.sqrt(lattice_sum(ZONE_BOUNDARY, 20.0)[0]), whole, atol=1e-3)


def gruneisen_sum(points, cutoff, strain):
    """-∂ln ω/∂ln V of every mode, by sums over neighbours."""
    squares, modes, _ = lattice_sum(points, cutoff)
    up, down = (lattice_sum(points, cutoff, (1 + change) ** (1 / 3))[2] for change in (strain, -strain))
    changes = np.einsum("qib,qij,qjb->qb", modes, up - down, modes) / (2 * strain)
    return -changes / (2 * squares)


@pytest.mark.physics
def test_gruneisen_parameters_of_lennard_jones_s_crystal():
    """Mean 2.963, from 2.70 to 3.32, on the half-shifted 8³ mesh by the sum over all neighbours, here to 12 σ; and
    with a cutoff our force constants in phonopy give the sum up to it."""
    cutoff, strain, system = 3.5, 0.002, from_ase(ARGON)
    mesh = (np.stack(np.meshgrid(*[np.arange(8)] * 3), axis=-1).reshape(-1, 3) + 0.5) / 8
    whole = gruneisen_sum(mesh, 12.0, strain)
    np.testing.assert_allclose([whole.mean(), whole.min(), whole.max()], [2.963, 2.70, 3.32], atol=3e-3 + 2e-3)
    assert whole.mean() == pytest.approx(2.963, abs=1e-3)
    # More than twice the cutoff: no atom interacts with two images of another.
    maker = Crystals(lennard_jones(cutoff), mlip_nb.Phonons(supercell=(7, 7, 7)))
    crystals = at_volumes(system, lennard_jones(cutoff), (1, 1 + strain, 1 - strain))
    gruneisen = PhonopyGruneisen(*(maker.phonons(one) for one in crystals))
    gruneisen.set_mesh([8, 8, 8], is_mesh_symmetry=False)
    _, weights, _, _, parameters = gruneisen.get_mesh()
    found = [weights @ parameters.mean(axis=1) / weights.sum(), parameters.min(), parameters.max()]
    own = gruneisen_sum(mesh, cutoff, strain)
    np.testing.assert_allclose(found, [own.mean(), own.min(), own.max()], atol=1e-4)


@pytest.mark.physics
def test_classical_expansion_of_lennard_jones_s_crystal():
    """α_V = 3 k_B γ / (B V) at high temperature; 0.1291 k_B/ε with the γ and the B, 75.19 ε/σ³, of all neighbours. The
    bulk modulus that a cutoff leaves is the one of the energy's second derivative by volume."""
    cutoff = 3.5
    settings = {"supercell": (7, 7, 7), "mesh": 16.0, "points": 5, "temperatures": 2, "hottest": 1e5}
    data = mlip_nb.Gruneisen(**settings).run(from_ase(ARGON), lennard_jones(cutoff))
    assert float(data["harmonic_heat_capacity"][-1]) == pytest.approx(3, rel=2e-3)
    found = float(data["thermal_expansion"][-1]) * EPSILON / units.BOLTZMANN
    mesh = (np.stack(np.meshgrid(*[np.arange(8)] * 3), axis=-1).reshape(-1, 3) + 0.5) / 8
    volume = ARGON.get_volume()

    def expansion(reach):
        return 3 * gruneisen_sum(mesh, reach, 0.002).mean() / (bulk_sum(reach) * volume)

    assert found == pytest.approx(expansion(cutoff), rel=5e-3)
    assert bulk_sum(40.0) == pytest.approx(75.19, abs=0.01)
    assert 3 * gruneisen_sum(mesh, 12.0, 0.002).mean() / (75.19 * volume) == pytest.approx(0.1291, abs=1e-4)


def bulk_sum(cutoff):
    """B = V E'' of the energy of an atom by its volume, a parabola's along the radial scale, ε/σ³."""
    reach = int(np.ceil(cutoff * 3**0.5 / ARGON.cell.lengths()[0])) + 1
    cells = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    r = np.linalg.norm(cells @ ARGON.cell.array, axis=1)
    r = r[(r > 0) & (r < cutoff)]
    slope, bend = 24 * (r**-7 - 2 * r**-13), 24 * (26 * r**-14 - 7 * r**-8)
    return np.sum(r**2 * bend - 2 * r * slope) / (18 * ARGON.get_volume())


class Springs(AbstractPairPotential):
    """K (r - d)² / 2 between neighbours."""

    stiffness: jnp.ndarray
    length: float = eqx.field(static=True)
    cutoff: float = eqx.field(static=True)
    spec: PotentialSpec = eqx.field(static=True)

    def pair_energy(self, r2, own, other):
        return 0.5 * self.stiffness * (jnp.sqrt(r2) - self.length) ** 2


def test_a_chain_of_two_masses_has_its_closed_form():
    """ω² = K (1/m + 1/M) ± K √((1/m + 1/M)² - 4 sin²(qa/2) / mM), and nothing holds atoms across the chain."""
    spacing, stiffness = 2.0, 3.0
    chain = ase.Atoms("NaCl", [[0, 0, 0], [spacing, 0, 0]], cell=[2 * spacing, 15, 15], pbc=True)
    spec = mlip_nb.potential("lennard-jones", epsilon=1.0, sigma=1.0).spec
    springs = Springs(jnp.asarray(stiffness), spacing, 1.5 * spacing, spec)
    phonons = Crystals(springs, mlip_nb.Phonons(supercell=(3, 1, 1))).phonons(from_ase(chain))
    light, heavy = 1 / chain.get_masses()
    for q in (0.0, 0.05, 0.1234, 0.25, 1 / 3, 0.5):
        root = np.sqrt((light + heavy) ** 2 - 4 * np.sin(np.pi * q) ** 2 * light * heavy)
        along = stiffness * (light + heavy + root * np.array([-1, 1]))
        # The primitive cell of phonopy has its own order of axes.
        point = phonons.primitive.cell @ [q / (2 * spacing), 0, 0]
        matrices = phonons.run_qpoints([point], with_dynamical_matrices=True).dynamical_matrices
        squares = np.linalg.eigvalsh(matrices[0])
        np.testing.assert_allclose(squares, [0, 0, 0, 0, *along], rtol=1e-10, atol=1e-12)


@pytest.mark.physics
@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("stillinger-weber", StillingerWeber(Stillinger_Weber_PRB_31_5262_Si)),
        ("tersoff", TersoffBrenner(Tersoff_PRB_39_5566_Si_C)),
    ],
)
def test_elastic_constants_are_those_of_matscipy_s_second_derivatives(name, reference):
    """Born's and the non-affine part, both analytic there; of silicon at rest, GPa."""
    potential = mlip_nb.potential(name)
    system = mlip_nb.Relax(force=1e-6, stress=1e-6).relaxed(from_ase(bulk("Si", a=5.43)), potential).system
    found = mlip_nb.Elastic().run(system, potential)
    atoms = mlip_nb.to_ase(system)
    atoms.calc = Manybody(**reference)
    exact = {"x0": None, "rtol": 1e-12, "atol": 1e-12, "maxiter": None, "M": None, "callback": None}
    clamped = atoms.calc.get_born_elastic_constants(atoms)
    relaxed = atoms.calc.get_elastic_constants(atoms, cg_parameters=exact)
    for ours, theirs in (("clamped_elastic_constants", clamped), ("elastic_constants", relaxed)):
        expected = full_3x3x3x3_to_Voigt_6x6(theirs) / units.GIGAPASCAL
        np.testing.assert_allclose(found[ours], expected, atol=1e-4)
    assert found["clamped_elastic_constants"][3, 3] > found["elastic_constants"][3, 3] + 20
