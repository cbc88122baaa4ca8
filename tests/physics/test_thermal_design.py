"""Slopes of averages in a Lennard-Jones liquid, which trajectories cannot give, against longer runs and by hand."""

import numpy as np
import pytest

import mlip_nb
from mlip_nb import MD, NVTLangevin, units
from mlip_nb.properties import average
from mlip_nb.properties.weights import response

EPSILON, SIGMA, CUTOFF = 0.0104, 3.4, 2.1
"""eV; Å; of sigma: as far as the nearest image."""
RADIUS, WIDTH = 1.5 * SIGMA, 0.1 * SIGMA
HOT = EPSILON / units.BOLTZMANN
"""K: k_B T is ε."""
STEP, APART, FRICTION = 8.0, 50, 2.0
"""fs; steps; 1/ps."""
AWAY = 0.03
"""Change of the logarithm of σ for differences: what is of third order is less than a hundredth."""


def neighbours(x):
    return x.average(lambda one: one.coordination(5.1, 0.34).mean())


def liquid():
    """64 atoms at a reduced density of 0.8."""
    from ase import Atoms

    edge = (64 / 0.8) ** (1 / 3) * SIGMA
    grid = np.stack(np.meshgrid(*[np.arange(4)] * 3, indexing="ij"), -1).reshape(-1, 3) * edge / 4
    return mlip_nb.load(Atoms("Ar64", positions=grid, cell=[edge] * 3, pbc=True))


def argon(sigma):
    return mlip_nb.potential("lennard-jones", epsilon=EPSILON, sigma=sigma, cutoff=CUTOFF * SIGMA, style="shifted")


def run(system, sigma, seed, frames=1200):
    """Distances of all pairs in every frame of a run of its own, after a fifth of it."""
    data = MD(
        ensemble=NVTLangevin(temperature=HOT, friction=FRICTION),
        timestep=STEP,
        steps=frames * APART * 5 // 4,
        every=APART,
        seed=seed,
    ).run(system, argon(sigma))
    positions, edge = data["positions"].values[-frames:], float(system.cell[0, 0])
    first, second = np.triu_indices(64, 1)
    apart = positions[:, first] - positions[:, second]
    return np.linalg.norm(apart - edge * np.round(apart / edge), axis=-1)


def coordination(distances):
    """Mean of the atoms, of each frame; the table of a design ends where the potential does."""
    inside = distances < CUTOFF * SIGMA
    return 2 / 64 * np.sum(inside / (1 + np.exp((distances - RADIUS) / WIDTH)), axis=1)


def energy_slope(distances):
    """dU/d ln σ of each frame, eV, by hand."""

    def slope(s6):
        return 4 * EPSILON * (12 * s6**2 - 6 * s6)

    s6 = (SIGMA / distances) ** 6
    inside = distances < CUTOFF * SIGMA
    return np.sum(np.where(inside, slope(s6) - slope(CUTOFF**-6.0), 0), axis=1)


@pytest.mark.physics
def test_the_slope_of_an_average_in_a_liquid_is_that_of_differences_and_of_the_covariance():
    """By the logarithm of σ: from a design, from two long runs with other σ, and from a covariance of a third one."""
    system = liquid()
    sampling = {"temperature": HOT, "samples": 1000, "timestep": STEP, "interval": STEP * APART, "friction": FRICTION}
    design = mlip_nb.Design(
        vary=("parameters",), parameters=("sigma",), objective=neighbours, starts=1, steps=1, sampling=sampling
    )
    data = design.run(system, argon(SIGMA)).isel(frame=-1, replica=0, thermal_average=0)
    value, error = float(data["average_value"]), float(data["average_error"])
    slope, slope_error = float(data["average_slope"][0]), float(data["average_slope_error"][0])

    low, high = (average(coordination(run(system, SIGMA * (1 + h), seed))) for h, seed in ((-AWAY, 11), (AWAY, 12)))
    numeric = float(high.mean - low.mean) / (2 * AWAY)
    numeric_error = float(np.hypot(high.error, low.error)) / (2 * AWAY)

    distances = run(system, SIGMA, 13)
    mean = average(coordination(distances))
    kT = units.to_internal(HOT, "K")
    by_hand = response(coordination(distances), np.zeros(len(distances)), energy_slope(distances) / kT)

    print(f"coordination {value:.4f} ± {error:.4f}, MD {mean}")
    print(f"slope {slope:.3f} ± {slope_error:.3f}; differences {numeric:.3f} ± {numeric_error:.3f}", end="; ")
    print(f"covariance {by_hand.value:.3f} ± {by_hand.error:.3f}")
    assert abs(value - float(mean.mean)) < 3 * np.hypot(error, mean.error)
    assert abs(slope - numeric) < 3 * np.hypot(slope_error, numeric_error)
    assert abs(slope - by_hand.value) < 3 * np.hypot(slope_error, by_hand.error)
    # Errors that were too large would let anything pass.
    assert max(slope_error, numeric_error, by_hand.error) < 0.15 * abs(slope)


def crystal():
    return mlip_nb.load("Ar", a=5.35, repeat=2)


def expansion(temperature, energy=1.0, **options):
    """What a design of a crystal of so deep wells says of its expansion, at no pressure."""
    potential = mlip_nb.potential("lennard-jones", epsilon=EPSILON * energy, sigma=SIGMA, cutoff=5.8)
    sampling = {
        "temperature": temperature,
        "hold": "pressure",
        "samples": 1500,
        "equilibration": 100,
        "interval": 200.0,
        "timestep": 8.0,
    }
    design = mlip_nb.Design(
        vary=("parameters",),
        parameters=("energy",),
        optimizer="gauss-newton",
        starts=1,
        sampling=sampling,
        tolerance=1e-6,
        **options,
    )
    return design.run(crystal(), potential).isel(frame=-1, replica=0)


@pytest.mark.physics
def test_an_expansion_that_is_wanted_asks_for_wells_as_deep_as_it_is_small():
    """α = (k/ε) F(kT/ε) without a pressure, exactly; F is nearly constant, so that α goes as 1/ε.

    A design for α/1.5 finds ε. An independent one at a temperature that is lower by as much has the same F.
    """
    temperature = 0.2 * HOT
    began = expansion(temperature, target="expansivity=1e-3", steps=1)
    goal = float(began["design_expansivity"]) / 1.5
    found = expansion(temperature, target=f"expansivity={goal}", steps=12)
    deeper = float(np.exp(found["design_vector"][0]))
    error = float(found["average_error"][1]) / goal
    other = expansion(temperature / deeper, target="expansivity=1e-3", steps=1, seed=7)
    there = float(other["design_expansivity"]) / deeper
    there_error = float(other["average_error"][1]) / float(other["design_expansivity"])
    print(f"alpha {float(began['design_expansivity']):.3e}, goal {goal:.3e}: energy times {deeper:.3f}; ", end="")
    print(f"at the scaled temperature {there:.3e} ({error:.1%}, {there_error:.1%})")
    assert abs(there / goal - 1) < 3 * np.hypot(error, there_error)
    # Thermal expansion rises with kT/ε by a few tenths at most, and the first value has an error, too.
    assert 1.2 < deeper < 1.8
