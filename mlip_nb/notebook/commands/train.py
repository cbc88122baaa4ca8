"""`%mlip train`: a potential from labelled frames."""

import json
from typing import Annotated, Any

from ...errors import InputError
from ...learn import Labelled, examine, extended_to, replayed, trainable
from ...params import Share, UserPath
from ...potentials import AbstractPotential, check_target, potentials, save_weights
from ...potentials.gaunt import GauntSpec
from ...results import open_store
from ...workflows import Run, standing
from ...workflows.train import Train, elements_of
from ._base import Alias, Positional, commands
from ._frames import FrameSource, Reading, frames_of
from ._potential import PotentialChoice, built
from ._running import Running


@commands.register("train")
class RunTrain(Running):
    """Train a potential on labelled frames. The result is the potential.

    The doctor looks at the data first and tells what is wrong. The cell shows errors while they fall; an interrupt
    (Ctrl-C) ends the training and keeps what was best. A potential that is trained already is trained further
    (`--from mlip-Si --freeze first.*`), or the last layer alone is fitted (`--linear`).
    """

    data: Annotated[FrameSource, Positional("DATA")]
    """A file ASE reads, or a variable that holds ase.Atoms, a list of them, or a Dataset."""
    reading: Reading
    potential: Annotated[PotentialChoice, Alias("--from")] = GauntSpec()
    """What is trained: a form with random weights, or a trained potential to go on from, by its name, file or variable.
    It learns elements that are new to it, too."""
    replay: FrameSource = None
    """Frames it was trained on before, some of which are mixed in so that it does not forget them."""
    replay_share: Share = 0.5
    """Part of all frames that those are."""
    workflow: Train
    to: UserPath | None = None
    """File for the trained potential, ending in .safetensors."""
    curve: str | None = None
    """Name of the notebook variable that takes the Dataset of the learning curve."""

    def _check(self, session) -> None:
        super()._check(session)
        if self.curve:
            session.check_store(self.curve)
        if self.to:
            check_target(self.to, overwrite=self.overwrite)
        if self.background and (self.to or self.curve):
            raise InputError("--background gives the Run at once: when it has ended, %mlip save {run.product()} FILE")
        if not session.in_notebook and self.to is None:
            raise InputError("--to: in a shell the potential lives in its file only, for example --to si.safetensors")

    def _start(self, session) -> Run:
        workflow = self._rest() if self.append else self.workflow
        frames = self._frames(workflow.seed)
        potential = self._begun(frames, workflow)
        workflow.prepare(frames, potential)
        self._examine(frames)
        return workflow.start(frames, potential, **self._options(session))

    def _frames(self, seed: int) -> list[Labelled]:
        frames = frames_of(self.data, self.reading)
        if self.replay is None:
            return frames
        return replayed(frames, frames_of(self.replay, self.reading), share=self.replay_share, seed=seed)

    def _rest(self) -> Train:
        """What is left of the training in the store, or so many epochs more, with what the line says of the others."""
        whole, done = standing(self.save)
        if not isinstance(whole, Train):
            raise InputError(f"--append: {self.save} holds a run of {whole.registered_name}, not a training")
        given = self.workflow.model_fields_set
        if whole.linear and done:
            raise InputError(f"--append: the linear fit in {self.save} is whole; train further from its potential")
        more = self.workflow.epochs if "epochs" in given else whole.epochs - done
        if more < 1:
            raise InputError(f"--append: all {whole.epochs} epochs in {self.save} are done; --epochs N adds N more")
        return whole.replace(**{name: getattr(self.workflow, name) for name in given}).extended(more)

    def _examine(self, frames: list[Labelled]) -> None:
        """Tell what the doctor says, unless nobody wants to hear it."""
        if not self.quiet:
            print(examine(frames))

    def _begun(self, frames: list[Labelled], workflow: Train) -> AbstractPotential:
        chosen = self.potential or GauntSpec()
        if self.append and "potential" not in self.model_fields_set:
            chosen = potentials.build(open_store(self.save).attrs["potential"])
        if isinstance(chosen, GauntSpec):
            seed = {} if "weight_seed" in chosen.model_fields_set else {"weight_seed": workflow.seed}
            return chosen.replace(symbols=chosen.symbols or elements_of(frames), **seed).build()
        return self._extended(built(chosen), frames)

    def _extended(self, potential: AbstractPotential, frames: list[Labelled]) -> AbstractPotential:
        """For the elements of the data, too."""
        new = sorted(set(elements_of(frames)) - set(potential.spec.elements or elements_of(frames)))
        if not new:
            return potential
        trainable(potential)
        self.say(f"new to {potential.spec.registered_name}: {', '.join(new)}, beginning as the mean of its elements")
        return extended_to(potential, frames)

    def _value(self, run: Run, session) -> Any:
        """The potential; its learning curve and its file on the way."""
        data, potential = run.result(), run.product()
        if potential is None:
            raise InputError("no epoch was finished, so nothing is trained")
        if self.curve:
            session.store(self.curve, data)
        if self.to:
            card = {"origin": f"trained on {run.workflow.about(run.subject)}", "training": _training(data.attrs)}
            path = save_weights(potential, self.to, card, overwrite=True)
            self.say(f"{path}: {path.stat().st_size / 1024:.0f} kB, fingerprint {potential.fingerprint[:12]}")
        return potential

    def _told_in_shell(self, run: Run) -> Any:
        from ..session import Session

        return self._value(run, Session())


def _training(attributes: dict) -> dict[str, Any]:
    """How it was trained: what the Dataset of the learning curve says of itself."""
    told = {name: json.loads(attributes[name]) for name in ("params", "data", "versions")}
    return told | {name: attributes[name] for name in ("created", "status", "wall_time")}
