"""`%mlip tst` and `%mlip instanton`: rates and isotope effects in one line."""

import numpy as np
import pytest

from ..path_integrals.barriers import LEPS, hydrogen_exchange


@pytest.fixture
def exchange(ipython):
    """A hydrogen atom that meets a molecule."""
    for name, structure in zip(("saddle", "atom", "molecule"), hydrogen_exchange(), strict=True):
        ipython[name] = structure
    ipython["leps"] = LEPS()
    return ipython


def test_instanton_and_isotope_effect_in_one_line(exchange):
    """All methods see that deuterium is slower; of the instanton there is more to know."""
    line = "%mlip instanton saddle --reactant atom,molecule --potential leps --temperature 300 --beads 32"
    told = exchange.printed(f"{line} --isotopes H:2.014 --no-plot -o ds")
    assert "2302i 1/cm; crossover temperature 527.1 K" in told
    assert "k / k of H:2.014" in told
    data = exchange["ds"]
    assert (data["isotope_effect"].isel(isotopologue=1) > 1).all()
    factors = data["tunnelling_factor"].isel(isotopologue=0)
    assert float(factors.sel(theory="instanton")) > float(factors.sel(theory="Wigner")) > 1
    # Nothing but the mass changes, and that of all atoms alike: frequencies fall by its root.
    np.testing.assert_allclose(data["barrier_wavenumber"][0] / data["barrier_wavenumber"][1], (2.014 / 1.008) ** 0.5)
    classical = data["isotope_effect"].sel(theory="classical TST", isotopologue="H:2.014")
    np.testing.assert_allclose(classical, (2.014 / 1.008) ** 0.5)
    assert list(data["instanton_beads"].values) == [16, 32]
    # A rate of 1e-15 cm³/s or so: below a collision in every 1e4.
    assert 1e-18 < float(data["bimolecular_rate_constant"].sel(theory="instanton")[0]) < 1e-13
    # The light atoms cut the corner: higher than the saddle in the middle, lower where they turn.
    light = data.isel(isotopologue=0)
    assert float(light["bead_energy"].max()) > float(light["barrier_height"]) > float(light["bead_energy"][0])
    assert "distance along" in data.mlip.plot().axes[0].get_xlabel()


def test_above_the_crossover_other_factors_are_named(exchange):
    line = "saddle --reactant atom,molecule --potential leps --temperature 600"
    told = exchange.refuse(f"%mlip instanton {line}")
    assert "600 K is above the crossover temperature of this barrier, 527.1 K" in told
    told = exchange.printed(f"%mlip tst {line} -o ds")
    assert "Wigner" in told
    assert "instanton" not in told
    assert exchange["ds"]["tunnelling_factor"].sel(theory="Wigner") == pytest.approx(
        1 + (2 * np.pi * 527.1 / 600) ** 2 / 24, rel=1e-3
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--reactant molecule", "the reactant is H2, the saddle H3; both need the same atoms"),
        ("--reactant atom,molecule --isotopes H", "'H' has no mass; write an element"),
        ("--reactant atom,molecule --isotopes C:13", "C is not in H3"),
        ("--reactant atom,molecule --isotopes H:0", "greater than 0"),
        ("--reactant atom,molecule --isotopes 1:2", "atom 1 has no number of its own in two reactants"),
        ("--reactant atom,molecule --temperature 0", "greater than 0"),
        ("--reactant atom,molecule --beads 33", "multiple of 2"),
    ],
)
def test_mistakes_are_told_in_a_line(exchange, line, message):
    assert message in exchange.refuse(f"%mlip instanton saddle --potential leps {line}")
