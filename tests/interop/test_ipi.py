"""Real i-PI: its trajectories against ours, and our potentials as its client over a socket."""

import dataclasses
import os
import socket
import threading

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.calculators.socketio import IPIProtocol

import mlip_nb
from mlip_nb import units
from mlip_nb.__main__ import main
from mlip_nb.errors import InputError
from mlip_nb.interop import serve_ipi
from mlip_nb.notebook.terminal import serve
from mlip_nb.path_integrals import RPMD, LocalPILE
from mlip_nb.simulate import from_beads, simulate, start_state
from mlip_nb.system import System
from mlip_nb.workflows import PIMD

from ..path_integrals.rings import CONTROLS, KT, felt, go
from ..simulate.oscillators import Oscillators, surface_of, traced
from . import i_pi

HARTREE = units.to_internal(1.0, "Ha")
ELECTRON_MASS = (units.HBAR / units.BOHR) ** 2 / HARTREE
"""amu: the atomic unit of mass is ħ²/(Ha bohr²)."""
ATOMIC_TIME = units.HBAR / HARTREE
ATOMIC_MOMENTUM = units.HBAR / units.BOHR
ATOMIC = "units='atomic_unit'> {!r}"
STIFFNESS = 0.12356216778762334
"""Hartree/bohr²."""


# --- the reference: a ring polymer in a harmonic well


@pytest.fixture(scope="module")
def ring() -> dict:
    """Six beads of one particle, in atomic units."""
    mass, rng = 1837.36223469, np.random.default_rng(3)
    momenta = np.sqrt(mass * KT / HARTREE) * rng.normal(size=(6, 1, 3))
    return {"positions": 0.1 * rng.normal(size=(6, 1, 3)), "momenta": momenta, "masses": [mass]}


@pytest.fixture(scope="module")
def energies(ring) -> np.ndarray:
    """Conserved, potential and kinetic energy after each of 100 steps, Hartree."""
    return _energies(ring["positions"], ring["momenta"] * ATOMIC_MOMENTUM, ring["masses"][0] * ELECTRON_MASS) / HARTREE


def test_energy_of_a_ring_polymer_is_that_of_i_pi(ring, energies, tmp_path):
    """Of i-PI's constants Boltzmann's has the fewest digits, 1.15e-6 above CODATA's: springs go with its square."""
    theirs = _of_i_pi(tmp_path, ring, temperature="units='kelvin'> 300", timestep="units='femtosecond'> 0.1")
    np.testing.assert_allclose(theirs[:, 0], energies[:, 0], rtol=2e-6)


def test_a_ring_polymer_moves_as_in_i_pi(ring, energies, tmp_path):
    """In atomic units i-PI has no constants, and what is left are the nine digits it prints."""
    timestep, temperature = 0.1 * units.FEMTOSECOND / ATOMIC_TIME, KT / HARTREE
    exactly = {"temperature": ATOMIC.format(temperature), "timestep": ATOMIC.format(timestep)}
    theirs = _of_i_pi(tmp_path, ring, **exactly)
    assert np.ptp(energies[:, 1]) > 0.1 * energies[0, 0], "energy goes to and fro between its kinds"
    np.testing.assert_allclose(theirs, energies, atol=1e-8 * energies[0, 0])


def _of_i_pi(folder, ring: dict, **options: str) -> np.ndarray:
    well, wanted = i_pi.WELL.format(stiffness=STIFFNESS), "conserved, potential, kinetic_md"
    i_pi.write_input(folder, **ring, steps=100, forces=well, properties=wanted, **options)
    return i_pi.properties(folder, i_pi.started(folder))


