"""Structures that are there already."""

from collections.abc import Sequence

from ...errors import InputError
from ...learn import Labelled
from ...system import System
from ._base import Explorer, Scene, Trust, explorers


@explorers.register("pool")
class FromPool(Explorer):
    """Candidates are the structures of a pool, such as a large set of which few can be labelled."""

    def check(self, uncertainty: Trust | None, pool: Sequence[Labelled]) -> None:
        """**Raises:** `InputError` for no pool."""
        if not pool:
            raise InputError("explorer pool: there is no pool; give structures to choose from by --pool FRAMES")

    def candidates(self, scene: Scene, seed: int) -> list[System]:
        """All of them; those that have been chosen are no longer new."""
        return [frame.system for frame in scene.pool]
