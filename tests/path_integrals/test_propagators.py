"""The step of ring polymers: what can be said of it exactly, without sampling."""

import dataclasses
import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import block_diag

from mlip_nb import units
from mlip_nb.path_integrals import PACMD, RPMD, TRPMD, GlobalPILE, LocalPILE, RingPolymer, harmonic_energy
from mlip_nb.path_integrals.integrator import SIDE, ring_noise
from mlip_nb.simulate import MDState, NVTLangevin, from_beads, to_beads
from mlip_nb.simulate._momenta import noise

from ..simulate.oscillators import Oscillators, Wells, march, surface_of, traced
from .rings import CONTROLS, KT, energy, frequency_of, go, polymers

QUANTA = 5.0
OMEGA = frequency_of(QUANTA)
"""The vibration of all tests: ħω = 5 kT, where quanta matter; its mass is 1."""
WELL = Oscillators(OMEGA**2)


# --- normal modes


@pytest.mark.parametrize("beads", [1, 2, 3, 8, 129, 130])
def test_modes_lead_to_beads_and_back(beads):
    """And they are orthogonal: the mean square of beads is the sum of squares of modes. Above 128 by Fourier."""
    rng = np.random.default_rng(beads)
    centroid, modes = jnp.asarray(rng.normal(size=(3, 4))), jnp.asarray(rng.normal(size=(beads - 1, 3, 4)))
    there = to_beads(centroid, modes)
    for before, after in zip((centroid, modes), from_beads(there), strict=True):
        np.testing.assert_allclose(after, before, atol=1e-13)
    np.testing.assert_allclose(jnp.mean(there**2, axis=0), centroid**2 + jnp.sum(modes**2, axis=0), atol=1e-12)


@pytest.mark.parametrize("beads", [5, 8, 140])
def test_springs_of_modes_are_springs_between_beads(beads):
    r"""$\sum_k \omega_k^2 Q_k^2 = \omega_P^2 \overline{(q_j - q_{j+1})^2}$ whatever the beads do."""
    modes = jnp.asarray(np.random.default_rng(0).normal(size=(beads - 1, 3, 2)))
    there = to_beads(jnp.zeros((3, 2)), modes)
    neighbours = (beads * KT / units.HBAR) ** 2 * jnp.mean((there - jnp.roll(there, 1, axis=0)) ** 2, axis=0)
    springs = LocalPILE(beads=beads).integrator(1.0).modes({"temperature": jnp.asarray(KT)}).springs
    np.testing.assert_allclose(jnp.einsum("k,kan->an", springs, modes**2), neighbours, rtol=1e-11)


# --- linear maps: the stationary law, solved for, not sampled


def stationary(integrator, potential, first: int = 0) -> np.ndarray:
    r"""$\langle Q_k^2 \rangle$ of modes, the centroid first."""
    return covariances(integrator, potential, first)[:, 0, 0]


def covariances(integrator, potential, first: int = 0) -> np.ndarray:
    """Of position and momentum of each mode, `[mode 2 2]`, of one particle in a well."""
    return covariances_of(integrator, integrator, polymers(integrator, potential), surface_of(potential), first)


def covariances_of(integrator, polymer: RingPolymer, still: MDState, surface, first: int = 0) -> np.ndarray:
    """Of any integrator that moves such a polymer of one particle: X = M X Mᵀ + Σ b bᵀ with M the Jacobian of the
    step."""
    still = _at(still, np.zeros(2 * polymer.beads))
    controls = traced(CONTROLS, still)

    def step(coordinates):
        _, _, begun = integrator.felt(_at(still, coordinates), surface, controls)
        return _coordinates(integrator.step(begun, surface, controls))

    origin = jnp.zeros(2 * polymer.beads)
    matrix, kick = map(np.asarray, jax.jit(lambda x: (jax.jacfwd(step)(x), step(x)))(origin))
    key, first_draw = jax.random.split(still.bath.key)
    blocks = matrix.reshape(polymer.beads, 2, polymer.beads, 2)
    own = np.array([blocks[mode, :, mode] for mode in range(polymer.beads)])
    # Modes do not mix in a harmonic well, so that the blocks are everything.
    np.testing.assert_allclose(block_diag(*own), matrix, atol=1e-9)
    kicks, last = kick.reshape(-1, 2), np.zeros((polymer.beads, 2))
    if polymer.splitting == SIDE:
        # The second O is the last letter: its noise is in momenta alone.
        last[:, 1] = _width(polymer, controls)
        kicks = kicks - last * _drawn(still, jax.random.split(key)[1])[:, None]
    kicks = kicks / _drawn(still, first_draw)[:, None]
    return np.array([_lyapunov(*mode) for mode in list(zip(own, kicks, last, strict=True))[first:]])


