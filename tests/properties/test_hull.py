"""Convex hulls against pymatgen, closed forms and differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mlip_nb.errors import InputError
from mlip_nb.properties.hull import compositions, convex_hull, energy_above_hull

ELEMENTS = ("Cu", "Ni", "Si")


def phases(elements: int, count: int = 30, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pure elements and compounds, as counts of atoms, with random energies in eV/atom."""
    random = np.random.default_rng(seed)
    counts = np.concatenate([np.eye(elements, dtype=int), random.integers(0, 5, (count, elements))])
    counts = counts[counts.sum(axis=1) > 0]
    mixed = 1.0 - (counts.max(axis=1) / counts.sum(axis=1))
    return counts, random.normal(-3.0, 0.05, len(counts)) - 0.3 * mixed


def shares_of(counts: np.ndarray) -> np.ndarray:
    return counts / counts.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("elements", [2, 3])
def test_hull_is_that_of_another_program(elements):
    from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
    from pymatgen.core import Composition

    counts, energies = phases(elements)
    named = [Composition(dict(zip(ELEMENTS, row.tolist(), strict=False))) for row in counts]
    entries = [PDEntry(one, energy * one.num_atoms) for one, energy in zip(named, energies, strict=True)]
    theirs = PhaseDiagram(entries)
    ours = convex_hull(shares_of(counts), energies, ELEMENTS[:elements])
    above = [theirs.get_e_above_hull(entry) for entry in entries]
    np.testing.assert_allclose(ours.above, above, atol=1e-10)
    formation = [theirs.get_form_energy_per_atom(entry) for entry in entries]
    np.testing.assert_allclose(ours.formation, formation, atol=1e-10)
    assert 0 < np.count_nonzero(ours.above == 0) < len(entries)


def test_no_phase_lies_below_a_supporting_plane_and_products_have_the_composition():
    counts, energies = phases(3)
    shares = shares_of(counts)
    found = convex_hull(shares, energies, ELEMENTS)
    assert (shares @ found.chemical_potentials.T <= energies[:, None] + 1e-9).all()
    np.testing.assert_allclose(found.products @ shares, shares, atol=1e-9)
    assert (found.products >= -1e-12).all()


def test_derivatives_by_energies_are_those_of_differences():
    counts, energies = phases(2, count=8)
    shares = shares_of(counts)

    def total(energies):
        return jnp.sum(energy_above_hull(shares, energies, ELEMENTS[:2]) * jnp.arange(1.0, len(counts) + 1))

    exact, step = np.asarray(jax.jit(jax.grad(total))(jnp.asarray(energies))), 1e-4
    for place in range(len(energies)):
        moved = [total(jnp.asarray(energies).at[place].add(sign * step)) for sign in (1, -1)]
        assert (moved[0] - moved[1]) / (2 * step) == pytest.approx(exact[place], abs=1e-8)


def test_phases_on_the_hull_are_stable_whatever_is_rounded():
    """Energies that are a plane of the shares: every phase is as good as the mixture."""
    shares = shares_of(phases(3)[0])
    assert (convex_hull(shares, shares @ np.array([-3.1, -4.7, -5.3]), ELEMENTS).above == 0).all()


def test_lever_rule():
    """Of three phases on a line, one below the tie and one above it."""
    shares = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.25, 0.75]])
    found = convex_hull(shares, np.array([-1.0, -2.0, -1.9, -1.9]), ("A", "B"))
    np.testing.assert_allclose(found.formation, [0, 0, -0.4, -0.15], atol=1e-12)
    np.testing.assert_allclose(found.above, [0, 0, 0, 0.05], atol=1e-12)
    np.testing.assert_allclose(found.products[3], [0, 0.5, 0.5, 0], atol=1e-12)


def test_what_has_no_hull_is_told():
    elements, shares = compositions([np.array(["Si", "Ge"]), np.array(["Si"])])
    assert elements == ["Ge", "Si"]
    with pytest.raises(InputError, match="no phase of pure Ge among 2"):
        convex_hull(shares, np.array([0.0, 0.0]), elements)
    with pytest.raises(InputError, match="phase SiGe has the energy nan"):
        convex_hull(shares, np.array([np.nan, 0.0]), elements, ["SiGe", "Si"])
