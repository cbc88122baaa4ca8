"""Trains the potentials that come with the package, by seed: `python benchmarks/pretrained.py Si`.

Data are read from the folder `shared/data` beside this checkout; `pretrained_tasks.py` says which, and how.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pretrained_tasks import TASKS, Task

from mlip_nb.learn import Labelled, Labels, errors, examine, is_isolated, predictions, read_frames, split
from mlip_nb.potentials import AbstractPotential, save_weights
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.workflows.train import Train

DATA = Path(__file__).parents[2] / "shared" / "data"
TARGET = Path(__file__).parents[1] / "mlip_nb" / "potentials" / "pretrained"
_CORE = 0.575
"""Half the distance, over the shortest one in the data, at which the repulsion of nuclei ends: a little beyond it."""
_ASIDE = "a tenth of the frames: split(frames, validation=0.1, seed=0)"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("name", choices=TASKS)
    asked.add_argument("--data", type=Path, default=DATA)
    asked.add_argument("--to", type=Path, default=TARGET)
    given = asked.parse_args()
    made(given.name, TASKS[given.name], given.data, given.to)


def made(name: str, task: Task, data: Path, folder: Path) -> Path:
    """The file of one potential."""
    training, tests = told_apart(task, data)
    spec = GauntSpec(symbols=task.symbols, members=4, cores=cores_of(task, training), **task.form)
    # Before anything is trained: what is wrong with a card is known at once.
    card = _card(name, task, data) | {"validity": _validity(task, training)}
    run = Train(validation=0, **task.recipe).start(training, spec.build(), name=name)
    run.on_update(lambda run: print(run.done, {k: round(float(v[-1]), 4) for k, v in run.series.items()}, flush=True))
    curve = run.wait().result()
    potential = run.product()
    card |= {
        "training": json.loads(curve.attrs["params"]),
        "versions": json.loads(curve.attrs["versions"]),
        "errors": _of_members(potential, [frame for frames in tests.values() for frame in frames]),
        "errors_by_test": {test: test_errors(potential, frames) for test, frames in tests.items()},
    }
    print(json.dumps(card["errors"] | card["errors_by_test"], indent=1))
    return save_weights(potential, folder / f"mlip-{name}.safetensors", card, overwrite=True)


def _card(name: str, task: Task, data: Path) -> dict:
    """What is known before it is trained."""
    files = [*task.whole, *task.tests]
    return {
        "summary": f"a committee of 4 for {task.about}",
        "origin": task.origin,
        "licence": task.licence,
        "default": task.default,
        "command": f"python benchmarks/pretrained.py {name}",
        "data": {
            "file": ", ".join(Path(file).name for file in files),
            "sha256": ", ".join(hashlib.sha256((data / file).read_bytes()).hexdigest() for file in files),
            "test": ", ".join(Path(test).name if test else _ASIDE for test in task.tests.values()),
        },
    }


def told_apart(task: Task, data: Path) -> tuple[list[Labelled], dict[str, list[Labelled]]]:
    """To learn from, and to test by."""
    training = [frame for file in task.whole for frame in read_frames(data / file)]
    tests = {}
    for file, test in task.tests.items():
        frames, name = read_frames(data / file), Path(file).name.split("_")[0]
        known, tests[name] = (frames, read_frames(data / test)) if test else split(frames, validation=0.1, seed=0)
        training += known
    # Each file counts from zero.
    return [replace(frame, index=place) for place, frame in enumerate(training)], tests


def cores_of(task: Task, training: Sequence[Labelled]) -> tuple[float, ...]:
    """Å, by the pairs of each element alone, where there are any; a molecule has the usual ones."""
    if task.whole:
        return ()
    own = ([frame for frame in training if symbol in frame.system.symbols] for symbol in task.symbols)
    return tuple(round(_CORE * examine(frames).summary.shortest_distance, 2) for frames in own)


def _of_members(potential: AbstractPotential, test: Sequence[Labelled]) -> dict[str, dict[str, float]]:
    """On all that was tested."""
    members = {f"member {k}": potential.member(k) for k in range(potential.spec.members)}
    return {name: test_errors(one, test) for name, one in ({"committee": potential} | members).items()}


def test_errors(potential: AbstractPotential, test: Sequence[Labelled]) -> dict[str, float]:
    """eV/atom and eV/Å."""
    told = errors(predictions(potential, test), Labels.of(test))
    return {kind: float(told[kind]) for kind in ("energy_mae", "energy_rmse", "force_mae", "force_rmse")}


def _validity(task: Task, training: Sequence[Labelled]) -> str:
    summary = examine([frame for frame in training if not is_isolated(frame)]).summary
    low, high = summary.energy_per_atom
    return (
        f"{', '.join(task.symbols)} as in the data: {task.like}; {summary.frames} frames, forces up to "
        f"{summary.force_largest:.1f} eV/Å, distances from {summary.shortest_distance:.2f} Å, energies of {low:.3f} to "
        f"{high:.3f} eV per atom. {task.unlike[0].upper()}{task.unlike[1:]}"
    )


if __name__ == "__main__":
    main()
