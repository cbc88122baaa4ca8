"""Designs that go on, that fail, and that end."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mlip_nb
from mlip_nb.design import Campaign, Problem, Stage, composed, freedom_of, in_double, rounded, variables_of
from mlip_nb.design.objective import read
from mlip_nb.uncertainty import AbstractUncertainty, Calibrated, Scale

DESIGN = mlip_nb.Design(vary=("cell",), cell_shape="isotropic", relax="nothing", starts=1, steps=2)


def below_zero(x):
    return (x.lattice_constant - 4) ** 4 - 1


def wide_only(x):
    return jnp.log(x.lattice_constant - 3.7)


def small(x):
    return x.lattice_constant / 5


@pytest.fixture(scope="module")
def argon():
    return mlip_nb.load("Ar", a=5.3, primitive=True)


@pytest.fixture(scope="module")
def potential():
    return mlip_nb.potential("lennard-jones", epsilon=0.0104, sigma=3.4, cutoff=4.5)


def problem_of(system, potential, vary, objective=None, **options):
    """Nothing relaxes."""
    precise = in_double(potential)
    rest = {name: options.pop(name) for name in ("equal", "trust") if name in options}
    variables = variables_of(system, precise, vary, **options)
    free = freedom_of(system, positions=False, cell="fixed")
    source = None if objective is None else read(objective)
    return Problem(variables, Stage.of(system, precise, stretch=1.2), free, (), source, **rest)


def test_optimizers_that_need_no_slope_go_on_without_one(argon, potential):
    data = DESIGN.replace(objective=below_zero, optimizer="finite-differences").run(argon, potential)
    assert data["step"].values.tolist() == [1, 2]
    assert data["design_objective"][1, 0] < data["design_objective"][0, 0]


def test_a_design_that_goes_on_counts_from_where_it_began(argon, potential, tmp_path):
    """Lengths of the cell are linear in the vector; an objective below zero is no reason to end."""
    design, path = DESIGN.replace(objective=below_zero), tmp_path / "design.zarr"
    design.run(argon, potential, save=path)
    data = design.run(mlip_nb.open(path).mlip.system(-1), potential, save=path, append=True)
    assert data["step"].values.tolist() == [1, 2, 3, 4]
    assert (np.diff(data["design_objective"][:, 0]) <= 0).all()
    strains = data["cell"][:, 0, 0, 1] / np.asarray(argon.cell)[0, 1] - 1
    vectors = data["design_vector"][:, 0, 0]
    np.testing.assert_allclose(strains[1:] / vectors[1:], strains[1] / vectors[1], rtol=1e-9)


def long_and_thin(x):
    a, b, c = x.lattice_lengths
    return (a - 3.5) ** 2 + 4 * (b - 3.9) ** 2 + jnp.cosh(a - c) - 1


def not_flat(x):
    return x.lattice_lengths[2] - 3.72


def test_a_design_that_goes_on_is_the_one_that_never_stopped(argon, potential, tmp_path):
    """To the last bit: what the optimiser has learned of every start, and the prices of a constraint."""
    design = DESIGN.replace(
        objective=long_and_thin, inequality=not_flat, cell_shape="orthorhombic", starts=2, steps=30, tolerance=0
    )
    whole, path = design.run(argon, potential), tmp_path / "design.zarr"
    for steps in (7, 10, 13):
        data = design.replace(steps=steps).run(argon, potential, save=path, append=path.exists())
    assert float(data["constraint_violation"][-1, 0]) < 1e-3
    for name in ("design_vector", "design_objective", "design_start", "evaluations", "constraint_violation"):
        np.testing.assert_array_equal(data[name], whole[name])


def test_weights_decide_between_goals_that_contradict_each_other(argon, potential):
    """What weighs a million times more is there to a few parts in a million."""
    design = DESIGN.replace(target={"lattice_constant": 3.8, "volume": 36.0}, weight={"volume": 1e6}, steps=9)
    data = design.run(argon, potential)
    assert float(data["design_volume"][-1, 0]) == pytest.approx(36.0, rel=1e-5)
    assert data["goal_weight"][-1].values.tolist() == [1.0, 1e6]


def test_what_is_accepted_is_finished_and_can_be_repeated(argon, potential):
    """There is something to accept after one iteration."""
    design = DESIGN.replace(objective=below_zero, steps=9)
    run = design._make_run(argon, potential)
    run.accept()
    data = run.execute()
    assert data.attrs["status"] == "finished"
    assert data["step"].values.tolist() == [1]
    assert data.mlip.rerun()["step"].values.tolist() == [1]
    assert design.replay(argon, potential, [(4, {"accept": 1.0})])["step"].values.tolist() == [1, 2, 3, 4]


def test_what_was_accepted_can_go_on(argon, potential, tmp_path):
    design, path = DESIGN.replace(objective=below_zero, steps=100_000, optimizer="adam"), tmp_path / "design.zarr"
    run = design.start(argon, potential, save=path)
    while run.done < 2:
        run.wait(0.01)
    run.accept()
    before = run.result()["step"].values
    after = design.replace(steps=3).run(argon, potential, save=path, append=True)
    assert after["step"].values.tolist() == [*before.tolist(), *(before[-1] + np.arange(1, 4)).tolist()]


@pytest.mark.parametrize("signs", [(1, -1), (-1, 1)])
def test_a_start_that_fails_is_last_and_shows_its_own_numbers(argon, potential, signs):
    problem = problem_of(argon, potential, ("cell",), wide_only, cell="isotropic")
    starts = np.array(signs, float)[:, None] * 0.3
    campaign = Campaign(problem, DESIGN.optimizer, starts, goals=[], reach=20, seed=0)
    found = campaign.step()
    assert int(np.argmin(campaign.merits(found))) == signs.index(1)
    assert found.objective[signs.index(-1)] == np.inf
    volumes = np.linalg.det(found.arrangement.cell)
    assert np.sign(volumes[0] - volumes[1]) == signs[0]


def test_rounding_needs_no_step_before_it_and_shares_are_whole():
    """From the even mixture, where no element has more than another, with a constraint that has a price."""
    system, mixed = mlip_nb.load("Ar", primitive=True), mlip_nb.potential("lennard-jones", cutoff=5.0)
    problem = problem_of(system, mixed, ("species",), small, elements=("Ar", "Kr"), equal=(composed({"Ar": 1.0}),))
    campaign = Campaign(problem, DESIGN.optimizer, np.zeros((1, 2)), goals=[], reach=20, seed=0)
    vectors, found = rounded(campaign)
    shares = campaign.shares(vectors, rounded=True)
    assert sorted(shares.ravel())[-2:] == [0, 1]
    assert np.isfinite(found.objective).all()
    assert campaign.violations(found).max() < 1e-9


class Even(AbstractUncertainty):
    """One, in units of the potential, of every atom."""

    potential: object

    def of_graph(self, graph):
        """Wherever they are."""
        return jnp.ones(graph.distances.shape[1])


def test_uncertainty_has_the_scale_of_forces(argon, potential):
    problem = problem_of(
        argon, potential, ("parameters",), parameters=("length", "energy"), trust=Even(in_double(potential))
    )

    def told(vector):
        return problem.material(vector, jnp.zeros(0), 1.0).x.uncertainty

    # Parameters are in the order of the alphabet: 30 % more energy, 10 % more length.
    assert float(jax.jit(told)(jnp.log(jnp.array([1.3, 1.1])))) == pytest.approx(1.3 / 1.1, rel=1e-9)


class Crowded(AbstractUncertainty):
    """Grows as neighbours come near."""

    potential: object

    def of_graph(self, graph):
        """One at a distance of zero."""
        return jnp.max(jnp.where(graph.mask, jnp.exp(-graph.distances), 0), axis=0)


def test_a_design_ends_where_a_calibrated_uncertainty_reaches_its_bound(argon, potential):
    """Neighbours at the distance d with 2 exp(-d) = 0.06, by a calibration that doubles."""
    trusted = Calibrated(Crowded(in_double(potential)), Scale(jnp.asarray(4.0)))
    data = DESIGN.replace(objective=small, uncertainty=trusted, trust=0.06, steps=80, tolerance=0).run(argon, potential)
    last = data.isel(frame=-1, replica=0)
    assert float(last["design_uncertainty"]) == pytest.approx(0.06, rel=1e-5)
    assert float(last["cell"][0, 1]) * 2**0.5 == pytest.approx(np.log(2 / 0.06), rel=1e-5)


def test_an_uncertainty_of_another_potential_is_refused(argon, potential):
    other = Crowded(in_double(potential).spec.replace(sigma=3.5).build())
    with pytest.raises(mlip_nb.InputError, match="of another potential than lennard-jones"):
        DESIGN.replace(objective=small, uncertainty=other).run(argon, potential)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"weight": "pressure=2"}, "weight pressure is that of no target"),
        ({"composition": "Si=1"}, "composition is wanted but species are not varied"),
        ({"relax": "cell"}, "relax cell: cell cannot be varied and relaxed"),
        ({"relax": "positions", "vary": ("positions",)}, "relax positions: positions cannot be varied and relaxed"),
    ],
)
def test_what_contradicts_itself_is_refused(options, told):
    with pytest.raises(mlip_nb.InputError, match=told):
        mlip_nb.Design(target="volume=40", **options)
