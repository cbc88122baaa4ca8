"""What an explorer is given, and what is wanted of it."""

import abc
import dataclasses
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from ...errors import InputError, MlipError, RunWarning
from ...learn import Labelled
from ...params import Params
from ...potentials import AbstractPotential
from ...registry import Registry
from ...system import System
from ...uncertainty import AbstractUncertainty, UncertaintySpec
from ..md import MD

explorers: Registry["Explorer"] = Registry("explorer", "mlip_nb.workflows.explorers")
"""Every explorer known by name."""


Trust = AbstractUncertainty | UncertaintySpec
"""An uncertainty, or the description of one before there is any."""


@dataclass(frozen=True)
class Scene:
    """What there is to explore with."""

    potential: AbstractPotential
    """As good as it is by now."""
    uncertainty: AbstractUncertainty
    starts: Sequence[System]
    """Where to begin."""
    pool: Sequence[Labelled] = ()
    """Structures to choose from, where there are any."""

    def some(self, count: int, seed: int) -> list[System]:
        """So many starts, all before any comes twice."""
        random = np.random.default_rng(seed)
        places = np.concatenate([random.permutation(len(self.starts)) for _ in range(-(-count // len(self.starts)))])
        return [dataclasses.replace(self.starts[place], momenta=None) for place in places[:count]]


class Explorer(Params):
    """How structures are found that a label may be worth for."""

    registry: ClassVar[Registry] = explorers

    @abc.abstractmethod
    def candidates(self, scene: Scene, seed: int) -> list[System]:
        """Structures, some of which may be absurd; the same for the same seed."""

    def check(self, uncertainty: Trust | None, pool: Sequence[Labelled]) -> None:
        """**Raises:** `InputError` for what this explorer cannot do without; None: the uncertainty is not known."""
        del uncertainty, pool


def check_slope(uncertainty: Trust | None, name: str) -> None:
    """**Raises:** `InputError` for uncertainties without derivatives."""
    if uncertainty is not None and not uncertainty.differentiable:
        raise InputError(f"explorer {name}: this uncertainty has no derivatives; take the spread of a committee")


def places_of(system: System, positions: np.ndarray, cells: np.ndarray) -> list[System]:
    """The same atoms in other places."""
    return [
        dataclasses.replace(system, positions=jnp.asarray(places), cell=jnp.asarray(cell), momenta=None)
        for places, cell in zip(positions, cells, strict=True)
    ]


def walked(md: MD, system: System, potential: AbstractPotential) -> list[System]:
    """Frames of a run after its start, of all beads where there are some; of one that failed what there was before."""
    with warnings.catch_warnings():
        # A young potential breaks down now and then: that is what exploring is for.
        warnings.simplefilter("ignore", RunWarning)
        try:
            data = md.run(system, potential)
        except MlipError:
            return []
    beads = data["bead_positions"] if "bead_positions" in data else data["positions"].expand_dims("bead", 1)
    places = beads.values[1:].swapaxes(0, 1)
    return [one for bead in places for one in places_of(system, bead, data["cell"].values[1:])]
