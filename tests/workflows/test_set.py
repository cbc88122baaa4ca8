"""Properties over structures, potentials and members: each as it is alone, and none lost with another."""

import dataclasses

import distributed
import numpy as np
import pytest
import xarray as xr

import mlip_nb
from mlip_nb.errors import InputError, RunWarning, SimulationError
from mlip_nb.results.sets import is_set

from .sets import SPEC, Cohesion, committee, crystals


@pytest.fixture(scope="module")
def copper():
    return crystals()


@pytest.fixture(scope="module")
def singles():
    return [mlip_nb.potential("lennard-jones", epsilon=epsilon, sigma=2.3, cutoff=3.0) for epsilon in (0.1, 0.2)]


@pytest.fixture(scope="module")
def three():
    return committee(0, 1, 2)


@pytest.fixture(scope="module")
def joined(copper, singles):
    return Cohesion().run(copper, singles)


def same(one: xr.Dataset, other: xr.Dataset) -> None:
    """But for the second in which they were made."""
    xr.testing.assert_identical(one.assign_attrs(created=""), other.assign_attrs(created=""))


def test_a_set_is_its_single_runs_to_the_last_bit(joined, copper, singles):
    assert joined["equilibrium_energy"].dims == ("structure", "potential")
    assert joined["potential"].values.tolist() == ["lennard-jones-0", "lennard-jones-1"]
    for name, system in copper.items():
        for number, potential in enumerate(singles):
            alone = Cohesion().run(system, potential)
            again = joined.mlip.item(structure=name, potential=f"lennard-jones-{number}")
            same(again, alone)
            assert {name: alone[name].dtype.kind for name in alone} == {name: again[name].dtype.kind for name in again}
            assert joined["equilibrium_energy"].sel(structure=name, potential=f"lennard-jones-{number}") == float(
                alone["equilibrium_energy"]
            )


def test_what_is_shorter_is_filled_and_what_has_labels_is_aligned(joined):
    assert joined["supercell"].values.tolist() == [1, 2]
    assert np.isnan(joined["defect_energy"].sel(structure="one", supercell=2)).all()
    assert np.isnan(joined["positions"].sel(structure="one").isel(atom=1)).all()
    assert joined["symbol"].sel(structure="one").isel(potential=0).values.tolist() == ["Cu", ""]


def test_a_list_has_its_dim_and_a_single_one_has_none(copper, singles):
    assert Cohesion().run([copper["one"]], singles[0])["equilibrium_energy"].dims == ("structure",)
    assert Cohesion().run(copper["one"], {"mine": singles[0]})["equilibrium_energy"].dims == ("potential",)
    assert not is_set(Cohesion().run(copper["one"], singles[0]))


def test_what_fails_is_named_and_takes_nothing_with_it(copper, singles, joined):
    with pytest.warns(RunWarning, match=r"^1 of 2 failed, and are NaN: two: it is hated$"):
        found = Cohesion(hates="Cu2").run(copper, singles[0])
    assert np.isnan(found["equilibrium_energy"].sel(structure="two"))
    assert np.isnan(found["path_sign_changes"].sel(structure="two"))
    kept = found.mlip.item(structure="one")
    assert float(kept["equilibrium_energy"]) == float(
        joined["equilibrium_energy"].sel(structure="one", potential="lennard-jones-0")
    )
    assert kept["path_sign_changes"].dtype.kind == "i"
    with pytest.raises(InputError, match="^structure 'two' has failed: it is hated$"):
        found.mlip.item(structure="two")
    assert "failed:     two: it is hated" in found.mlip.summary()
    with pytest.raises(SimulationError, match="^it is hated$"):
        Cohesion(hates="Cu2").run({"two": copper["two"]}, singles)


@pytest.mark.parametrize(
    ("reason", "told"), [("memory", "MemoryError: no room"), ("interrupt", "interrupted")], ids=lambda value: value
)
def test_whatever_happens_what_was_computed_is_kept(copper, singles, reason, told):
    fragile = Cohesion(hates="Cu2", reason=reason)
    with pytest.warns(RunWarning, match=rf"^. of 3 failed, and are NaN: two: {told}"):
        found = fragile.run({**copper, "third": copper["one"]}, singles[0])
    assert np.isfinite(found["equilibrium_energy"].sel(structure="one"))
    # After Ctrl-C no other begins; after anything else the next one does.
    assert np.isfinite(found["equilibrium_energy"].sel(structure="third")) == (reason == "memory")
    with pytest.raises(KeyboardInterrupt if reason == "interrupt" else MemoryError):
        fragile.run([copper["two"]], singles[0])


def test_members_are_single_runs_and_their_spread_is_the_error_of_the_model(copper, three):
    found = Cohesion().run(copper["two"], three)
    # With the specification of the first, so that nothing is compiled again.
    built = [dataclasses.replace(SPEC.replace(weight_seed=seed).build(), spec=SPEC) for seed in (0, 1, 2)]
    alone = [Cohesion().run(copper["two"], potential) for potential in built]
    for name in ("equilibrium_energy", "defect_energy", "potential_energy"):
        each = np.stack([one[name].values for one in alone])
        theirs = found[f"member_{name}"].transpose("member", ...).values
        np.testing.assert_array_equal(theirs, each)
        np.testing.assert_allclose(found[f"{name}_model_error"], np.std(each, axis=0, ddof=1), rtol=1e-12)
    # The energy is linear in the potential: that of the committee is the mean of its members.
    assert float(found["member_equilibrium_energy"].mean()) == pytest.approx(float(found["equilibrium_energy"]))
    assert not any("model_error" in name for name in Cohesion().run(copper["two"], three, model_error=False))


