"""A structure in a file: the same atoms and colours, seen from the same side as in the notebook."""

import io
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ._elements import colour, radius
from ._frames import Frame
from ._geometry import orientation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 200_000
"""More atoms than this take too long to draw for a picture that nobody may look at."""
_MOST_BALLS = 10_000
"""More atoms than this are dots."""
_MOST_IN_DETAIL = 3_000
"""Of more atoms neither bonds nor light can be seen."""
_TOLERANCE = 1.2
"""Bonds are at most so many times the sum of the covalent radii."""
_BALL = (0.2, 0.28)
_STICK = 0.12
_DOT = 4.0
"""Area of a dot, points squared."""
_FOG, _DEEP = 0.45, 8.0
"""How much paler the farthest atoms are, and from which depth on they are so, Å."""
_CIRCLE = np.stack([np.cos(angles := np.linspace(0, 2 * np.pi, 28, endpoint=False)), np.sin(angles)], axis=1)
_GLOSS = (-0.3, 0.35)
"""Where a ball is brightest, in radii from its centre."""


def png(numbers: np.ndarray, pbc: np.ndarray, frame: Frame) -> bytes | None:
    """A small PNG file; None of more atoms than can be drawn quickly.

    Drawn without pyplot: this may be called from any thread, and must not touch the user's figures.
    """
    if len(numbers) > MOST:
        return None
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 4), dpi=100, layout="constrained")
    draw(figure.subplots(), numbers, pbc, frame)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def draw(axes: "Axes", numbers: np.ndarray, pbc: np.ndarray, frame: Frame) -> None:
    """Atoms, bonds and cell on an axes, from behind to the front."""
    from matplotlib.collections import LineCollection

    turn = orientation(frame.positions, pbc).T
    inks = _inks(numbers, frame)
    (_draw_shapes if len(numbers) <= _MOST_BALLS else _draw_dots)(axes, numbers, pbc, frame, turn, inks)
    if frame.cell.any():
        axes.add_collection(LineCollection(_edges(frame.cell @ turn), colors="0.4", linewidths=0.7, zorder=0.5))
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.set_axis_off()


def _draw_shapes(
    axes: "Axes", numbers: np.ndarray, pbc: np.ndarray, frame: Frame, turn: np.ndarray, inks: np.ndarray
) -> None:
    from matplotlib.collections import PolyCollection

    detailed = len(numbers) <= _MOST_IN_DETAIL
    radii = _by_element(numbers, radius)
    sizes = _BALL[0] + _BALL[1] * radii if detailed else radii
    places = frame.positions @ turn
    shapes = _balls(places, sizes, inks)
    if detailed:
        shapes += _gloss(places, sizes, inks)
        shapes += _sticks(places, sizes, inks, _bonds(frame, pbc, radii), turn)
    shapes.sort(key=lambda shape: shape[0])
    depths, outlines, fills = zip(*shapes, strict=True)
    fills = _fogged(np.array(fills), np.array(depths))
    axes.add_collection(PolyCollection(outlines, facecolors=fills, edgecolors=0.55 * fills, linewidths=0.4))


def _draw_dots(
    axes: "Axes", numbers: np.ndarray, pbc: np.ndarray, frame: Frame, turn: np.ndarray, inks: np.ndarray
) -> None:
    """All alike in size: so many that only where they are can be seen."""
    places = frame.positions @ turn
    places, inks = places[order := places[:, 2].argsort()], inks[order]
    axes.scatter(places[:, 0], places[:, 1], s=_DOT, c=_fogged(inks, places[:, 2]), linewidths=0)


def _by_element(numbers: np.ndarray, value: Callable[[int], Any]) -> np.ndarray:
    """For every atom what its element has."""
    kinds, species = np.unique(numbers, return_inverse=True)
    return np.array([value(int(kind)) for kind in kinds])[species]


def _inks(numbers: np.ndarray, frame: Frame) -> np.ndarray:
    """Red, green and blue of every atom, 0 to 1."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb

    if frame.values is None or frame.scale is None:
        return _by_element(numbers, lambda number: to_rgb(colour(number)))
    width = (frame.scale.high - frame.scale.low) or 1.0
    return colormaps["viridis"]((frame.values - frame.scale.low) / width)[:, :3]


def _balls(places: np.ndarray, sizes: np.ndarray, inks: np.ndarray) -> list[tuple]:
    """Depth, outline and colour of each ball."""
    all_ = zip(places, sizes, inks, strict=True)
    return [(place[2], place[:2] + size * _CIRCLE, 0.88 * ink) for place, size, ink in all_]


def _gloss(places: np.ndarray, sizes: np.ndarray, inks: np.ndarray) -> list[tuple]:
    """The bright spot on each ball."""
    spot = np.array(_GLOSS) + 0.35 * _CIRCLE
    all_ = zip(places, sizes, inks, strict=True)
    return [(place[2] + 1e-3, place[:2] + size * spot, 0.6 * ink + 0.4) for place, size, ink in all_]


def _bonds(frame: Frame, pbc: np.ndarray, radii: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First atoms of all bonds, each from both ends, and the vectors to the other atoms."""
    import ase
    from ase.neighborlist import neighbor_list

    atoms = ase.Atoms(positions=frame.positions, cell=frame.cell, pbc=pbc, numbers=np.zeros(len(radii), int))
    first, vectors = neighbor_list("iD", atoms, _TOLERANCE * radii)
    return first, vectors


def _sticks(
    places: np.ndarray, sizes: np.ndarray, inks: np.ndarray, bonds: tuple[np.ndarray, np.ndarray], turn: np.ndarray
) -> list[tuple]:
    """Depth, outline and colour of the half of each bond that belongs to its first atom."""
    shapes = []
    for atom, half in zip(bonds[0], bonds[1] @ turn / 2, strict=True):
        # Those that come towards the eye would hide the ball they leave.
        hidden = min(0.9 * sizes[atom] / (np.linalg.norm(half) or 1.0), 1.0)
        start, end = places[atom] + hidden * half, places[atom] + half
        across = np.array([-half[1], half[0]]) / (np.hypot(*half[:2]) or 1.0) * _STICK
        outline = np.array([start[:2] - across, start[:2] + across, end[:2] + across, end[:2] - across])
        shapes.append(((start[2] + end[2]) / 2, outline, 0.85 * inks[atom]))
    return shapes


def _fogged(fills: np.ndarray, depths: np.ndarray) -> np.ndarray:
    """What is far is paler."""
    share = _FOG * ((depths.max() - depths) / max(np.ptp(depths), _DEEP))[:, None] ** 2
    return fills + share * (1 - fills)


def _edges(cell: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The twelve edges of a cell, as seen."""
    corners = [np.array(corner) for corner in itertools.product((0, 1), repeat=3)]
    pairs = itertools.combinations(corners, 2)
    return [((a @ cell)[:2], (b @ cell)[:2]) for a, b in pairs if np.abs(a - b).sum() == 1]
