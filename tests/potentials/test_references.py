"""Numbers that others published, closed forms, and brute force."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from scipy.optimize import minimize_scalar

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.potentials.morse import _METALS as MORSE
from mlip_nb.potentials.sutton_chen import _METALS as SUTTON_CHEN
from mlip_nb.system import System, from_ase

from .eam_file import ALLOY, density, embedding, pair, write_funcfl, write_setfl
from .examples import crystal, example


@pytest.mark.parametrize(
    ("cutoff", "energy", "virial"),
    [(3.0, -16.790321304625856, -46.249196746309), (4.0, -17.060453220271, -47.868828191072)],
)
def test_lennard_jones_gives_the_nist_reference(cutoff, energy, virial, shared_data):
    rows = np.loadtxt(shared_data / "nist" / "lj_sample_config_periodic4.xyz", skiprows=2, usecols=(1, 2, 3))
    system = System(jnp.asarray(rows), jnp.full(30, 18, jnp.int32), jnp.ones(30), 8.0 * jnp.eye(3), None, (True,) * 3)
    potential = mlip_nb.potential("lennard-jones", epsilon=1, sigma=1, cutoff=cutoff, style="truncated")
    result = potential.evaluate(system, stress=True)
    np.testing.assert_allclose(result.energy, energy, rtol=1e-10)
    np.testing.assert_allclose(-jnp.trace(result.stress) * system.volume, virial, rtol=1e-10)


def cohesion(potential, symbol: str, structure: str, guess: float) -> tuple[float, float]:
    """Equilibrium lattice constant (Å) and energy per atom (eV), with one compilation."""
    calculator = potential.calculator()

    def energy(constant: float) -> float:
        atoms = bulk(symbol, structure, a=constant)
        return calculator.get_potential_energy(atoms) / len(atoms)

    best = minimize_scalar(energy, bounds=(0.98 * guess, 1.02 * guess), method="bounded", options={"xatol": 1e-7})
    return best.x, best.fun


@pytest.mark.parametrize(
    ("name", "symbol", "constant", "energy", "tolerance"),
    [
        ("stillinger-weber", "Si", 5.43095, -4.3366, 1e-5),
        ("stillinger-weber", "Ge", 5.6536, -3.86, 1e-5),
        ("tersoff", "Si", 5.432, -4.6296, 2e-5),
        ("tersoff", "C", 3.566, -7.3705, 2e-4),
        ("tersoff", "Ge", 5.6567, -3.8506, 2e-5),
    ],
)
def test_diamond_structure_has_the_published_constant_and_energy(name, symbol, constant, energy, tolerance):
    found = cohesion(mlip_nb.potential(name, species=symbol), symbol, "diamond", constant)
    np.testing.assert_allclose(found, (constant, energy), rtol=tolerance)


@pytest.mark.physics
@pytest.mark.parametrize(("symbol", "energy"), [("Cu", -3.50), ("Pb", -2.04), ("Al", -3.34)])
def test_sutton_chen_with_its_cutoff_stays_near_the_infinite_sums(symbol, energy):
    constant = SUTTON_CHEN[symbol][-1]
    found = cohesion(mlip_nb.potential("sutton-chen", species=symbol), symbol, "fcc", constant)
    assert found[0] == pytest.approx(constant, rel=1e-3)
    assert found[1] == pytest.approx(energy, rel=0.02)


def shells(structure: str, radius: float = 12.0) -> np.ndarray:
    """Distances of all neighbours in units of the lattice constant."""
    basis = {"fcc": 1 - np.eye(3), "bcc": 1 - 2 * np.eye(3)}[structure] / 2
    index = np.stack(np.meshgrid(*[np.arange(-2 * int(radius), 2 * int(radius) + 1)] * 3, indexing="ij"), -1)
    distances = np.linalg.norm(index.reshape(-1, 3) @ basis, axis=1)
    return distances[(distances > 1e-6) & (distances < radius)]


def lattice_sum(power: int, radius: float = 12.0) -> float:
    """Sum over all neighbours in the fcc lattice (4 atoms a cell) of r to minus `power`."""
    return (shells("fcc", radius) ** -power).sum() + 16 * np.pi * radius ** (3 - power) / (power - 3)


@pytest.mark.parametrize("symbol", SUTTON_CHEN)
def test_sutton_chen_parameters_make_the_lattice_constant_the_equilibrium(symbol):
    n, m, _, c, _ = SUTTON_CHEN[symbol]
    assert n * lattice_sum(n) / (m * np.sqrt(lattice_sum(m))) == pytest.approx(c, rel=1e-4)


LATTICES = {
    "Al": ("fcc", 4.05, 76),
    "Ca": ("fcc", 5.58, 17),
    "Cr": ("bcc", 2.88, 190),
    "Fe": ("bcc", 2.87, 173),
    "Ni": ("fcc", 3.52, 187),
    "Cu": ("fcc", 3.61, 140),
    "Mo": ("bcc", 3.15, 278),
    "Ag": ("fcc", 4.09, 104),
    "W": ("bcc", 3.16, 323),
    "Pb": ("fcc", 4.95, 43),
}
"""Lattice constants (Å) and bulk moduli (GPa) that the Morse parameters were fitted to, so far as experiments agree."""


@pytest.mark.parametrize("symbol", MORSE)
def test_morse_parameters_give_lattice_constant_and_bulk_modulus(symbol):
    depth, alpha, distance = MORSE[symbol]
    structure, constant, modulus = LATTICES[symbol]
    neighbours = shells(structure, 6.0)

    def energy(a: float) -> float:
        decay = np.exp(-alpha * (neighbours * a - distance))
        return 0.5 * depth * (decay * (decay - 2)).sum()

    a = minimize_scalar(energy, bounds=(0.9 * constant, 1.1 * constant), method="bounded", options={"xatol": 1e-9}).x
    curvature = (energy(1.001 * a) - 2 * energy(a) + energy(0.999 * a)) / 1e-6
    volume = a**3 / {"fcc": 4, "bcc": 2}[structure]
    assert a == pytest.approx(constant, rel=0.006)
    assert curvature / (9 * volume) * 160.2177 == pytest.approx(modulus, rel=0.06)


def test_stillinger_weber_moments_equal_the_sum_over_triplets(tmp_path):
    spec = example("stillinger-weber", tmp_path)
    atoms = crystal(spec).repeat((1, 1, 1))
    parameters = {"Si": (2.1683, 2.0951, 21.0), "Ge": (1.93, 2.181, 31.0)}
    bonds = [[] for _ in atoms]
    energy = 0.0
    symbols = atoms.get_chemical_symbols()
    for i, j, image in itertools.product(range(len(atoms)), range(len(atoms)), itertools.product((-1, 0, 1), repeat=3)):
        vector = atoms.positions[j] + image @ atoms.cell.array - atoms.positions[i]
        r = np.linalg.norm(vector)
        (e1, s1, l1), (e2, s2, l2) = parameters[symbols[i]], parameters[symbols[j]]
        epsilon, sigma, strength = np.sqrt(e1 * e2), (s1 + s2) / 2, np.sqrt(l1 * l2)
        if 0 < r < 1.8 * sigma:
            x = r / sigma
            energy += 0.5 * 7.049556277 * epsilon * (0.6022245584 * x**-4 - 1) * np.exp(1 / (x - 1.8))
            bonds[i].append((vector / r, np.sqrt(epsilon * strength) * np.exp(1.2 / (x - 1.8))))
    for around in bonds:
        energy += sum(f * g * (u @ v + 1 / 3) ** 2 for (u, f), (v, g) in itertools.combinations(around, 2))
    np.testing.assert_allclose(spec.build().evaluate(from_ase(atoms)).energy, energy, rtol=1e-12)


def test_tersoff_equals_ase(tmp_path):
    """ASE's independent implementation, with our table written as its file: mixtures and all."""
    from ase.calculators.tersoff import Tersoff

    rows = {
        "C": "3 1 0 38049 4.3484 -0.57058 0.72751 1.5724e-7 2.2119 346.74 1.95 0.15 3.4879 1393.6",
        "Si": "3 1 0 100390 16.217 -0.59825 0.78734 1.1e-6 1.7322 471.18 2.85 0.15 2.4799 1830.8",
    }
    for symbol, row in rows.items():
        file = tmp_path / f"{symbol}.tersoff"
        file.write_text(f"{symbol} {symbol} {symbol} {row}\n")
        atoms = bulk(symbol, "diamond", cubic=True).repeat(2)
        atoms.rattle(0.1, seed=2)
        atoms.calc = Tersoff.from_lammps(file)
        result = mlip_nb.potential("tersoff", species=symbol).evaluate(from_ase(atoms))
        np.testing.assert_allclose(result.energy, atoms.get_potential_energy(), rtol=1e-9)
        np.testing.assert_allclose(result.forces, atoms.get_forces(), atol=1e-6)