def test_members_that_agree_have_no_error(copper):
    found = Cohesion().run(copper["two"], committee(4, 4, 4))
    assert float(found["equilibrium_energy_model_error"]) <= 1e-15 * abs(float(found["equilibrium_energy"]))


def test_a_committee_beside_a_single_potential(copper, singles, three):
    found = Cohesion().run([copper["two"]], {"three": three, "one": singles[0]})
    errors = found["equilibrium_energy_model_error"]
    assert np.isfinite(errors.sel(potential="three")).all()
    assert np.isnan(errors.sel(potential="one")).all()
    same(found.mlip.item(potential="one"), Cohesion().run(copper["two"], singles[0]))


def test_workers_give_the_same(copper, singles, joined):
    options = {"threads_per_worker": 1, "processes": False, "dashboard_address": None, "memory_limit": 0}
    said = []
    with (
        distributed.LocalCluster(n_workers=2, **options) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        found = Cohesion().run(copper, singles, client=client, tell=said.append)
        with pytest.warns(RunWarning, match="^1 of 2 failed, and are NaN: two: it is hated$"):
            Cohesion(hates="Cu2").run(copper, singles[0], client=client)
    xr.testing.assert_equal(found, joined)
    assert [line.split(":")[0] for line in said] == [f"{number} of 4" for number in (1, 2, 3, 4)]
    assert {line.split(": ")[1] for line in said} == {
        f"{name}, lennard-jones-{number}" for name in copper for number in (0, 1)
    }


def test_a_set_survives_the_disk(joined, tmp_path):
    joined.mlip.save(tmp_path / "set.zarr")
    again = mlip_nb.open(tmp_path / "set.zarr").compute()
    xr.testing.assert_identical(again, joined)
    same(
        again.mlip.item(structure="two", potential="lennard-jones-1"),
        joined.mlip.item(structure="two", potential="lennard-jones-1"),
    )


def test_a_set_is_drawn_and_told(joined):
    figure = joined.mlip.plot()
    assert figure.axes[0].get_ylabel() == "equilibrium energy (eV/atom)"
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()] == ["one", "two"]
    shown = figure.axes[0].containers[1].lines[0].get_ydata()
    np.testing.assert_array_equal(shown, joined["equilibrium_energy"].sel(potential="lennard-jones-1"))
    rows = joined.mlip.compared().rows
    assert [row[:2] for row in rows] == [
        ("one", "lennard-jones-0"),
        ("one", "lennard-jones-1"),
        ("two", "lennard-jones-0"),
        ("two", "lennard-jones-1"),
    ]
    with pytest.raises(InputError, match="this is a set of Datasets; choose one by ds.mlip.item"):
        joined.mlip.system()


def test_what_sel_has_chosen_is_told_and_drawn_as_it_stands(joined):
    one = joined.sel(structure="two", potential="lennard-jones-1")
    assert len(one.mlip.to_ase()[0]) == 2
    turned = joined.sel(potential=["lennard-jones-1", "lennard-jones-0"]).sel(structure="two")
    energies = turned["equilibrium_energy"].values
    assert turned.mlip.compared().rows == [
        ("lennard-jones-1", f"{energies[0]:.5g}"),
        ("lennard-jones-0", f"{energies[1]:.5g}"),
    ]
    np.testing.assert_array_equal(turned.mlip.plot().axes[0].containers[0].lines[0].get_ydata(), energies)
    with pytest.raises(InputError, match="^structure 'three' is nothing of this set; structure: one, two; potential: "):
        joined.mlip.item(structure="three")
    with pytest.raises(InputError, match="^this Dataset stands alone"):
        joined.mlip.item(structure="two", potential="lennard-jones-1").mlip.item(structure="two")
    assert list(joined[["equilibrium_energy"]].mlip.item(structure="two", potential="lennard-jones-1")) == [
        "equilibrium_energy"
    ]


@pytest.mark.parametrize(
    ("structures", "message"),
    [
        ([], "^an empty list is no System"),
        (["Cu"], "^'Cu' is no System; give one, a list, or a dict with names"),
        ({1: "one", "1": "two"}, "^two are called '1'; give each a name of its own$"),
        ({"b": "one"}, "^b: stillinger-weber covers .*; the system has Cu"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_computed(copper, structures, message):
    if isinstance(structures, dict):
        structures = {name: copper[system] for name, system in structures.items()}
    with pytest.raises(InputError, match=message):
        Cohesion(hates="Cu").run(structures, mlip_nb.potential("stillinger-weber"))


def test_paths_have_as_many_ends_as_starts(copper, three):
    with pytest.raises(InputError, match="^2 paths begin and 1 end; give each start its end$"):
        mlip_nb.NEB().run(list(copper.values()), copper["one"], three)
    with pytest.raises(InputError, match="^starts are called one, two and ends two, one; give both the same names$"):
        mlip_nb.NEB().run(copper, dict(reversed(copper.items())), three)


@pytest.mark.physics
def test_two_processes_give_the_same():
    """But for the last digits: they have one thread each, and add up in another order."""
    crystals = {kind: mlip_nb.load("Ar", crystal=kind, a=a, primitive=True) for kind, a in (("fcc", 5.3), ("bcc", 4.2))}
    depths = [mlip_nb.potential("lennard-jones", epsilon=depth, sigma=3.4, cutoff=6.0) for depth in (0.01, 0.02)]
    curve = mlip_nb.EquationOfState(relax=True, points=5)
    here = curve.run(crystals, depths)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        there = curve.run(crystals, depths, client=cluster)
    xr.testing.assert_allclose(there, here, rtol=1e-9)
    moduli = here["static_bulk_modulus"]
    np.testing.assert_allclose(moduli[:, 1], 2 * moduli[:, 0], rtol=1e-4)
