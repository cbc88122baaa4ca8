"""From what explorers bring to what is labelled: sane, new, and worth it."""

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from ase.data import covalent_radii
from jaxtyping import Float

from ..learn import Labelled
from ..learn._images import nearest
from ..learn.selectors import Pool, Selector, novel
from ..potentials import AbstractGraphPotential, Graph
from ..system import System
from ..uncertainty import AbstractUncertainty
from ..uncertainty._graphs import graphs_of
from ..uncertainty.coverage import unit_spectrum

_DEGREE, _RADIAL = 4, 6
"""Of the power spectrum that tells structures apart."""
_REACH = 4.0
"""Å: two atoms farther apart than this are not too close, whatever they are."""


@dataclass(frozen=True)
class Choice:
    """What is to be labelled, and what was known of all that could have been."""

    systems: list[System]
    brought: int
    """Structures that the explorer brought."""
    uncertainties: Float[np.ndarray, " candidates"]
    """Of those that are sane and new: of each the largest of its atoms."""
    chosen: Float[np.ndarray, " chosen"]
    """Of those to be labelled."""


def chosen(
    brought: Sequence[System],
    known: Sequence[Labelled],
    uncertainty: AbstractUncertainty,
    selector: Selector,
    *,
    count: int,
    closest: float,
    novelty: float,
    most: int,
    seed: int,
) -> Choice:
    """Without atoms on top of each other, then without copies by farthest points, then by the selector."""
    sane = [system for system in brought if is_sane(system, closest)]
    if not sane:
        return Choice([], len(brought), np.empty(0), np.empty(0))
    potential = uncertainty.potential
    rows = descriptors(potential, [*(frame.system for frame in known), *sane])
    new = novel(rows[len(known) :], rows[: len(known)], novelty, most)
    if not len(new):
        return Choice([], len(brought), np.empty(0), np.empty(0))
    sigma = np.array([one.max() for one in uncertainty.of_frames(_unlabelled([sane[place] for place in new]))])
    # What has no number, such as the uncertainty of an element never seen, is the most uncertain.
    sigma = np.where(np.isfinite(sigma), sigma, np.finfo(float).max)
    places = selector.choose(Pool(sigma, rows[len(known) :][new], rows[: len(known)]), count, seed)
    return Choice([sane[new[place]] for place in places], len(brought), sigma, sigma[places])


def is_sane(system: System, closest: float) -> bool:
    """Finite, and no two atoms nearer than `closest` sums of covalent radii."""
    positions, cell = np.asarray(system.positions, float), np.asarray(system.cell, float)
    if not (np.isfinite(positions).all() and np.isfinite(cell).all()):
        return False
    if len(positions) < 2:
        return True
    distances, partners = nearest(positions, cell, system.pbc, _REACH)
    radii = covalent_radii[np.asarray(system.numbers)]
    return bool((distances >= closest * (radii + radii[partners]))[partners >= 0].all())


def descriptors(potential: AbstractGraphPotential, systems: Sequence[System]) -> Float[np.ndarray, "systems features"]:
    """Mean and spread over the atoms of each element of normalised power spectra (SOAP): what no rotation changes."""
    elements = range(len(potential.spec.elements or ()))
    graphs = graphs_of(potential, _unlabelled(systems))
    spectra, species = graphs.each(_spectrum, potential), graphs.species()
    return np.stack([_row(one, own, elements) for one, own in zip(spectra, species, strict=True)])


def _row(spectrum: np.ndarray, species: np.ndarray, elements: range) -> np.ndarray:
    parts = [spectrum[:, species == element] for element in elements]
    told = [np.concatenate([p.mean(axis=1), p.std(axis=1)]) if p.size else np.zeros(2 * len(p)) for p in parts]
    return np.concatenate(told).astype(float)


@eqx.filter_jit
def _spectrum(potential: AbstractGraphPotential, graph: Graph) -> Float[jnp.ndarray, "features atoms"]:
    return unit_spectrum(potential, graph, _DEGREE, _RADIAL)


def _unlabelled(systems: Sequence[System]) -> list[Labelled]:
    return [Labelled(system, None, None, None, index=index) for index, system in enumerate(systems)]