def _energies(beads, momenta, mass: float) -> np.ndarray:
    """Momenta and mass inside; eV."""
    integrator = RPMD(beads=len(beads), propagator="baoab", preparation=0).integrator(0.1 * units.FEMTOSECOND)
    well = Oscillators(STIFFNESS * HARTREE / units.BOHR**2)
    system = System(jnp.zeros((1, 3)), jnp.ones(1, jnp.int32), jnp.full(1, mass), jnp.zeros((3, 3)), jnp.zeros((1, 3)))
    state = with_beads(start_state(system, integrator, key=jax.random.PRNGKey(0)), units.BOHR * beads, momenta)
    state, controls = felt(state, integrator, well), traced(CONTROLS, state)

    @jax.jit
    def energies(state):
        potential = jnp.mean(jax.vmap(lambda bead: surface_of(well)(bead, state.cell)[0].sum())(state.beads))
        kinetic = 0.5 * jnp.mean(jnp.sum(state.bead_momenta**2 / state.masses, axis=(1, 2)))
        return jnp.array([integrator.conserved(state, potential, controls), potential, kinetic])

    found = [energies(state)]
    for _ in range(100):
        state = go(state, integrator, well, 1)
        found.append(energies(state))
    return np.array(found)


def with_beads(state, beads, momenta):
    """`[beads, atoms, 3]` and atoms in the order of the state."""
    places, swings = from_beads(jnp.asarray(beads).swapaxes(1, 2)), from_beads(jnp.asarray(momenta).swapaxes(1, 2))
    moved = places[0], swings[0], places[1], swings[1]
    return eqx.tree_at(lambda s: (s.positions, s.momenta, s.ring.positions, s.ring.momenta), state, moved)


# --- our silicon by i-PI


@pytest.fixture(scope="module")
def silicon():
    """Eight atoms in a sheared cell, where every component of the virial is another."""
    system = mlip_nb.load("Si", repeat=1)
    # i-PI wants the first lattice vector along x, the second in the plane of x and y.
    strain = jnp.eye(3) + 0.03 * jnp.tril(jnp.arange(9.0).reshape(3, 3)) / 9
    return dataclasses.replace(system, positions=system.positions @ strain, cell=system.cell @ strain)


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber")


def test_i_pi_moves_our_silicon_as_we_do(silicon, potential, tmp_path):
    """Five steps of four beads, Newton's equations; the virial at the first."""
    rng = np.random.default_rng(5)
    beads = np.asarray(silicon.positions) + 0.1 * rng.normal(size=(4, 8, 3))
    masses = np.asarray(silicon.masses)[:, None]
    momenta = np.sqrt(masses * KT) * rng.normal(size=beads.shape)
    options = {"steps": 5, "temperature": ATOMIC.format(KT / HARTREE), "cell": silicon.cell, "names": "Si"}
    options["timestep"] = ATOMIC.format(units.FEMTOSECOND / ATOMIC_TIME)
    options["properties"] = "conserved, potential, virial_md"
    name = f"mlip-nb-{tmp_path.name}-{os.getpid()}"
    i_pi.write_input(
        tmp_path,
        beads / units.BOHR,
        momenta / ATOMIC_MOMENTUM,
        masses.ravel() / ELECTRON_MASS,
        forces=i_pi.SOCKET.format(address=name),
        **options,
    )
    process = i_pi.started(tmp_path)
    structures = serve_ipi(potential, silicon, unix=name)
    theirs = HARTREE * i_pi.properties(tmp_path, process)
    assert structures == 4 * len(theirs) == 24
    frames = _frames(silicon, potential, beads, momenta)
    np.testing.assert_allclose(theirs[:, 0], frames.conserved, rtol=1e-7)
    np.testing.assert_allclose(theirs[:, 1], frames.potential_energy, rtol=1e-7)
    stress = -len(beads) * frames.strain_derivative[0] / np.linalg.det(silicon.cell / units.BOHR)
    np.testing.assert_allclose(theirs[0, 2:], stress[(0, 1, 2, 0, 0, 1), (0, 1, 2, 1, 2, 2)], rtol=1e-7)


def _frames(system, potential, beads, momenta):
    """Of each step."""
    integrator = RPMD(beads=len(beads), propagator="baoab", preparation=0).integrator(units.FEMTOSECOND)
    bare = dataclasses.replace(system, momenta=jnp.zeros_like(system.positions))
    state = with_beads(start_state(bare, integrator, key=jax.random.PRNGKey(0)), beads, momenta)
    options = {"pbc": system.pbc, "steps": 5, "every": 1, "skin": 2.0}
    chunks = simulate(state, potential, integrator, lambda step: ({"temperature": KT}, 6), **options)
    return jax.tree.map(lambda *pieces: np.concatenate(pieces), *[chunk.frames for chunk in chunks])