def closed_form(atoms: Atoms, *, by_pair: bool) -> float:
    """Energy of the functions that the test files tabulate."""
    symbols, total = atoms.get_chemical_symbols(), 0.0
    for i in range(len(atoms)):
        rho = 0.0
        for j in range(len(atoms)):
            for image in itertools.product((-2, -1, 0, 1, 2), repeat=3):
                r = np.linalg.norm(atoms.positions[j] + image @ atoms.cell.array - atoms.positions[i])
                if r > 0:
                    rho += density(r, symbols[j], symbols[i], by_pair=by_pair)
                    total += 0.5 * pair(r, symbols[i], symbols[j])
        total += embedding(rho, symbols[i])
    return total


@pytest.mark.parametrize("by_pair", [False, True])
def test_setfl_gives_the_functions_it_tabulates(by_pair, tmp_path):
    potential = mlip_nb.potential("eam", file=write_setfl(tmp_path, by_pair=by_pair))
    assert potential.spec.elements == ALLOY
    atoms = crystal(potential.spec, seed=1)
    np.testing.assert_allclose(
        potential.evaluate(from_ase(atoms)).energy, closed_form(atoms, by_pair=by_pair), rtol=1e-9
    )


def test_funcfl_gives_the_functions_it_tabulates(tmp_path):
    potential = mlip_nb.potential("eam", file=write_funcfl(tmp_path))
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.1, seed=0)
    # The square root of r times the pair energy begins vertically at zero: the spline is less good there, not here.
    np.testing.assert_allclose(potential.evaluate(from_ase(atoms)).energy, closed_form(atoms, by_pair=False), rtol=1e-6)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is not there"),
        ("not a potential\n", "neither a setfl nor a funcfl"),
        ("a\nb\nc\n1 Cu\n4 0.1 4 0.1 5.0\n29 63.5 3.6 fcc\n1 2 3 4 5\n", "ends"),
        ("a\nb\nc\n1 Cu\n4 0.1 4 0.1 5.0\n29 63.5 3.6 fcc\n" + "nan " * 12, "not finite"),
    ],
)
def test_bad_eam_files_are_explained(content, message, tmp_path):
    file = tmp_path / "bad.eam.alloy"
    if content is not None:
        file.write_text(content)
    with pytest.raises(InputError, match=message):
        mlip_nb.potential("eam", file=file)
