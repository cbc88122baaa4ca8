"""Rates by ring polymer molecular dynamics against quadratures, closed forms, and each other."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError, RunWarning
from mlip_nb.path_integrals import LocalPILE
from mlip_nb.path_integrals.constraint import Constrained
from mlip_nb.path_integrals.coordinates import coordinate_of
from mlip_nb.potentials import AbstractPotential, Edges, Parts
from mlip_nb.simulate import start_state
from mlip_nb.workflows._flux_stages import gathered

from ..simulate.oscillators import OscillatorsSpec
from .barriers import MASS, atoms_at, parts

KT = units.to_internal(300.0, "K")
HEIGHT = 20 * KT
QUANTA = 3.0
"""ħω of the barrier over kT: above the crossover, which is at 2π."""
STIFFNESS = MASS * (QUANTA * KT / units.HBAR) ** 2
SOFTER = 4
"""How many times softer wells are than the barrier: who leaves it has time to decide before somebody is back."""
FLAT = np.sqrt(2 * HEIGHT / STIFFNESS / (1 + SOFTER))
"""Where the barrier becomes a well, Å."""
BOTTOM, FAR = -(1 + SOFTER) * FLAT, -(1 + SOFTER) * FLAT - 4.5 * np.sqrt(SOFTER * KT / STIFFNESS)
"""The middle of the reactants and their far side, Å."""
WALLS = (3.0, 6.0)


class Joined(AbstractPotential):
    """Along x an inverted parabola, and at both of its ends softer ones upright; walls along y and z."""

    cutoff: float = eqx.field(static=True, default=0.0)
    spec: OscillatorsSpec = eqx.field(static=True, default=OscillatorsSpec())

    def compute(self, edges: Edges) -> Parts:
        return parts(self._energies, edges.positions)

    def _energies(self, positions):
        x, y, z = positions
        return along(x) + 0.5 * WALLS[0] * y**2 + 0.5 * WALLS[1] * z**2


def along(x):
    """eV above the top."""
    well = -HEIGHT + 0.5 * STIFFNESS / SOFTER * (jnp.abs(x) + BOTTOM) ** 2
    return jnp.where(jnp.abs(x) < FLAT, -0.5 * STIFFNESS * x**2, well)


def rate(coordinate="x:0", **changes):
    """Of an atom that begins in its well. Nothing takes its energy: after 70 fs or so it comes back."""
    quick = {"dividing": 0.0, "reactants": FAR, "windows": 124, "release": 66.0, "classical": False}
    flux = mlip_nb.ReactiveFlux(**quick | {"beads": 1, "sampling": 500.0, "preparation": 400.0, "pairs": 512} | changes)
    return mlip_nb.rpmd_rate(atoms_at([[BOTTOM, 0.0, 0.0]]), Joined(), coordinate, flux)


def both(data):
    """Rate of transition-state theory, that with recrossing, and the error of either, 1/s."""
    values, errors = data["rate_constant"].values[0], data["rate_constant_error"].values[0]
    return *values, *errors


def harmonic(beads: int) -> float:
    """1/s: parabolas have one closed form for each number of beads, recrossed by nobody."""
    springs = (2 * beads * KT / units.HBAR * np.sin(np.pi * np.arange(1, beads) / beads)) ** 2
    square = STIFFNESS / MASS
    factor = np.prod(np.sqrt((springs + square / SOFTER) / (springs - square)))
    return 1e12 * units.from_internal(np.sqrt(square / SOFTER) / (2 * np.pi) * np.exp(-HEIGHT / KT) * factor, "THz")


def classical() -> float:
    """1/s, by quadrature."""
    x = np.linspace(FAR, 0, 20001)
    flux = np.sqrt(KT / (2 * np.pi * MASS)) / np.trapezoid(np.exp(-np.asarray(along(x)) / KT), x)
    return 1e12 * units.from_internal(flux, "THz")


@pytest.mark.physics
def test_classical_rate_over_a_plane_is_that_of_a_quadrature():
    """The free energy is the energy, and nobody comes back."""
    data = rate()
    tst, found, *_ = both(data)
    # The spline does not know of the kink.
    assert tst == pytest.approx(classical(), rel=5e-3)
    assert found == tst
    np.testing.assert_array_equal(data["transmission"], 1)
    energies = data["potential_of_mean_force"].values[0]
    np.testing.assert_allclose(energies, along(data["window"].values), atol=5e-3 * KT)


@pytest.mark.physics
def test_rate_does_not_depend_on_where_the_dividing_surface_is():
    """Transition-state theory is too high by e^(βΔV), of which recrossing leaves nothing."""
    place = -0.4 * FLAT
    data = rate(dividing=place, products=0.4 * FLAT)
    tst, found, _, error = both(data)
    assert tst / classical() == pytest.approx(np.exp(-float(along(place)) / KT), rel=5e-3)
    assert float(data["transmission_coefficient"][0]) < 0.8
    assert 0.01 < error / found < 0.1
    assert abs(found - classical()) < 3 * error + 5e-3 * classical()


def bent(positions):
    """Not the coordinate of the reaction: it runs along the wall, too, and its mass depends on where the atom is."""
    x, y, _ = positions[0]
    return x + 2 * y**2


@pytest.mark.physics
def test_rate_does_not_depend_on_the_coordinate():
    data = rate(bent, sampling=10000.0, preparation=800.0, friction=50.0, pairs=1024)
    tst, found, _, error = both(data)
    assert tst > 1.05 * classical()
    assert error / found < 0.05
    assert abs(found - classical()) < 3 * error + 5e-3 * classical()


@pytest.mark.physics
def test_ring_polymers_have_the_rate_of_parabolas():
    """At this number of beads, not at infinitely many."""
    data = rate(beads=4, sampling=2000.0, chains=32, pairs=512)
    tst, found, _, error = both(data)
    assert harmonic(4) / harmonic(1) > 1.4
    assert error / found < 0.05
    assert abs(found - harmonic(4)) < 3 * error + 5e-3 * found
    assert found == pytest.approx(tst, rel=0.02)


@pytest.mark.physics
@pytest.mark.parametrize("shift", [0.0, -0.3])
def test_many_beads_have_the_rate_of_parabolas(shift):
    data = rate(beads=16, dividing=shift * FLAT, products=0.3 * FLAT, sampling=2000.0, chains=32, pairs=1024)
    _, found, _, error = both(data)
    assert error / found < 0.03
    assert abs(found - harmonic(16)) < 3 * error + 1e-2 * found


def observed(coordinate, positions, potential=None):
    """What a frame says of its mean force, with one bead."""
    system = atoms_at(positions)
    polymer = LocalPILE(beads=1).integrator(1.0)
    integrator = Constrained(polymer, coordinate_of(coordinate, system), jnp.zeros(()), 1)
    state = start_state(system.with_momenta(jnp.zeros_like(system.positions)), integrator, key=jax.random.PRNGKey(0))
    forces = jnp.zeros((1, *state.positions.shape))
    felt = jnp.zeros((1, len(positions))), forces, jnp.zeros((1, 3, 3))
    return integrator.observe(state, felt, lambda *where: None, {"temperature": jnp.asarray(KT)})


def test_free_energy_of_a_distance_is_that_of_a_sphere():
    """-2 kT ln r; the reduced mass of two equal atoms is half of one."""
    seen = observed("distance:0,1", [[0.0, 0, 0], [0.6, 0.5, -0.3]])
    distance = np.sqrt(0.7)
    assert float(seen["coordinate"]) == pytest.approx(distance)
    assert float(seen["mean_force"]) == pytest.approx(-2 * KT / distance)
    assert float(seen["root"]) == pytest.approx(np.sqrt(MASS / 2))


def test_difference_of_distances_has_three_or_four_atoms():
    places = [[0.0, 0, 0], [1.0, 0, 0], [1.0, 2.0, 0]]
    for text in ("difference:0,1,2", "difference:0,1,1,2"):
        assert float(observed(text, places)["coordinate"]) == pytest.approx(-1.0)


def test_distance_is_that_of_the_nearest_image():
    from ase import Atoms

    cell = mlip_nb.from_ase(Atoms("H2", [[0.2, 0, 0], [5.7, 0, 0]], cell=[6.0, 6.0, 6.0], pbc=True))
    coordinate = coordinate_of("distance:0,1", cell)
    assert float(coordinate(cell.positions)) == pytest.approx(0.5)
    # The same image for ever: a bond may be longer than half the cell.
    assert float(coordinate(cell.positions.at[0, 0].add(3.0))) == pytest.approx(3.5)


def test_interrupted_stage_keeps_what_it_has():
    def chunks():
        from types import SimpleNamespace

        frames = SimpleNamespace(step=np.array([0, 1]), extra={"coordinate": np.ones((2, 3))})
        yield SimpleNamespace(frames=frames)
        raise KeyboardInterrupt

    with pytest.warns(RunWarning, match="windows: interrupted; what was computed until then is used"):
        found = gathered(chunks(), "windows")
    assert found["coordinate"].shape == (2, 3)


@pytest.mark.parametrize(
    ("coordinate", "changes", "message"),
    [
        ("x:0", {"dividing": 1.0, "products": 0.5}, "the dividing surface 1 is outside of the windows from -"),
        ("x:0", {"dividing": -9.0, "products": 0.5}, "the dividing surface -9 is outside of the windows from -"),
        ("x:0", {"reactants": 0.0}, "reactants and the last window are both at 0"),
        ("x:0", {"sampling": 10.0}, "has fewer than 4 samples"),
        ("x:0", {"beads": 0}, "beads: Input should be greater than or equal to 1"),
        ("x:0", {"temperature": 0}, "temperature: Input should be greater than 0"),
        ("w:0", {}, "unknown coordinate 'w'"),
        ("x:1", {}, "coordinate 'x:1': there is no atom 1; atoms are 0 to 0"),
        ("x", {}, "coordinate 'x' names no atoms; write x:0"),
        ("distance:0", {}, "coordinate 'distance:0' has 1 atoms; write distance:0,1"),
        ("distance:0,0", {}, "has no slope by atoms that move"),
        (lambda positions: jnp.log(positions[0, 0]), {}, "the coordinate is nan at this structure"),
        (lambda positions: positions[0], {}, "not one differentiable number of positions"),
        (lambda positions: 1.0, {}, "not one differentiable number of positions"),
    ],
)
def test_mistakes_are_told_before_anything_is_compiled(coordinate, changes, message):
    with pytest.raises(InputError, match=message):
        rate(coordinate, **changes)
