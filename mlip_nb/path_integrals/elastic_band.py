"""Paths of least energy between two structures: nudged elastic bands and strings, all images together."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ._fire import Motion

_STIFFNESS = 0.25
"""Of springs, over the largest curvature: the end does not depend on it, only the way there."""
_NUDGE = 1e-3
"""Å, to feel how stiff a structure is."""
_CLIMBS_BELOW = 0.1
"""Of the first forces: when an image begins to climb."""

Places = Float[np.ndarray, "images coordinates"]
Surface = Callable[[Places], tuple[Float[np.ndarray, " images"], Places]]
"""Energies (eV) and slopes (eV/Å) of all images."""


@dataclass(frozen=True)
class Path:
    """Images from one end to the other."""

    places: Places
    energies: Float[np.ndarray, " images"]
    slopes: Places
    steps: int
    """How many it took."""
    force: float
    """Largest component of a force of the band that is left, eV/Å."""

    @property
    def distances(self) -> Float[np.ndarray, " images"]:
        """Along the path, Å."""
        return arc(self.places)

    @property
    def across(self) -> Float[np.ndarray, " images"]:
        """Largest component of the slope across the path, eV/Å; 0 at the ends, which have no direction."""
        inner = _across(self.slopes[1:-1], tangents(self.places, self.energies))
        return np.concatenate([[0.0], np.abs(inner).max(axis=1), [0.0]])


def find_path(surface: Surface, start: Places, *, force: float, steps: int, climb: bool, string: bool = False) -> Path:
    """The path of least energy near a guess; its ends stay.

    Images go down across the path. Springs along it, or with `string` a redistribution after each step, keep them
    apart. With `climb` the highest one goes up along it and ends on the saddle. The search ends when no component of
    these forces exceeds `force` (eV/Å), or after so many steps.

    ??? cite "Reference"
        G. Henkelman, B. P. Uberuaga, H. Jónsson, *J. Chem. Phys.* **113**, 9901 (2000), doi:10.1063/1.1329672;
        W. E, W. Ren, E. Vanden-Eijnden, *J. Chem. Phys.* **126**, 164103 (2007), doi:10.1063/1.2720838
    """
    places, (energies, slopes) = start.copy(), surface(start)
    curvature = _curvature(places, slopes)
    spring = 0.0 if string else _STIFFNESS * curvature
    motion = Motion(curvature)
    first, climber = None, None
    for step in range(steps + 1):
        push = band_forces(places, energies, slopes, spring=spring, climber=climber)
        left = float(np.abs(push).max())
        first = left if first is None else first
        if climb and climber is None and left < max(_CLIMBS_BELOW * first, 2 * force):
            climber = int(np.argmax(energies[1:-1])) + 1
            continue
        if left < force or step == steps:
            break
        places[1:-1] += motion.step(push)
        places = redistributed(places, climber) if string else places
        energies, slopes = surface(places)
    return Path(places, energies, slopes, step, left)


def relaxed(
    surface: Surface, start: Float[np.ndarray, " coordinates"], *, force: float, steps: int
) -> tuple[Float[np.ndarray, " coordinates"], float]:
    """The bottom below a structure, and the largest component of a force that is left, eV/Å."""
    nudge = _NUDGE * np.random.default_rng(0).choice([-1.0, 1.0], size=start.size)
    ends = np.stack([start, start + nudge])
    motion, place = Motion(_curvature(ends, surface(ends)[1])), start
    push = -surface(place[None])[1][0]
    for _ in range(steps):
        if np.abs(push).max() < force:
            break
        move, before = motion.step(push), push
        place = place + move
        push = -surface(place[None])[1][0]
        motion.stiffen(move, push - before)
    return place, float(np.abs(push).max())


def tangents(places: Places, energies: Float[np.ndarray, " images"]) -> Float[np.ndarray, "inner coordinates"]:
    """Unit vectors along the path at inner images: towards the higher neighbour; at extrema a mean by energies.

    ??? cite "Reference"
        G. Henkelman, H. Jónsson, *J. Chem. Phys.* **113**, 9978 (2000), doi:10.1063/1.1323224
    """
    ahead, behind = places[2:] - places[1:-1], places[1:-1] - places[:-2]
    up, down = energies[2:] - energies[1:-1], energies[1:-1] - energies[:-2]
    larger, smaller = np.maximum(abs(up), abs(down)), np.minimum(abs(up), abs(down))
    towards_higher = energies[2:] > energies[:-2]
    mixed = np.where(towards_higher, larger, smaller)[:, None] * ahead
    mixed = mixed + np.where(towards_higher, smaller, larger)[:, None] * behind
    rises, falls = (up > 0) & (down > 0), (up < 0) & (down < 0)
    chosen = np.where(rises[:, None], ahead, np.where(falls[:, None], behind, mixed))
    # Where all three energies are the same, nothing says which neighbour to prefer.
    chosen = np.where((larger == 0)[:, None], ahead + behind, chosen)
    return chosen / np.linalg.norm(chosen, axis=1, keepdims=True)


def band_forces(
    places: Places, energies: Float[np.ndarray, " images"], slopes: Places, *, spring: float, climber: int | None
) -> Float[np.ndarray, "inner coordinates"]:
    """What inner images feel, eV/Å: down across the path, springs along it; `climber` goes up along it."""
    along = tangents(places, energies)
    lengths = np.linalg.norm(np.diff(places, axis=0), axis=1)
    push = spring * np.diff(lengths)[:, None] * along - _across(slopes[1:-1], along)
    if climber is not None:
        slope, direction = slopes[climber], along[climber - 1]
        push[climber - 1] = 2 * (slope @ direction) * direction - slope
    return push


def arc(places: Places) -> Float[np.ndarray, " images"]:
    """Length along the path up to each image."""
    return np.concatenate([[0.0], np.linalg.norm(np.diff(places, axis=0), axis=1).cumsum()])


def redistributed(places: Places, fixed: int | None = None) -> Places:
    """The same line with images evenly spread; between the ends and one that stays, if there is one."""
    marks = [0, len(places) - 1] if fixed is None else [0, fixed, len(places) - 1]
    length = arc(places)
    wanted = np.interp(np.arange(len(places)), marks, length[marks])
    spread = np.stack([np.interp(wanted, length, column) for column in places.T], axis=1)
    spread[marks] = places[marks]
    return spread


def _across(slopes, along):
    return slopes - np.sum(slopes * along, axis=1, keepdims=True) * along


def _curvature(places: Places, slopes: Places) -> float:
    """How fast slopes change from one image to the next, at most, eV/Å²."""
    changes = np.linalg.norm(np.diff(slopes, axis=0), axis=1) / np.linalg.norm(np.diff(places, axis=0), axis=1)
    return float(max(changes.max(), 1e-12))
