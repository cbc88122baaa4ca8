"""Special quasirandom structures: small cells whose neighbours are as mixed as those of a random alloy."""

import dataclasses
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from ..errors import InputError
from ..system import System, to_ase

_REACH = 8.0
"""Å to which shells of neighbours are looked for."""
_WIDTH = 0.05
"""Å by which distances of one shell may differ."""
_COLD, _SWAPS = 1e-4, 200
"""Mismatch at which annealing ends, and swaps tried for each site."""


def quasirandom(
    system: System, elements: tuple[str, str], share: float, *, seed: int = 0, shells: int = 3
) -> tuple[System, float]:
    r"""Two elements on the sites of a crystal, a `share` of the second one, and how far pairs are from random.

    Products of occupations $\sigma = \pm 1$ in the nearest shells of neighbours have in the mean the value that they
    have in a random alloy, $(2x - 1)^2$, as nearly as swaps of two sites can bring them there (annealing). The mismatch
    is the largest deviation over the shells.

    ??? cite "Reference"
        A. Zunger, S.-H. Wei, L. G. Ferreira, J. E. Bernard, *Phys. Rev. Lett.* **65**, 353 (1990),
        doi:10.1103/PhysRevLett.65.353

    **Raises:** `InputError` for a share that the number of sites cannot have.
    """
    sites = len(system.numbers)
    second = round(share * sites)
    if abs(second - share * sites) > 1e-6 * sites:
        raise InputError(f"{sites} sites cannot hold a part of {share:g} of {elements[1]}; take {second}/{sites}")
    random = np.random.default_rng(seed)
    occupied = random.permutation(np.arange(sites) < second)
    if 0 < second < sites:
        occupied = _annealed(occupied, _shells(system, shells), random)
    return _of(system, elements, occupied), _mismatch(_spins(occupied), _shells(system, shells), occupied.mean())


def _shells(system: System, count: int) -> Float[np.ndarray, "shells sites sites"]:
    """Pairs of each shell over the number of all its pairs; with their images."""
    from ase.neighborlist import neighbor_list

    own, other, distance = neighbor_list("ijd", to_ase(system), _REACH)
    order = np.argsort(distance, kind="stable")
    ends = np.flatnonzero(np.diff(distance[order]) > _WIDTH) + 1
    sites = len(system.numbers)
    found = np.zeros((min(count, len(ends) + 1), sites, sites))
    for shell, pairs in zip(found, np.split(order, ends), strict=False):
        np.add.at(shell, (own[pairs], other[pairs]), 1 / len(pairs))
    return found


def _annealed(
    occupied: Bool[np.ndarray, " sites"], shells: Float[np.ndarray, "shells sites sites"], random
) -> Bool[np.ndarray, " sites"]:
    """The best of a walk by swaps that cools down."""
    spins, share = _spins(occupied), occupied.mean()
    here = best = _misfit(spins, shells, share)
    kept = spins.copy()
    tries = _SWAPS * len(spins)
    for heat in np.geomspace(max(here, _COLD), _COLD, tries):
        up, down = random.choice(np.flatnonzero(spins > 0)), random.choice(np.flatnonzero(spins < 0))
        spins[[up, down]] *= -1
        there = _misfit(spins, shells, share)
        if there > here and random.random() >= np.exp((here - there) / heat):
            spins[[up, down]] *= -1
            continue
        here = there
        if here < best:
            best, kept = here, spins.copy()
        if best == 0:
            break
    return kept > 0


def _spins(occupied: Bool[np.ndarray, " sites"]) -> Float[np.ndarray, " sites"]:
    return np.where(occupied, 1.0, -1.0)


def _misfit(spins: np.ndarray, shells: np.ndarray, share: float) -> float:
    """Sum of deviations, the nearest shell counting most."""
    deviations = np.abs(shells @ spins @ spins - (2 * share - 1) ** 2)
    return float(np.sum(deviations / np.arange(1, len(shells) + 1)))


def _mismatch(spins: np.ndarray, shells: np.ndarray, share: float) -> float:
    return float(np.max(np.abs(shells @ spins @ spins - (2 * share - 1) ** 2), initial=0.0))


def _of(system: System, elements: Sequence[str], occupied: Bool[np.ndarray, " sites"]) -> System:
    """With these elements, and their masses."""
    from ase.data import atomic_masses, atomic_numbers

    numbers = np.where(occupied, *(atomic_numbers[element] for element in reversed(elements)))
    masses = jnp.asarray(atomic_masses[numbers], system.masses.dtype)
    return dataclasses.replace(system, numbers=jnp.asarray(numbers, jnp.int32), masses=masses, momenta=None)
