"""`%mlip hull`: what is stable, in one line."""

import ase.build
import numpy as np
import pytest

import mlip_nb
from mlip_nb.errors import InputError
from mlip_nb.potentials import save_weights
from mlip_nb.potentials.gaunt import Committee, GauntSpec

SUTTON_CHEN = mlip_nb.potential("sutton-chen")


def crystals():
    """Copper, silver, and two orders of both."""
    tetragonal = ase.build.bulk("Cu", "fcc", a=3.8, cubic=True)
    tetragonal.symbols[:2] = "Ag"
    threefold = ase.build.bulk("Cu", "fcc", a=3.7, cubic=True)
    threefold.symbols[0] = "Ag"
    return [ase.build.bulk("Cu"), ase.build.bulk("Ag"), tetragonal, threefold, ase.build.bulk("Cu", a=3.8)]


def test_stable_and_unstable_phases_in_one_line(ipython):
    ipython["set"] = crystals()
    told = ipython.printed("%mlip hull set sutton-chen -o found")
    found = ipython["found"].sel(potential="sutton-chen")
    assert [*found["phase"].values] == ["Cu (1)", "Ag", "AgCu", "AgCu3", "Cu (2)"]
    per_atom = found["phase_energy"].values
    # Cells of one atom: one program.
    alone = [SUTTON_CHEN.evaluate(mlip_nb.from_ase(crystals()[place])).energy for place in (0, 1, 4)]
    np.testing.assert_allclose(per_atom[[0, 1, 4]], alone, rtol=1e-9)
    mean = per_atom[:2].mean()
    assert float(found["formation_energy"][2]) == pytest.approx(per_atom[2] - mean, abs=1e-9)
    assert float(found["energy_above_hull"][4]) == pytest.approx(per_atom[4] - per_atom[0], abs=1e-9)
    assert "100% Cu (1)" in told
    assert "50% Cu (1) + 50% Ag" in told or float(found["energy_above_hull"][2]) == 0
    assert ipython["found"].mlip.plot().axes[0].get_xlabel() == "part of Cu"


@pytest.mark.physics
def test_a_committee_tells_its_model_error(tmp_path):
    """Standard deviations over hulls of members, also from its file; the elements themselves are certain."""
    spec = GauntSpec(symbols=("Cu", "Ag"), degree=1, channels=2, hidden=4, radial=4, cutoff=3.8, precision="float64")
    members = [spec.replace(weight_seed=seed).build() for seed in range(3)]
    structures = [mlip_nb.from_ase(atoms) for atoms in crystals()[:3]]
    committee = Committee.of(members, spec.replace(members=3))
    data = mlip_nb.hull(committee, structures)
    each = mlip_nb.hull({str(place): member for place, member in enumerate(members)}, structures)
    for name in ("formation_energy", "energy_above_hull"):
        np.testing.assert_allclose(data[f"{name}_spread"][0], each[name].std("potential", ddof=1), atol=1e-12)
    np.testing.assert_allclose(data["formation_energy_spread"][0, :2], 0, atol=1e-12)
    assert data["formation_energy_spread"][0, 2] > 0
    file = save_weights(committee, tmp_path / "committee.safetensors")
    again = mlip_nb.hull(mlip_nb.potential(file, precision="float64"), structures)
    np.testing.assert_allclose(again["energy_above_hull_spread"], data["energy_above_hull_spread"], atol=1e-12)


def test_too_little_is_refused(ipython):
    ipython["one"] = crystals()[:1]
    with pytest.raises(InputError, match="two structures at least"):
        ipython.run("%mlip hull one sutton-chen")
    ipython["two"] = [crystals()[0], crystals()[2]]
    with pytest.raises(InputError, match="no phase of pure Ag"):
        ipython.run("%mlip hull two sutton-chen")
