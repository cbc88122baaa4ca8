"""How far structures are from each other and from what is known, and which are as far as can be."""

import numpy as np
from jaxtyping import Float, Int


def farthest_first(
    rows: Float[np.ndarray, "points features"], known: Float[np.ndarray, "labelled features"], count: int
) -> tuple[Int[np.ndarray, " chosen"], Float[np.ndarray, " chosen"]]:
    """Places of `count` points, each the farthest from what is known and from those before it, and that distance.

    ??? cite "Reference"
        T. F. Gonzalez, *Theor. Comput. Sci.* **38**, 293 (1985), doi:10.1016/0304-3975(85)90224-5
    """
    distance, chosen, found = _to_nearest(rows, known), [], []
    for _ in range(min(count, len(rows))):
        place = int(np.argmax(distance))
        chosen.append(place)
        found.append(distance[place])
        distance = np.minimum(distance, np.linalg.norm(rows - rows[place], axis=1))
        # Chosen once: copies of it may follow at distance zero.
        distance[place] = -1.0
    return np.array(chosen, int), np.array(found, float)


def novel(
    rows: Float[np.ndarray, "points features"],
    known: Float[np.ndarray, "labelled features"],
    least: float,
    most: int,
) -> Int[np.ndarray, " kept"]:
    """Places of at most so many points, no two of them, and none and what is known, as near as `least`."""
    places, distances = farthest_first(rows, known, most)
    return places[distances > least]


def _to_nearest(rows: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Infinite where nothing is known."""
    distance = np.full(len(rows), np.inf)
    for one in known:
        distance = np.minimum(distance, np.linalg.norm(rows - one, axis=1))
    return distance