@pytest.mark.physics
def test_kinetic_energy_of_quantum_nuclei_is_that_of_i_pi(silicon, potential, tmp_path):
    """Silicon at 300 K as eight beads: centroid-virial means within five standard errors of each other."""
    masses = np.asarray(silicon.masses)
    options = {"steps": 6000, "temperature": ATOMIC.format(KT / HARTREE), "cell": silicon.cell, "names": "Si"}
    options |= {"timestep": ATOMIC.format(2 * units.FEMTOSECOND / ATOMIC_TIME), "every": 10, "mode": "nvt"}
    options |= {"thermostat": i_pi.PILE.format(time=100), "properties": "kinetic_cv, potential"}
    name = f"mlip-nb-{tmp_path.name}-{os.getpid()}"
    beads = np.stack([silicon.positions / units.BOHR] * 8)
    i_pi.write_input(
        tmp_path, beads, 0 * beads, masses / ELECTRON_MASS, forces=i_pi.SOCKET.format(address=name), **options
    )
    process = i_pi.started(tmp_path)
    serve_ipi(potential, silicon, unix=name)
    theirs = HARTREE * i_pi.properties(tmp_path, process)[100:, 0]
    run = PIMD(ensemble=LocalPILE(beads=8), timestep=2.0, steps=40_000, every=10).run(silicon, potential)
    ours = run["kinetic_energy"].values[100:]
    expected, error = zip(*map(_mean, (theirs, ours)), strict=True)
    assert abs(expected[0] - expected[1]) < 5 * np.hypot(*error)
    assert max(error) < 0.005 * expected[1]


def _mean(values) -> tuple[float, float]:
    """With its standard error, from twenty blocks."""
    blocks = np.array([block.mean() for block in np.array_split(values, 20)])
    return blocks.mean(), blocks.std(ddof=1) / np.sqrt(20)


# --- what cannot be served


def test_an_address_where_nobody_listens(silicon, potential):
    with pytest.raises(InputError, match="nobody listens at /tmp/ipi_mlip-nb-nobody .* start i-PI with this address"):
        serve_ipi(potential, silicon, unix="mlip-nb-nobody", patience=0.01)


def test_another_number_of_atoms(silicon, potential):
    """A server with three atoms, on a port of the loopback."""
    with socket.create_server(("localhost", 0)) as server:

        def ask():
            connection, _ = server.accept()
            with connection:
                protocol = IPIProtocol(connection)
                assert protocol.status() == "READY"
                protocol.sendposdata(np.eye(3), np.eye(3), np.zeros((3, 3)))
                connection.recv(1)

        asking = threading.Thread(target=ask)
        asking.start()
        with pytest.raises(InputError, match="i-PI sends 3 atoms, the structure has 8"):
            serve_ipi(potential, silicon, port=server.getsockname()[1])
        asking.join()


def test_elements_that_a_potential_does_not_cover(potential):
    with pytest.raises(InputError, match="covers"):
        serve_ipi(potential, mlip_nb.load("Cu", repeat=1), unix="mlip-nb-nobody")


def test_the_verb_serves_from_a_shell(potential, monkeypatch, capsys):
    """What it hands on; the dialogue itself is that of the function."""
    asked = []
    monkeypatch.setattr(serve, "serve_ipi", lambda *what, **where: asked.append((what, where)) or 7)
    assert main(["serve", "Si", "--potential", "stillinger-weber", "--unix", "silicon", "--patience", "3s"]) == 0
    ((given, structure), where) = asked[0]
    assert given.fingerprint == potential.fingerprint
    assert len(structure.numbers) == 8
    assert (where["unix"], where["patience"]) == ("silicon", 3.0)
    assert "at /tmp/ipi_silicon" in capsys.readouterr().out