def _drawn(state, key) -> np.ndarray:
    """The noise of an O, of each mode."""
    return np.concatenate([noise(state, key)[:1, 0], ring_noise(state, key)[:, 0, 0]])


def _width(integrator, controls) -> np.ndarray:
    """Of the noise that one of two O gives to the momenta of mass 1."""
    frequencies = np.asarray(integrator.modes(controls).frequencies)
    rates = np.append(float(controls["friction"]), 2 * frequencies)
    return np.sqrt((1 - np.exp(-rates * integrator.timestep)) * KT)


def _lyapunov(matrix: np.ndarray, *kicks: np.ndarray) -> np.ndarray:
    assert np.abs(np.linalg.eigvals(matrix)).max() < 1, "there is a stationary law"
    noise = sum(np.outer(kick, kick) for kick in kicks)
    return np.linalg.solve(np.eye(4) - np.kron(matrix, matrix), noise.ravel()).reshape(2, 2)


def _at(state, coordinates):
    """Displaced along x; position and momentum of each mode."""
    pairs = jnp.asarray(coordinates).reshape(-1, 2)
    along = jnp.zeros((len(pairs), 2, 3, 1)).at[:, :, 0, 0].set(pairs)
    where = along[0, 0], along[0, 1], along[1:, 0], along[1:, 1]
    return eqx.tree_at(lambda s: (s.positions, s.momenta, s.ring.positions, s.ring.momenta), state, where)


def _coordinates(state):
    positions = jnp.concatenate([state.positions[None], state.ring.positions])
    momenta = jnp.concatenate([state.momenta[None], state.ring.momenta])
    return jnp.stack([positions[:, 0, 0], momenta[:, 0, 0]], axis=1).ravel()


@pytest.mark.parametrize(("step", "beads"), list(itertools.product([0.5, 1.0, 1.5], [8, 32, 128])))
def test_bcocb_samples_a_harmonic_well_exactly(step, beads):
    """At any stable timestep and number of beads; and every mode by itself."""
    found = stationary(LocalPILE(beads=beads).integrator(step / OMEGA), WELL)
    assert found.sum() == pytest.approx(harmonic_energy(OMEGA, KT, beads) / OMEGA**2, rel=1e-12)
    springs = LocalPILE(beads=beads).integrator(1.0).modes({"temperature": jnp.asarray(KT)}).springs
    np.testing.assert_allclose(found, KT / (OMEGA**2 + np.append(0, springs)), rtol=1e-11)


def test_exact_modes_have_no_stationary_law_where_bcocb_has():
    """The negative control: 0.9 % too much at 8 beads and a small timestep, and with 32 beads no law at all."""
    few = stationary(LocalPILE(beads=8, propagator="baoab").integrator(0.5 / OMEGA), WELL).sum()
    assert few / (harmonic_energy(OMEGA, KT, 8) / OMEGA**2) - 1 == pytest.approx(0.009, abs=0.0005)
    with pytest.raises(AssertionError, match="stationary law"):
        stationary(LocalPILE(beads=32, propagator="baoab").integrator(0.5 / OMEGA), WELL)


@pytest.mark.parametrize("kind", [pytest.param(TRPMD, marks=pytest.mark.physics), PACMD])
def test_masses_and_friction_of_modes_do_not_change_averages(kind):
    """The springs are the same, whatever mass a mode moves with: each mode but the centroid has its variance."""
    ensemble = kind(beads=6, preparation=0)
    found = stationary(ensemble.integrator(0.3 / OMEGA), WELL, first=1)
    springs = ensemble.integrator(1.0).modes({"temperature": jnp.asarray(KT)}).springs
    np.testing.assert_allclose(found, KT / (OMEGA**2 + springs), rtol=1e-10)


def test_error_of_exact_modes_is_of_second_order():
    """Half the timestep, a quarter of the error of <q²>."""
    exact = harmonic_energy(OMEGA, KT, 4) / OMEGA**2
    ensemble = LocalPILE(beads=4, propagator="baoab")
    errors = [stationary(ensemble.integrator(step / OMEGA), WELL).sum() - exact for step in (0.1, 0.05)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.02)


