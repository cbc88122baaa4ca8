"""Ring polymers at constant pressure: systems whose partition function of P beads is a known function of volume."""

import dataclasses
import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.path_integrals import NPTPILE
from mlip_nb.path_integrals.npt import centroid_derivative
from mlip_nb.simulate import NPTRescaling, flow, over_beads, start_state

from ..simulate.elastic import PER_PRESSURE, TIME, Elastic, begin, box, controls, ideal, parts_of

KT = 0.05
"""eV."""
BEADS, CHAINS = 4, 64
LOADED = (20.0, -10.0, 5.0, 15.0, -5.0, 10.0)
"""GPa; strains the stiff elastic cell by 5 %."""


class Breathing(eqx.Module):
    r"""Wells that the cell carries along, of frequency $\omega (V/V_0)^{-\gamma}$, in a cell with ½ K ln²(V/V_0)."""

    cell: jax.Array
    sites: jax.Array
    masses: jax.Array
    frequency: float = 4 * KT / units.HBAR
    gruneisen: float = 2.0
    stiffness: float = 400 * KT

    def energy(self, positions, cell):
        change = jnp.linalg.inv(self.cell) @ cell
        growth = jnp.log(jnp.linalg.det(change))
        squares = self.masses * (positions - change.T @ self.sites) ** 2
        squared_frequency = self.frequency**2 * jnp.exp(-2 * self.gruneisen * growth)
        return 0.5 * squared_frequency * jnp.sum(squares) + 0.5 * self.stiffness * growth**2

    def __call__(self, positions, cell):
        return parts_of(self.energy, positions, cell)

    def volumes(self, pressure: float, beads: int) -> tuple[float, float]:
        """Mean and variance, Å³, by quadrature of Z(V) = (2 sinh(P asinh(ħω/2PkT)))^-3N exp(-βE(V))."""
        first = float(jnp.linalg.det(self.cell))
        growth = np.linspace(-1, 1, 4001)
        volume = first * np.exp(growth)
        quanta = units.HBAR * self.frequency * np.exp(-self.gruneisen * growth) / KT
        modes = -3 * len(self.masses) * np.log(2 * np.sinh(beads * np.arcsinh(quanta / (2 * beads))))
        log = modes - (0.5 * self.stiffness * growth**2 + pressure * volume) / KT
        # dV = V d ln V.
        weight = volume * np.exp(log - log.max())
        mean = np.sum(weight * volume) / weight.sum()
        return mean, np.sum(weight * (volume - mean) ** 2) / weight.sum()


def pressed(*, time: float, compressibility: float = 1.0, kind=NPTPILE, **fields):
    """An ensemble with a pressure time in internal units and a compressibility in Å³/eV."""
    fields = {"beads": BEADS, **fields} if kind is NPTPILE else fields
    return kind(pressure_time=time * TIME, compressibility=compressibility * PER_PRESSURE, **fields)


