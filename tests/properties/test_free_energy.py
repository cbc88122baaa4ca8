"""Free-energy estimators on work whose law is known: normal, and the same in both directions."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError, RunWarning
from mlip_nb.properties.free_energy import backward, bar, forward, kish_share
from mlip_nb.properties.isotopes import ROUTES
from mlip_nb.properties.mass_integration import mass_integral
from mlip_nb.results import build_dataset

DIFFERENCE = 0.7


def works(spread: float, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """There and back, as detailed balance has them: means f + s²/2 and -f + s²/2."""
    noise = spread * np.random.default_rng(seed).normal(size=(2, samples))
    return DIFFERENCE + spread**2 / 2 + noise[0], -DIFFERENCE + spread**2 / 2 + noise[1]


@pytest.mark.parametrize("spread", [0.2, 1.0])
def test_errors_are_those_of_repeated_estimates(spread):
    """Over many draws deviations are one error wide, and zero in the mean."""
    deviations = []
    for seed in range(200):
        there, back = works(spread, 400, seed)
        found = forward(there, 1), backward(back, 2), bar(there, back[:300], (1, 2))[0]
        found = (*found, found[0] + found[1] * -1.0)
        deviations.append(
            [(one.value - wanted) / one.error for one, wanted in zip(found, (0.7, 0.7, 0.7, 0), strict=True)]
        )
    scatter = np.std(deviations, axis=0)
    # Of 200 draws the scatter is known to 5 %; weights spread by 1 are far from normal.
    np.testing.assert_allclose(scatter, 1, atol=0.2)
    assert np.all(np.abs(np.mean(deviations, axis=0)) < 0.3)


def test_both_directions_are_better_than_one():
    there, back = works(2.0, 2000, 0)
    both, overlap = bar(there, back, (1, 2))
    assert abs(both.value - DIFFERENCE) < 4 * both.error
    assert both.error < 0.5 * min(forward(there, 1).error, backward(back, 2).error)
    assert 0.2 < overlap < 0.8


def test_what_both_owe_to_one_run_is_counted_once():
    """An estimate less itself is certain; of two runs errors add in squares."""
    there, back = works(0.5, 500, 3)
    one, other = forward(there, 1), forward(back, 2)
    assert (one + one * -1.0).error == pytest.approx(0, abs=1e-12)
    assert (one + other).error == pytest.approx(np.hypot(one.error, other.error))


@pytest.mark.parametrize("spread", [0.5, 1.0, 1.5])
def test_share_of_samples_follows_the_law_of_normal_weights(spread):
    assert kish_share(works(spread, 400_000, 1)[0]) == pytest.approx(np.exp(-(spread**2)), rel=0.05)


def run(mass: float, others: dict[float, np.ndarray], **changes):
    """The Dataset of a path-integral run, as far as isotopes need it."""
    frames = len(next(iter(others.values())))
    variables = {
        "step": np.arange(frames),
        "live_temperature": np.full(frames, 300.0),
        "mass": np.array([mass, 16.0]),
        "substituted": np.array([True, False]),
        "isotope_mass": np.array(list(others)),
        "scaled_energy_difference": np.stack(list(others.values()), axis=1),
        "excess_kinetic_energy": np.full(frames, 0.01),
    }
    return build_dataset(variables | changes)


def pair(spread: float, **changes):
    kT = mlip_nb.units.to_internal(300.0, "K")
    there, back = works(spread, 4000, 5)
    return [run(1.0, {2.0: kT * there}), run(2.0, {1.0: kT * back}, **changes)]


def test_weights_that_degenerate_are_told_and_others_are_not():
    """Warnings are errors in these tests: narrow weights give none."""
    data = mlip_nb.fractionation(pair(1.0), discard=0)
    found = data.isel(isotope=1).sel(route="BAR")
    assert abs(float(found["fractionation_ratio"]) - np.exp(-DIFFERENCE)) < 4 * float(found["fractionation_error"])
    with pytest.warns(RunWarning, match=r"between masses 1 and 2: scaled, from lighter \(.*trust BAR or integration"):
        mlip_nb.fractionation(pair(2.5), discard=0)
    with pytest.warns(RunWarning, match=r"BAR \(.*trust integration, or put a mass between"):
        mlip_nb.fractionation(pair(8.0), discard=0)


def test_ladder_that_is_not_complete_gives_what_there_is():
    data = mlip_nb.fractionation(pair(0.5)[:1]).isel(isotope=1)
    assert np.isfinite(data["fractionation_ratio"].sel(route=ROUTES[0]))
    assert not np.isfinite(data["fractionation_ratio"][1:]).any()


def test_runs_that_do_not_belong_together_are_refused():
    changed = np.where(np.arange(4000) < 2000, 300.0, 310.0)
    for runs, message in (
        ([], "no run of any isotope"),
        (pair(0.5, live_temperature=changed), "temperature was changed"),
        (pair(0.5, live_temperature=np.full(4000, 310.0)), "different temperatures"),
        ([run(1.0, {2.0: np.zeros(9)}).drop_vars("scaled_energy_difference")], "isotope_effect"),
    ):
        with pytest.raises(InputError, match=message):
            mlip_nb.fractionation(runs)


def test_isotope_effect_is_the_ratio_of_ratios():
    data = mlip_nb.fractionation(pair(0.5))
    same = mlip_nb.equilibrium_isotope_effect(data, data).isel(isotope=1)
    np.testing.assert_array_equal(same["equilibrium_isotope_effect"], 1)
    relative = np.sqrt(2) * same["fractionation_error"] / same["fractionation_ratio"]
    np.testing.assert_allclose(same["equilibrium_isotope_effect_error"], relative)
    with pytest.raises(InputError, match="different isotopes"):
        mlip_nb.equilibrium_isotope_effect(data, data.assign_coords(isotope_mass=("isotope", [1.0, 3.0])))


@pytest.mark.parametrize("masses", [(1.0, 2.0), (1.0, 1.5, 3.0)])
@pytest.mark.parametrize(("quanta", "tolerance"), [((0.1,), 1e-4), ((5.0,), 1e-6), ((5.0, 0.5, 1.0), 4e-3)])
def test_mass_integral_of_vibrations(masses, quanta, tolerance):
    """Of one vibration exact, whatever its quantum; of a mixture within the error of a few masses."""

    def excess(u):
        return u / 4 / np.tanh(u / 2) - 0.5

    def free(u):
        return np.log(2 * np.sinh(u / 2) / u)

    atoms = len(quanta) / 3
    series = [np.full(10, sum(excess(u / np.sqrt(mass)) for u in quanta)) for mass in masses]
    found = mass_integral(masses, series, atoms)  # pyright: ignore[reportArgumentType] - one coordinate for each quantum
    expected = [sum(free(u / np.sqrt(mass)) - free(u) for u in quanta) for mass in masses]
    np.testing.assert_allclose([one.value for one in found], expected, rtol=tolerance, atol=1e-12)
