"""`%mlip model-error`: what members of a committee say of the frames of a run."""

import numpy as np
import pytest
from ase.build import bulk

import mlip_nb
from mlip_nb import units
from mlip_nb.errors import InputError
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.properties import propagated

SPEC = GauntSpec(symbols=("Si",), degree=1, channels=2, hidden=4, radial=3, cutoff=3.8, precision="float64")


@pytest.fixture(scope="module")
def committee():
    return Committee.of([SPEC.replace(weight_seed=seed).build() for seed in range(3)], SPEC.replace(members=3))


@pytest.fixture(scope="module")
def run():
    ensemble = mlip_nb.NVTLangevin(temperature=300)
    data = mlip_nb.MD(ensemble=ensemble, steps=40, every=4).run(
        mlip_nb.from_ase(bulk("Si", cubic=True)), mlip_nb.potential("stillinger-weber")
    )
    return data.assign(spring=("frame", np.square(data["positions"].values[:, 0, 0]), {"units": "Å²"}))


@pytest.mark.physics
def test_every_member_is_asked_for_its_energy_in_every_frame(run, committee):
    found = mlip_nb.model_error(run, committee, observables=["spring"], discard=0.0)
    frames = [run.mlip.system(frame) for frame in range(run.sizes["frame"])]
    each = np.array([[float(committee.member(m).evaluate(frame).energy) for frame in frames] for m in range(3)])
    works = (each - run["potential_energy"].values) / (300 * units.KELVIN)
    assert found["unit"].values.tolist() == ["eV", "Å²"]
    for row, values in enumerate((each, np.broadcast_to(run["spring"].values, each.shape))):
        expected = propagated(values, works)
        np.testing.assert_allclose(found["member_estimate"][row], expected.members, rtol=1e-8)
        assert float(found["model_error"][row]) == pytest.approx(expected.model, rel=1e-6)
        assert float(found["total_error"][row]) == pytest.approx(expected.total, rel=1e-6)


def test_what_says_nothing_of_a_model_is_refused(run, committee):
    with pytest.raises(InputError, match="stillinger-weber is a single potential; train a committee"):
        mlip_nb.model_error(run, mlip_nb.potential("stillinger-weber"))
    with pytest.raises(InputError, match="'colour' is no variable with a number for each frame; there are: "):
        mlip_nb.model_error(run, committee, observables=["colour"])
    with pytest.raises(InputError, match="energy difference spreads"):
        mlip_nb.model_error(run, committee, route="exponential")