def follow(state, integrator, surface, targets, steps: int, every: int = 1):
    """The last state, and on the way volume, conserved quantity, and inner pressure as a tensor."""

    def some(state, _):
        state = jax.lax.fori_loop(0, every, lambda _, s: integrator.step(s, surface, targets), state)
        energy = over_beads(lambda bead: surface(bead, state.cell)[0].sum(), state.beads).mean()
        size = jnp.linalg.det(state.cell)
        inner = (flow(integrator.thermal_momenta(state), state.masses) - centroid_derivative(state)) / size
        return state, (size, integrator.conserved(state, energy, targets), inner)

    return jax.lax.scan(some, state, None, length=steps // every)


def chains(system, integrator, surface, targets, *, steps: int, every: int = 10, chains: int = CHAINS):
    """What `follow` saw, `[chain, time]`, less the first fifth."""

    kT = float(targets["temperature"])

    @jax.jit
    @jax.vmap
    def go(key):
        state = begin(system, integrator, surface, kT, key)
        return follow(state, integrator, surface, targets, steps, every)[1]

    seen = go(jax.random.split(jax.random.PRNGKey(0), chains))
    return [np.asarray(values)[:, steps // every // 5 :] for values in seen]


def agrees(per_chain, expected: float, *, errors: float = 5.0, slack: float = 0.0, within: float = 0.05) -> bool:
    """Independent chains: within so many standard errors, each smaller than a part `within` of what is expected."""
    error = per_chain.std(ddof=1) / np.sqrt(len(per_chain))
    assert error < within * expected
    return abs(per_chain.mean() - expected) < errors * error + slack * expected


@functools.cache
def breathing():
    system = box(4, 40.0)
    return system, Breathing(system.cell, system.positions.T, system.masses)


def breathing_integrator(step: float, **fields):
    """The step in times of the wells; the cell answers within some of them."""
    system, surface = breathing()
    compressibility = float(system.volume) / surface.stiffness
    return pressed(time=8 / surface.frequency, compressibility=compressibility, thermostat_time=2, **fields).integrator(
        step / surface.frequency
    )


def breathing_controls(pressure: float = 0.0):
    return controls(temperature=KT, pressure=pressure, thermostat_time=1 / breathing()[1].frequency)


# --- one bead


@pytest.mark.parametrize("thermostat", ["langevin", pytest.param("rescaling", marks=pytest.mark.physics)])
def test_one_bead_is_classical_cell_rescaling(thermostat):
    """Step for step with the same noise, all six strains free and under stress."""
    system = box(6, 200.0)
    surface, targets = Elastic(system.cell, system.positions.T), controls(temperature=KT, pressure=0.01)
    fields = {"time": 5.0, "coupling": "triclinic", "stress": (2, -1, 1, 1, -1, 2), "thermostat": thermostat}
    ends = []
    for kind in ({"beads": 1}, {"kind": NPTRescaling}):
        integrator = pressed(**fields, **kind).integrator(0.05)
        state = begin(system, integrator, surface, KT, jax.random.PRNGKey(1))
        go = jax.jit(lambda s, i=integrator: jax.lax.fori_loop(0, 100, lambda _, s: i.step(s, surface, targets), s))
        ends.append((integrator, go(state)))
    (ring, quantum), (_, classical) = ends
    for name in ("positions", "momenta", "cell", "strain"):
        np.testing.assert_allclose(getattr(quantum, name), getattr(classical, name), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(quantum.bath.heat, classical.bath.heat, rtol=1e-9)
    np.testing.assert_array_equal(quantum.bath.key, classical.bath.key)
    assert np.abs(quantum.cell - system.cell).max() > 0.05
    assert ring.holds_center == (thermostat == "rescaling")


# --- laws


@pytest.mark.physics
@pytest.mark.parametrize("propagator", ["bcocb", pytest.param("obabo", marks=pytest.mark.physics)])
def test_conserved_quantity_wanders_fourfold_less_at_half_the_step(propagator):
    """Heat of all modes and the work of the barostat counted, while the cell shears and beads turn with it."""
    system = box(6, 20.0)
    surface, targets = Elastic(system.cell, system.positions.T), controls(temperature=KT)
    wander = []
    for step in (0.1, 0.05):
        ensemble = pressed(time=5.0, coupling="triclinic", stress=LOADED, propagator=propagator)
        seen = chains(system, ensemble.integrator(step), surface, targets, steps=round(20 / step), every=1, chains=8)
        wander.append(np.ptp(seen[1], axis=1).mean())
    assert wander[0] < 0.5 * KT
    assert wander[0] / wander[1] == pytest.approx(4, rel=0.3)


@pytest.mark.physics
@pytest.mark.parametrize(
    ("thermostat", "coupling"),
    [("langevin", "isotropic"), pytest.param("rescaling", "triclinic", marks=pytest.mark.physics)],
)
def test_free_particles_have_the_volume_of_a_classical_gas(thermostat, coupling):
    """<V> = Var V = n_f/3 + 1 in units of kT/P at any number of beads: springs do not press on the cell."""
    atoms, step = 8, 0.05
    system, targets = box(atoms, float(atoms)), controls(pressure=1.0)
    ensemble = pressed(time=2.0, beads=3, thermostat=thermostat, coupling=coupling)
    volumes = chains(system, ensemble.integrator(step), ideal, targets, steps=2000)[0]
    expected = atoms + (thermostat == "langevin")
    # The bias of first order: half a timestep over the relaxation time of the volume, here 1/80.
    assert agrees(volumes.mean(axis=1), expected, slack=step / 4)
    assert agrees(((volumes - volumes.mean()) ** 2).mean(axis=1), expected, slack=step / 2)


CASES = [
    pytest.param(4, 0.0, "bcocb", id="4"),
    *(pytest.param(beads, 0.02, "bcocb", marks=pytest.mark.physics, id=f"{beads}") for beads in (1, 2, 8, 16)),
    pytest.param(4, 0.02, "obabo", marks=pytest.mark.physics, id="4-obabo"),
]


@pytest.mark.physics
@pytest.mark.parametrize(("beads", "pressure", "propagator"), CASES)
def test_quantum_wells_press_on_the_cell(beads, pressure, propagator):
    """Mean and variance of the volume by quadrature of Z(V) at this number of beads; and the mean inner pressure."""
    system, surface = breathing()
    integrator = breathing_integrator(0.2, beads=beads, propagator=propagator)
    volumes, _, inner = chains(system, integrator, surface, breathing_controls(pressure), steps=3000)
    mean, variance = surface.volumes(pressure, beads)
    assert agrees(volumes.mean(axis=1), mean, errors=4, within=0.002)
    # First order in the timestep over the time of the cell, 0.2/8.
    assert agrees(((volumes - volumes.mean()) ** 2).mean(axis=1), variance, errors=4, slack=0.0125)
    found = np.trace(inner, axis1=-2, axis2=-1).mean(axis=1) / 3
    assert abs(found.mean() - pressure) < 4 * found.std(ddof=1) / np.sqrt(len(found))
    other = surface.volumes(pressure, 2 if beads == 1 else 1)[0]
    assert abs(mean - other) > 10 * volumes.mean(axis=1).std() / np.sqrt(CHAINS), "the number of beads matters"


@pytest.mark.physics
def test_mean_stress_is_the_target_in_all_six_components():
    """True stress with the quantum virial; kT/V apart where the frame turns with the cell, as for point particles."""
    system = box(6, 20.0)
    surface, targets = Elastic(system.cell, system.positions.T), controls(temperature=KT)
    integrator = pressed(time=2.0, coupling="triclinic", stress=LOADED, thermostat="rescaling").integrator(0.05)
    inner = chains(system, integrator, surface, targets, steps=3000, every=5)[2]
    means = -inner.mean(axis=1)
    error = means.std(axis=0) / np.sqrt(CHAINS)
    xx, yy, zz, yz, xz, xy = units.to_internal(1.0, "GPa") * np.array(LOADED)
    target = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    frame = np.diag([2.0, 0.0, -2.0]) * KT / 20.0
    assert (error < 0.003).all()
    assert (np.abs(means.mean(axis=0) - target - frame) < 5 * error).all()


def test_atoms_held_in_place_are_refused():
    system = box(4, 40.0)
    held = dataclasses.replace(system.with_momenta(0 * system.positions), mobile=jnp.arange(4) > 0)
    with pytest.raises(InputError, match="held in place, and a changing cell would move them"):
        start_state(held, NPTPILE().integrator(0.1), key=jax.random.PRNGKey(0))


def test_single_precision_stays_single():
    """Strain, turn and work do not make it double."""
    system, surface = breathing()
    integrator = breathing_integrator(0.2)
    double = begin(system, integrator, surface, KT, jax.random.PRNGKey(0))
    single, own, targets = jax.tree.map(
        lambda leaf: jnp.asarray(leaf, "float32") if eqx.is_inexact_array(leaf) else leaf,
        (double, surface, breathing_controls()),
    )
    single = eqx.tree_at(lambda s: s.bath.heat, single, double.bath.heat)
    end = jax.eval_shape(lambda s: integrator.step(s, own, targets), single)
    assert {leaf.dtype for leaf in (end.positions, end.momenta, end.cell, end.strain, end.ring.positions)} == {
        jnp.dtype("float32")
    }
    assert end.bath.heat.dtype == np.float64