@pytest.mark.parametrize("beads", [1, 8])
def test_obabo_has_exact_momenta_and_the_positions_of_its_kicks(beads):
    r"""$\langle P^2 \rangle = m k_B T$ of every mode, and $\langle Q^2 \rangle$ that kicks and free motion keep.

    A kick K, the free rotation R and a kick are a matrix S with one invariant, $P^2 - Q^2 S_{PQ}/S_{QP}$.
    """
    step = 0.3 / OMEGA
    integrator = LocalPILE(beads=beads, propagator="obabo").integrator(step)
    found = covariances(integrator, WELL)
    kick = np.array([[1, 0], [-0.5 * step * OMEGA**2, 1]])
    springs = np.asarray(integrator.modes({"temperature": jnp.asarray(KT)}).springs)
    moves = [kick @ _free(omega, step) @ kick for omega in np.sqrt(np.append(0, springs))]
    np.testing.assert_allclose(found[:, 1, 1], KT, rtol=1e-10)
    np.testing.assert_allclose(found[:, 0, 0], [-KT * move[0, 1] / move[1, 0] for move in moves], rtol=1e-9)
    np.testing.assert_allclose(found[:, 0, 1], 0, atol=1e-12)
    # Of the centroid in closed form.
    assert found[0, 0, 0] == pytest.approx(KT / OMEGA**2 / (1 - (OMEGA * step) ** 2 / 4), rel=1e-10)


def _free(omega: float, step: float) -> np.ndarray:
    """Free motion of a mode of mass 1."""
    if not omega:
        return np.array([[1, step], [0, 1]])
    angle = omega * step
    return np.array([[np.cos(angle), np.sin(angle) / omega], [-omega * np.sin(angle), np.cos(angle)]])


# --- trajectories


QUARTIC = Wells((1.0 * OMEGA**2, 1.3 * OMEGA**2, 1.7 * OMEGA**2), 10 * OMEGA**2)
"""Wells in which modes mix."""


def quiet(beads: int, propagator: str, step: float):
    """Newton's equations for all modes."""
    return RPMD(beads=beads, propagator=propagator, preparation=0).integrator(step)


@pytest.mark.parametrize(("beads", "propagator"), [(6, "bcocb"), pytest.param(130, "baoab", marks=pytest.mark.physics)])
def test_ring_polymers_run_backwards(beads, propagator):
    """Momenta of all modes turned around; without the thermostat."""
    integrator = quiet(beads, propagator, 0.05 / OMEGA)
    start = polymers(integrator, QUARTIC, atoms=2)
    there = go(start, integrator, QUARTIC, 200)
    assert np.abs(there.positions - start.positions).max() > 0.05
    turned = eqx.tree_at(lambda s: (s.momenta, s.ring.momenta), there, (-there.momenta, -there.ring.momenta))
    back = go(turned, integrator, QUARTIC, 200)
    np.testing.assert_allclose(back.positions, start.positions, atol=1e-9)
    np.testing.assert_allclose(back.ring.positions, start.ring.positions, atol=1e-9)
    np.testing.assert_allclose(back.ring.momenta, -start.ring.momenta, atol=1e-9)


@pytest.mark.parametrize("propagator", ["bcocb", pytest.param("baoab", marks=pytest.mark.physics)])
def test_energy_of_ring_polymers_is_conserved_to_second_order(propagator):
    """Over one time: half the timestep, a quarter of the largest error."""
    errors = []
    for steps in (100, 200):
        integrator = quiet(6, propagator, 2.0 / OMEGA / steps)
        start = polymers(integrator, QUARTIC, atoms=4)
        end = go(start, integrator, QUARTIC, steps)
        errors.append(energy(end, integrator, QUARTIC) - energy(start, integrator, QUARTIC))
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


def test_thermostats_account_for_the_heat_they_give():
    """The conserved quantity keeps its value to the order of the step, while the energy itself does not."""
    errors = []
    for steps in (400, 1600):
        integrator = LocalPILE(beads=6).integrator(4.0 / OMEGA / steps)
        start = polymers(integrator, QUARTIC, atoms=4)
        end = go(start, integrator, QUARTIC, steps)
        assert abs(float(end.bath.heat)) > 0.1 * KT
        errors.append(abs(energy(end, integrator, QUARTIC) - energy(start, integrator, QUARTIC)))
    assert errors[1] < errors[0] / 8
    assert errors[1] < 0.01 * KT


