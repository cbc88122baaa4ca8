"""What a loop of learning is about: frames that are known, who labels new ones, and where to look for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..errors import InputError
from ..learn import Labelled, check_labels, fingerprint
from ..learn.labellers import AbstractOracle, KnownLabels, oracle_of
from ..system import System


@dataclass(frozen=True)
class Campaign:
    """The subject of `Learn`."""

    frames: Sequence[Labelled]
    """What is known at the start; frames without labels are labelled first."""
    labeller: Any = None
    """Who labels: an ASE calculator, a potential, a `Labeller` or its name; with a pool of labelled frames nobody."""
    starts: Sequence[System] = ()
    """Structures from which exploring begins; those of all labelled frames when not given."""
    test: Sequence[Labelled] = ()
    """Frames that nobody learns from, to tell how good the potential has become."""
    pool: Sequence[Labelled] = ()
    """Structures to choose from; their labels, where they have some, are looked at when they are asked for."""
    client: Any = None
    """Where labels are computed: a dask `Client`, a cluster, a scheduler's address, or this machine."""

    @cached_property
    def oracle(self) -> AbstractOracle:
        """**Raises:** `InputError` when there is none, or its program is not there."""
        if self.labeller is not None:
            return oracle_of(self.labeller)
        known = [frame for frame in self.pool if is_labelled(frame)]
        if not known:
            raise InputError("who labels? give a calculator or a potential, one of the labellers, or a labelled pool")
        return KnownLabels(known)

    @cached_property
    def known(self) -> list[Labelled]:
        """Frames with labels."""
        return [frame for frame in self.frames if is_labelled(frame)]

    @cached_property
    def unknown(self) -> list[Labelled]:
        """Frames that are labelled first."""
        return [frame for frame in self.frames if not is_labelled(frame)]

    @property
    def name(self) -> dict[str, str]:
        """What tells it from others."""
        return {"frames": fingerprint(self.frames), "labeller": self.oracle.about}

    def check(self) -> None:
        """**Raises:** `InputError` for labels that nothing should learn from, by the number of their frame."""
        if not self.frames:
            raise InputError("there are no frames to begin with; give a few structures, with labels or without")
        check_labels(self.known, "frames")
        check_labels(self.test, "test")
        check_labels([frame for frame in self.pool if is_labelled(frame)], "pool")


def is_labelled(frame: Labelled) -> bool:
    """With energy and forces."""
    return frame.energy is not None and frame.forces is not None
