"""`%mlip learn`: a potential that asks for labels where it is unsure."""

from typing import Annotated, Any

import annotated_types
from pydantic import BeforeValidator

from ...errors import InputError
from ...learn.labellers import Labeller
from ...params import UserPath
from ...potentials import AbstractPotential, check_target, save_weights
from ...potentials.gaunt import GauntSpec
from ...workflows import Run
from ...workflows.learn import Campaign, Learn
from ...workflows.train import elements_of
from ._base import Alias, File, Positional, Variable, commands
from ._frames import FrameSource, Reading, frames_of
from ._potential import PotentialChoice, built, from_calculator
from ._running import Running

LabellerChoice = Annotated[Labeller | AbstractPotential | None, BeforeValidator(from_calculator), Variable("potential")]
"""A name (its parameters become flags), or a variable: an ASE calculator, or a potential."""


@commands.register("learn")
class RunLearn(Running):
    """Explore, choose, label, train further, and again. The result is the potential.

    The cell shows errors, uncertainties and labels by round; an interrupt (Ctrl-C) ends it and keeps everything
    labelled. With `--folder` a campaign that was killed goes on when its line is repeated.
    """

    data: Annotated[FrameSource, Positional("DATA")]
    """Frames to begin with, with labels or without: a file ASE reads, or a variable."""
    reading: Reading
    labeller: LabellerChoice = None
    """Who labels: xtb, dft or reference, or a variable that holds an ASE calculator or a potential. Nobody is needed
    for a pool that has labels."""
    potential: Annotated[PotentialChoice, Alias("--from")] = GauntSpec(members=3)
    """What learns: a form with random weights, or a trained potential, by its name, file or variable."""
    starts: Annotated[Any, Variable("structures"), File()] = None
    """Structures from which exploring begins: a file, or a variable; all labelled ones when not given."""
    test: FrameSource = None
    """Labelled frames that nobody learns from, to tell how good the potential has become."""
    pool: FrameSource = None
    """Structures to choose from, for --explorer pool."""
    client: Annotated[Any, Variable("client")] = None
    """Where labels are computed: a variable that holds a dask client or cluster; this machine without it."""
    workflow: Learn
    to: UserPath | None = None
    """File for the potential, ending in .safetensors."""
    curve: str | None = None
    """Name of the notebook variable that takes the Dataset of the rounds."""
    trust: Annotated[str, annotated_types.MinLen(1)] | None = None
    """Name of the notebook variable that takes the uncertainty of the potential."""

    def _check(self, session) -> None:
        super()._check(session)
        for name in filter(None, (self.curve, self.trust)):
            session.check_store(name)
        if self.to:
            check_target(self.to, overwrite=self.overwrite)
        if self.append:
            raise InputError("--append: a campaign goes on by itself; repeat its line with the same --folder")
        if self.background and (self.to or self.curve or self.trust):
            raise InputError("--background gives the Run at once: ask run.product() when it has ended")
        if not session.in_notebook and self.to is None:
            raise InputError("--to: in a shell the potential lives in its file only, for example --to si.safetensors")

    def _start(self, session) -> Run:
        campaign = Campaign(
            self._read(self.data, labelled=False),
            labeller=self.labeller,
            starts=[frame.system for frame in self._read(self.starts, labelled=False)],
            test=self._read(self.test),
            pool=self._read(self.pool, labelled=False),
            client=self.client,
        )
        return self.workflow.start(campaign, self._begun(campaign), **self._options(session))

    def _read(self, source: Any, *, labelled: bool = True) -> list:
        return [] if source is None else frames_of(source, self.reading, labelled=labelled)

    def _begun(self, campaign: Campaign) -> AbstractPotential:
        chosen = self.potential or GauntSpec(members=3)
        if not isinstance(chosen, GauntSpec):
            return built(chosen)
        seed = {} if "weight_seed" in chosen.model_fields_set else {"weight_seed": self.workflow.seed}
        known = elements_of([*campaign.frames, *campaign.pool])
        elements = sorted({*known, *(symbol for system in campaign.starts for symbol in system.symbols)})
        return chosen.replace(symbols=chosen.symbols or tuple(elements), **seed).build()

    def _value(self, run: Run, session) -> Any:
        """The potential; the rounds, its uncertainty and its file on the way."""
        data, learned = run.result(), run.product()
        if learned is None:
            raise InputError("no round was finished, so nothing is learned; what was labelled is in --folder")
        for name, value in ((self.curve, data), (self.trust, learned.uncertainty)):
            if name:
                session.store(name, value)
        self.say(_told(learned))
        if self.to:
            card = {"origin": f"active learning from {run.workflow.about(run.subject)}"}
            path = save_weights(learned.potential, self.to, card, overwrite=True)
            self.say(f"{path}: {path.stat().st_size / 1024:.0f} kB, fingerprint {learned.potential.fingerprint[:12]}")
        return learned.potential

    def _told_in_shell(self, run: Run) -> Any:
        from ..session import Session

        return self._value(run, Session())


def _told(learned) -> str:
    """How many labels, and what became of those that failed."""
    failed = len(learned.failures)
    first = f"; {failed} could not be labelled, the first: {learned.failures[0]['problem']}" if failed else ""
    return f"{len(learned.frames)} labelled frames{first}"
