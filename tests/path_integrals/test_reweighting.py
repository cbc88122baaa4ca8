"""From one well to a stiffer one: reweighted averages against closed forms at the same number of beads."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.path_integrals import LocalPILE, harmonic_energy
from mlip_nb.properties.free_energy import kish_share
from mlip_nb.properties.weights import entropy_share, free_energy, reweighted
from mlip_nb.simulate import Guards

from .rings import KT, Polynomial, frequency_of, scattered

QUANTA, BEADS, ATOMS = 3.0, 8, 4


def well(stiffness: float = 1.0) -> Polynomial:
    """ħω = 3 kT for a mass of 1, made stiffer."""
    return Polynomial((0.0, 0.0, 0.5 * stiffness), QUANTA)


@pytest.fixture(scope="module")
def run():
    omega = frequency_of(QUANTA)
    ensemble = LocalPILE(beads=BEADS, friction=units.from_internal(omega, "1/ps"), store_beads=True)
    options = {"timestep": units.from_internal(0.3 / omega, "fs"), "steps": 20_000, "guards": Guards(drift=1e4)}
    return mlip_nb.PIMD(ensemble=ensemble, **options).run(scattered(ATOMS), well())


def free(quanta: float) -> float:
    """-ln Z of one oscillator with this number of beads."""
    return np.log(2 * np.sinh(BEADS * np.arcsinh(quanta / (2 * BEADS))))


@pytest.mark.parametrize("route", ["exponential", "cumulant"])
def test_averages_of_a_stiffer_well(run, route):
    """Three standard errors; to second order half the third cumulant of the difference is granted besides."""
    stiffness = 1.2 if route == "exponential" else 1.1
    found = mlip_nb.reweight(run, well(stiffness), route=route, discard=0.05).set_index(estimator="estimator")
    quanta, count = QUANTA * np.sqrt(stiffness), 3 * ATOMS
    energy = harmonic_energy(frequency_of(quanta), KT, BEADS)
    square = energy / frequency_of(quanta) ** 2
    expected = {
        "free-energy difference": count * KT * (free(quanta) - free(QUANTA)),
        "potential energy": count * energy / 2,
        "kinetic energy, centroid virial": count * energy / 2,
        "kinetic energy, primitive": count * energy / 2,
        "total energy": count * energy,
        "squared radius of gyration of H": 3 * (square - KT / frequency_of(quanta) ** 2),
    }
    granted = 0.0 if route == "exponential" else 0.01
    assert set(expected) == set(found["estimator"].values)
    for name, wanted in expected.items():
        row = found.sel(estimator=name)
        assert abs(float(row["estimate"]) - wanted) < 3 * float(row["standard_error"]) + granted * abs(wanted), name
        assert float(row["standard_error"]) < 0.05 * abs(wanted), name


def test_same_potential_changes_nothing(run):
    """Averages are those of the run, every frame weighs alike."""
    found = mlip_nb.reweight(run, well(), discard=0.0)
    row = found.set_index(estimator="estimator").sel(estimator="kinetic energy, centroid virial")
    assert float(row["estimate"]) == pytest.approx(float(run["kinetic_energy"].mean()), rel=1e-10)
    assert float(row["standard_error"]) == pytest.approx(run.mlip.average("kinetic_energy", discard=0).error, rel=1e-6)
    assert found.attrs["kish_share"] == pytest.approx(1)
    assert float(found["estimate"][0]) == pytest.approx(0, abs=1e-12)


def test_weights_that_spread_too_far_are_refused(run):
    """The message says what the other route gives, and that route gives it."""
    with pytest.raises(InputError, match=r"kT, and exponential weights need 1.5 at most.* eV: ask for it") as refused:
        mlip_nb.reweight(run, well(4.0))
    instead = mlip_nb.reweight(run, well(4.0), route="cumulant")
    assert instead.attrs["spread"] > 1.5
    assert f"{float(instead['estimate'][0]):.4g} ± {float(instead['standard_error'][0]):.2g} eV" in str(refused.value)


@pytest.mark.parametrize(("spread", "kish", "entropy"), [(0.5, 0.78, 0.88), (1.0, 0.37, 0.61)])
def test_shares_of_normal_weights(spread, kish, entropy):
    """exp(-s²) and exp(-s²/2); for such weights both routes are one."""
    work = spread * np.random.default_rng(0).normal(size=400_000) + 2.0
    assert kish_share(work) == pytest.approx(np.exp(-(spread**2)), rel=0.02)
    assert kish_share(work) == pytest.approx(kish, abs=0.01)
    assert entropy_share(work) == pytest.approx(np.exp(-(spread**2) / 2), rel=0.01)
    assert entropy_share(work) == pytest.approx(entropy, abs=0.01)
    for one, wanted in ((free_energy, 2.0 - spread**2 / 2), (lambda w, r: reweighted(w, w, r), 2.0 - spread**2)):
        for route in ("exponential", "cumulant"):
            found = one(work, route)
            assert abs(found.value - wanted) < 4 * found.error


@pytest.mark.parametrize("spread", [0.3, 0.8])
@pytest.mark.parametrize("route", ["exponential", "cumulant"])
def test_errors_are_those_of_repeated_estimates(spread, route):
    deviations = []
    for seed in range(200):
        work, noise = np.random.default_rng(seed).normal(size=(2, 500)) * [[spread], [1.0]]
        wanted = (-(spread**2) / 2, -(spread**2))
        found = free_energy(work, route), reweighted(work + noise, work, route)
        deviations.append([(one.value - exact) / one.error for one, exact in zip(found, wanted, strict=True)])
    np.testing.assert_allclose(np.std(deviations, axis=0), 1, atol=0.2)


def test_classical_runs_are_reweighted_too():
    """One bead each: the mean energy of an oscillator in kT/2 for each coordinate, whatever its stiffness."""
    omega = frequency_of(QUANTA)
    ensemble = mlip_nb.NVTLangevin(friction=units.from_internal(omega, "1/ps"), fix_center=False)
    options = {"timestep": units.from_internal(0.3 / omega, "fs"), "steps": 20_000, "guards": Guards(drift=1e4)}
    data = mlip_nb.MD(ensemble=ensemble, **options).run(scattered(2), well())
    found = mlip_nb.reweight(data, well(1.2)).set_index(estimator="estimator")
    for name, wanted in (("free-energy difference", 3 * KT * np.log(1.2)), ("potential energy", 3 * KT)):
        row = found.sel(estimator=name)
        assert abs(float(row["estimate"]) - wanted) < 3 * float(row["standard_error"])
        assert float(row["standard_error"]) < 0.05 * wanted


def test_what_cannot_work_is_refused(run):
    for data, message in (
        (run.drop_vars("bead_positions"), "no positions of beads; run it again with store_beads"),
        (run.drop_vars("live_temperature"), "does not say its temperature"),
        (run.isel(frame=slice(2)), "too few frames"),
        (
            run.assign_attrs(params=run.attrs["params"].replace('"primitive"', '"suzuki-chin"')),
            "primitive",
        ),
    ):
        with pytest.raises(InputError, match=message):
            mlip_nb.reweight(data, well(1.1))
    with pytest.raises(InputError, match="discard is the part"):
        mlip_nb.reweight(run, well(1.1), discard=1.0)
