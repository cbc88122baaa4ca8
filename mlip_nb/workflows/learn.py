"""Active learning: a potential is sent to explore, asks for labels where it is unsure, learns them, and goes again."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import annotated_types

from ..errors import InputError
from ..learn import Folder, Memory, Recipe, Record, trainable, unpacked
from ..learn.selectors import Selector
from ..learn.selectors.most_uncertain import MostUncertain
from ..params import Count, UserPath, WallTime
from ..potentials import AbstractPotential
from ..results._lock import WriterLock
from ..results.storage import AbstractStore
from ..uncertainty import UncertaintySpec
from ._base import Controls, Workflow, workflows
from ._campaign import Campaign
from ._knowledge import Learned, check_covered, check_trainable
from ._learning_loop import Loop
from ._plots import Axis, Plot
from ._rounds import PLOTS
from ._update import Update
from .explorers import Explorer
from .explorers.hot_md import HotDynamics

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Campaign", "Learn", "Learned"]

_LOCK = "in-use"
"""File that is locked while a campaign writes to its folder; it may stay."""

Share = Annotated[float, annotated_types.Ge(0), annotated_types.Lt(1)]
Force = Annotated[float, annotated_types.Gt(0)]


@workflows.register("learn")
class Learn(Recipe, Workflow):
    """Active learning: explore, choose, label, train further, calibrate, and again.

    Everything labelled is kept in `folder`. A campaign that was killed goes on from there when it is asked for again.

    ??? cite "Reference"
        C. Schran, K. Brezina, O. Marsalek, *J. Chem. Phys.* **153**, 104105 (2020), doi:10.1063/5.0016004
    """

    explorer: Explorer = HotDynamics()
    """Where structures come from."""
    selector: Selector = MostUncertain()
    """Which of them are labelled."""
    rounds: Count = 5
    """How many times, at most."""
    labels: Count = 8
    """Structures labelled in each round, at most."""
    budget: Count | None = None
    """Labels of all rounds together, at most."""
    threshold: Force | None = None
    """Largest uncertainty of a new structure, eV/Å, at which nothing is left to learn."""
    goal: Force | None = None
    """Error of force components on test frames, eV/Å, that is good enough."""
    uncertainty: UncertaintySpec | None = None
    """Where uncertainties come from; the spread of a committee, or the last layer, when not given."""
    calibration: Literal["scale", "power", "isotonic"] = "scale"
    """How they become standard deviations, by the frames kept aside."""
    validation: Share = 0.2
    """Part of the frames that is kept aside: to calibrate, and to tell when training no longer helps."""
    novelty: Annotated[float, annotated_types.Ge(0)] = 1e-3
    """Structures nearer to one that is known, or to each other, are left out: distance of normalised power spectra."""
    pool_most: Count = 200
    """New structures that the selector chooses from, the farthest from what is known."""
    closest: Share = 0.6
    """Shortest distance of two atoms over the sum of their covalent radii."""
    linear: bool = False
    """Fit the last layer only, on features as they are, in place of all epochs."""
    processes: Count | None = None
    """Labels computed side by side; one for each core when not given. 1: in this process."""
    timeout: WallTime | None = None
    """Wall time after which a label has failed; each is then computed in a process of its own."""
    folder: UserPath | None = None
    """Where labels are kept, as extended XYZ; without one they end with the run."""

    counts: ClassVar[str] = "round"
    axis: ClassVar[Axis] = Axis("round", "rounds")

    @property
    def total(self) -> int:
        """Rounds."""
        return self.rounds

    def prepare(self, campaign: Campaign, potential: AbstractPotential, /) -> None:
        """Refuse labels that nothing should learn from, labellers that are not there, potentials without weights."""
        trainable(potential)
        check_trainable(potential, [*campaign.frames, *campaign.test, *campaign.pool])
        check_covered(potential, campaign.starts, "start")
        self.explorer.check(self.uncertainty, campaign.pool)
        campaign.check()
        _ = campaign.oracle

    def extended(self, steps: int) -> "Learn":
        """The same campaign, so many rounds long."""
        return self.replace(rounds=steps)

    def constants(self, campaign: Campaign, /) -> Mapping[str, object]:
        """None."""
        return {}

    def identity(self, campaign: Campaign, /) -> Mapping[str, object]:
        """What is known at the start, and who labels."""
        return {"data": json.dumps({"frames": len(campaign.frames), **campaign.name})}

    def check_same(self, path: Path, past: "xr.Dataset", campaign: Campaign, /) -> None:
        """**Raises:** `InputError` for other frames, or another labeller."""
        before, now = json.loads(past.attrs["data"]), json.loads(str(self.identity(campaign)["data"]))
        if wrong := [name for name in now if before.get(name) != now[name]]:
            raise InputError(f"{path} is a campaign with other {wrong[0]}; give the same, or begin another")

    def about(self, campaign: Campaign, /) -> str:
        """How many frames, and who labels."""
        return f"{len(campaign.frames)} frames, labels by {campaign.oracle.about}"

    def plots(self, campaign: Campaign, /) -> tuple[Plot, ...]:
        """Errors, uncertainties and labels by round."""
        return PLOTS

    def updates(
        self,
        campaign: Campaign,
        potential: AbstractPotential,
        store: AbstractStore,
        controls: Controls,
        checkpoint: bytes | None = None,
        /,
    ) -> Generator[Update, None, None]:
        """A row for each round; in between a word after each label and each epoch."""
        shelf = Memory() if self.folder is None else Folder(self.folder)
        if checkpoint is not None and self.folder is None:
            shelf = unpacked(checkpoint)
        with self._alone():
            record = Record(shelf, campaign.name | {"potential": potential.fingerprint})
            with Loop(self, campaign, potential, record, controls) as loop:
                yield from loop.updates(store, known=store.length)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """With nobody else who writes labels to the folder.

        **Raises:** `StorageError` where there is somebody.
        """
        if self.folder is None:
            yield
            return
        (self.folder / _LOCK).touch()
        lock = WriterLock(self.folder / _LOCK, self.folder)
        try:
            yield
        finally:
            lock.release()