def test_splittings_without_thermostat_are_one():
    """Both are a kick, free motion of the whole timestep, and a kick."""
    ends = []
    for propagator in ("baoab", "obabo"):
        integrator = quiet(5, propagator, 0.2 / OMEGA)
        ends.append(go(polymers(integrator, QUARTIC, atoms=3), integrator, QUARTIC, 20))
    np.testing.assert_allclose(ends[0].ring.positions, ends[1].ring.positions, rtol=1e-10, atol=1e-14)


def test_one_bead_is_classical_langevin_dynamics():
    """Step for step, with the same noise."""
    ring, classical = LocalPILE(beads=1).integrator(0.3 / OMEGA), NVTLangevin().integrator(0.3 / OMEGA)
    start = polymers(ring, QUARTIC, atoms=3)
    bare = dataclasses.replace(start, ring=None)
    end, expected = go(start, ring, QUARTIC, 50), march(bare, classical, CONTROLS, QUARTIC, 50)
    np.testing.assert_allclose(end.positions, expected.positions, rtol=1e-10)
    np.testing.assert_allclose(end.momenta, expected.momenta, rtol=1e-10)
    np.testing.assert_allclose(ring.thermal_momenta(end), classical.thermal_momenta(expected), rtol=1e-10)


def test_global_thermostat_of_centroids_rescales_them_alike():
    """Without forces the directions of centroid momenta stay, and those of the other modes do not."""
    integrator, flat = GlobalPILE(beads=4).integrator(0.3 / OMEGA), Oscillators(0.0)
    start = polymers(integrator, flat, atoms=3)
    end = go(start, integrator, flat, 30)
    ratio = np.asarray(end.momenta / start.momenta)
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-10)
    assert abs(ratio[0, 0] - 1) > 1e-3
    assert np.ptp(end.ring.momenta / start.ring.momenta) > 1e-3


def test_preparation_ends():
    """Heat flows while the start is prepared, and none later."""
    integrator = RPMD(beads=4, preparation=units.from_internal(10 * 0.1 / OMEGA, "fs")).integrator(0.1 / OMEGA)
    start = polymers(integrator, QUARTIC)
    heats = [float(go(start, integrator, QUARTIC, steps).bath.heat) for steps in (5, 10, 20)]
    assert heats[0] != heats[1] == heats[2]


def test_noise_follows_the_atom_not_its_place_in_memory():
    """Sorting atoms anew must not change their trajectories."""
    integrator = LocalPILE(beads=5).integrator(0.3 / OMEGA)
    start = polymers(integrator, QUARTIC, atoms=4)
    plain, moved = (go(state, integrator, QUARTIC, 3) for state in (start, start.reorder(jnp.array([2, 0, 3, 1]))))
    np.testing.assert_allclose(plain.beads[..., jnp.array([2, 0, 3, 1])], moved.beads, rtol=1e-12)


def test_atoms_held_in_place_have_no_spread():
    integrator = LocalPILE(beads=5).integrator(0.3 / OMEGA)
    start = polymers(integrator, QUARTIC, atoms=3)
    start = eqx.tree_at(lambda s: s.ring, start, integrator.ring(start))
    held = dataclasses.replace(start, mobile=jnp.array([True, False, True]))
    still = jnp.where(held.mobile, 1, 0)
    held = eqx.tree_at(lambda s: (s.momenta, s.forces), held, (held.momenta * still, held.forces * still))

    def surface(positions, cell):
        energies, forces, strain = QUARTIC.parts(positions)
        return energies, forces * still, strain

    end = jax.jit(lambda s: integrator.step(s, surface, traced(CONTROLS, s)))(held)
    np.testing.assert_array_equal(end.beads[:, :, 1], np.broadcast_to(start.positions[:, 1], (5, 3)))
    assert np.abs(end.ring.momenta[..., 0]).min() > 0


@pytest.mark.parametrize("beads", [4, 130])
def test_single_precision_stays_single(beads):
    """Matrices, frequencies and noise do not make it double; a Fourier transform neither."""
    integrator, surface = LocalPILE(beads=beads).integrator(0.3 / OMEGA), surface_of(QUARTIC)
    double = polymers(integrator, QUARTIC, atoms=2)
    single = jax.tree.map(lambda leaf: leaf.astype("float32") if leaf.dtype == "float64" else leaf, double)
    end = jax.eval_shape(lambda s: integrator.step(s, surface, traced(CONTROLS, s)), single)
    assert end.ring.positions.dtype == end.ring.momenta.dtype == end.positions.dtype == np.float32
