"""Isotopes: ratios of partition functions against closed forms at the same number of beads."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError, RunWarning
from mlip_nb.path_integrals import LocalPILE
from mlip_nb.simulate import Guards

from .rings import KT, Polynomial, evaluator, frequency_of, scattered

WELL = Polynomial((0.0, 0.0, 0.5), 3.0)
MASSES, BEADS = (1.0, 1.4, 2.0), 8


def log_partition(quanta, beads: int):
    """ln Z of an oscillator with ħω = `quanta` kT."""
    return -np.log(2 * np.sinh(beads * np.arcsinh(np.asarray(quanta) / (2 * beads))))


def log_ratio(quanta, mass: float, beads: int) -> float:
    """ln Z(m)/Z(1) of these oscillators beyond the classical ½ ln m each."""
    heavy = log_partition(np.asarray(quanta) / np.sqrt(mass), beads)
    return float(np.sum(heavy - log_partition(quanta, beads) - 0.5 * np.log(mass)))


def pimd(quanta: float = 3.0, beads: int = BEADS, **changes) -> mlip_nb.PIMD:
    """Of particles in wells, with long steps: harmonic averages do not suffer."""
    omega = frequency_of(quanta)
    ensemble = LocalPILE(beads=beads, friction=units.from_internal(omega, "1/ps"))
    timestep = units.from_internal(0.3 / omega, "fs")
    return mlip_nb.PIMD(**{"ensemble": ensemble, "timestep": timestep, "guards": Guards(drift=1e4), **changes})


def test_closed_form_is_that_of_the_literature():
    """Z of twice the mass at βħω = 5 and 15.8, and many and 32 beads, by another program."""
    found = [np.exp(log_ratio(u, 2.0, beads)) * np.sqrt(2) for u in (5, 15.8) for beads in (4096, 32)]
    np.testing.assert_allclose(found, [2.12771, 2.12427, 10.1135, 9.6190], rtol=2e-5)


def test_every_route_finds_the_ratio_of_partition_functions():
    """From lighter, from heavier, BAR and integration, to each mass of a ladder, at this number of beads."""
    data = mlip_nb.isotope_effect(scattered(8), WELL, MASSES, pimd(steps=12_000))
    for place, mass in enumerate(MASSES[1:], start=1):
        expected = 3 * log_ratio(3.0, mass, BEADS)
        for found in (data.isel(isotope=place, route=index) for index in range(4)):
            ratio, error = float(found["fractionation_ratio"]), float(found["fractionation_error"])
            assert abs(ratio - np.exp(expected)) < 3 * error, str(found["route"].values)
            assert error < 0.01
            free = -8 * KT * (expected + 1.5 * np.log(mass))
            assert abs(float(found["free_energy_difference"]) - free) < 3 * float(found["free_energy_error"])
            assert float(found["partition_ratio"]) == pytest.approx(ratio**8)


@pytest.mark.physics
@pytest.mark.parametrize(("quanta", "steps"), [(5.0, 40_000), (15.8, 40_000)])
def test_deuterium_at_32_beads(quanta, steps):
    """Cold wells, too, where few samples carry the weights of one direction."""
    well, workflow = Polynomial((0.0, 0.0, 0.5), quanta), pimd(quanta, 32, steps=steps)
    data = mlip_nb.isotope_effect(scattered(1), well, (1.0, 2.0), workflow)
    expected = np.exp(3 * log_ratio(quanta, 2.0, 32))
    for route in ("BAR", "integration"):
        found = data.isel(isotope=1).sel(route=route)
        assert abs(float(found["fractionation_ratio"]) - expected) < 3 * float(found["fractionation_error"])
        assert float(found["fractionation_error"]) < 0.05 * expected


def test_classical_nuclei_have_no_isotope_effect():
    """Of one bead, exactly; free energies differ by what momenta give."""
    data = mlip_nb.isotope_effect(scattered(2), WELL, (1.0, 2.0), pimd(beads=1, steps=100))
    np.testing.assert_array_equal(data["fractionation_ratio"], 1)
    np.testing.assert_array_equal(data["fractionation_error"], 0)
    np.testing.assert_allclose(data["free_energy_difference"][:, 1], -3 * KT * np.log(2))


@pytest.fixture(scope="module")
def silicon():
    return mlip_nb.load("Si")


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("stillinger-weber")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("isotopes")


@pytest.fixture(scope="module")
def silicon_isotopes(silicon, potential, folder):
    ensemble = LocalPILE(beads=4, friction=20, store_beads=True)
    workflow = mlip_nb.PIMD(ensemble=ensemble, timestep=2, steps=6000, every=20)
    return mlip_nb.isotope_effect(silicon, potential, (28, 30), workflow, save=folder)


def vibrations(system, potential, mass: float) -> np.ndarray:
    """βħω of the crystal, by differences of forces; those of the whole are left out."""
    atoms = mlip_nb.to_ase(system)
    atoms.calc, sites, step = potential.calculator(), atoms.positions.copy(), 1e-3
    hessian = np.empty((24, 24))
    for row, change in enumerate(step * np.eye(24).reshape(24, 8, 3)):
        forces = []
        for sign in (1, -1):
            atoms.positions = sites + sign * change
            forces.append(atoms.get_forces().ravel())
        hessian[row] = (forces[1] - forces[0]) / (2 * step)
    squares = np.linalg.eigvalsh((hessian + hessian.T) / 2)[3:] / mass
    return units.HBAR * np.sqrt(squares) / KT


@pytest.mark.physics
def test_isotopes_of_silicon_are_those_of_its_phonons(silicon_isotopes, silicon, potential):
    """At four beads; two per cent are granted to what is not harmonic."""
    light = vibrations(silicon, potential, 28.0)
    expected = log_ratio(light, 30 / 28, 4) / 8
    found = silicon_isotopes.isel(isotope=1)
    ratios, errors = found["fractionation_ratio"].values, found["fractionation_error"].values
    assert np.all(np.abs(np.log(ratios) - expected) < 3 * errors + 0.02 * expected)
    assert np.all(errors < 0.02 * expected)
    assert silicon_isotopes.attrs["substituted_atoms"] == 8


@pytest.mark.physics
def test_observables_of_isotopes_are_energies_of_scaled_beads(silicon_isotopes, silicon, potential, folder):
    """One frame of the lighter crystal, bead by bead; the kinetic energy is that beyond the classical."""
    run = mlip_nb.open(folder / "28.zarr")
    frame, evaluate = run.isel(frame=-1), evaluator(silicon, potential)
    centroid, beads = frame["positions"].values, frame["bead_positions"].values
    scaled = centroid + np.sqrt(28 / 30) * (beads - centroid)
    difference = float(np.mean(evaluate(scaled)[0]) - np.mean(evaluate(beads)[0]))
    assert abs(difference) > 1e-3
    assert float(frame["scaled_energy_difference"][0]) == pytest.approx(difference, rel=1e-8)
    excess = float(frame["atom_kinetic_energy"].sum()) - 12 * KT
    assert float(frame["excess_kinetic_energy"]) == pytest.approx(excess, rel=1e-6)


def test_chosen_atoms_alone_change(silicon, potential):
    """The rest keeps mass and beads: exchanging one of two alike particles is half of exchanging both."""
    workflow = pimd(steps=20, isotopes=(2.0,), substituted="1", ensemble=LocalPILE(beads=4, store_beads=True))
    data = workflow.run(scattered(2), WELL).isel(frame=-1)
    away = data["bead_positions"].values[:, 1] - data["positions"].values[1]
    virial = frequency_of(3.0) ** 2 * np.mean(np.sum(away**2, axis=-1))
    assert float(data["excess_kinetic_energy"]) == pytest.approx(virial / 2, rel=1e-9)
    assert float(data["scaled_energy_difference"][0]) == pytest.approx(-virial / 4, rel=1e-9)
    np.testing.assert_array_equal(data["substituted"], [False, True])


def test_what_was_interrupted_is_completed(tmp_path):
    """The second run is stopped at its start; resumed, the result is that of one piece."""

    def stopping(run):
        if run.name == "2":
            run.stop()
        run.wait()

    workflow, system = pimd(steps=600, beads=2), scattered(2)
    with pytest.warns(RunWarning, match="2: stopped by the user after step .* resume goes on"):
        part = mlip_nb.isotope_effect(system, WELL, (1, 2), workflow, save=tmp_path, follow=stopping)
    assert np.isfinite(part.sel(route="scaled, from lighter")["fractionation_ratio"]).all()
    whole = mlip_nb.isotope_effect(system, WELL, (1, 2), workflow, save=tmp_path, resume=True)
    once = mlip_nb.isotope_effect(system, WELL, (1, 2), workflow)
    np.testing.assert_array_equal(whole["fractionation_ratio"], once["fractionation_ratio"])
    with pytest.raises(InputError, match="1.zarr was made with another potential or other parameters"):
        mlip_nb.isotope_effect(system, WELL, (1, 2), workflow.replace(seed=9), save=tmp_path, resume=True)
    with pytest.raises(mlip_nb.StorageError, match="1.zarr exists already"):
        mlip_nb.isotope_effect(system, WELL, (1, 2), workflow, save=tmp_path)


@pytest.mark.parametrize(
    ("masses", "options", "message"),
    [
        ((0, 28), {}, "masses: 0 amu is no mass; give positive ones"),
        ((-28, 30), {}, "masses: -28 amu is no mass"),
        ((28, 28), {}, r"masses: two different ones at least are needed, each once \(got \[28.0, 28.0\]\)"),
        ((28,), {}, "masses: two different ones at least"),
        ((28, 30), {"substituted": "Ge"}, "substituted: no atom is Ge; the system has Si"),
        ((28, 30), {"substituted": "9"}, "substituted: there is no atom 9; atoms are 0 to 7"),
        ((28, 30), {"resume": True}, "name it with save"),
        ((28, 30), {"workflow": mlip_nb.PIMD(ensemble=mlip_nb.RPMD())}, "does not sample; take pile-l or pile-g"),
        (
            (28, 30),
            {"workflow": mlip_nb.PIMD(ensemble=LocalPILE(temperature="100:300:2"))},
            "at one constant temperature",
        ),
        ((28, 30), {"workflow": mlip_nb.PIMD(isotopes=(29,))}, "the masses say them already"),
        ((28, 30), {"substituted": "0", "workflow": mlip_nb.PIMD(frozen="0")}, "atom 0 is held in place"),
    ],
)
def test_what_cannot_work_is_refused(silicon, potential, masses, options, message):
    with pytest.raises(InputError, match=message):
        mlip_nb.isotope_effect(silicon, potential, masses, **options)


@pytest.mark.physics
def test_skin_covers_beads_of_lighter_isotopes(silicon, potential):
    """A thin table is made anew in time: energies of beads four times as wide are those with a thick one."""
    light = dataclasses.replace(silicon, masses=jnp.full(8, 16.0))
    workflow = mlip_nb.PIMD(ensemble=LocalPILE(beads=4), timestep=1, steps=400, isotopes=(1.0,))
    thin, thick = (workflow.replace(skin=skin).run(light, potential) for skin in (1.2, 4.0))
    np.testing.assert_allclose(thin["scaled_energy_difference"], thick["scaled_energy_difference"], atol=1e-8)


@pytest.mark.physics
def test_single_precision_keeps_the_digits_of_differences(silicon, potential):
    """Atom by atom: the energies of all beads, tens of eV each, do not drown their small change."""
    single, ensemble = mlip_nb.potential("stillinger-weber", precision="float32"), LocalPILE(beads=4, store_beads=True)
    workflow = mlip_nb.PIMD(ensemble=ensemble, timestep=1, steps=40, every=20, isotopes=(20.0,))
    frame = workflow.run(silicon, single).isel(frame=-1)
    assert frame["scaled_energy_difference"].dtype == np.float32
    beads, evaluate = frame["bead_positions"].values.astype(float), evaluator(silicon, potential)
    centroid = beads.mean(axis=0)
    scaled = centroid + np.sqrt(float(frame["mass"][0]) / 20) * (beads - centroid)
    expected = float(np.mean(evaluate(scaled)[0] - evaluate(beads)[0]))
    assert float(frame["scaled_energy_difference"][0]) == pytest.approx(expected, abs=1e-5)
