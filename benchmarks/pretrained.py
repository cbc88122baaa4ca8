"""Trains the potentials that come with the package, by seed: `python benchmarks/pretrained.py Si`.

Data: Y. Zuo et al., J. Phys. Chem. A 124, 731 (2020), repository materialsvirtuallab/mlearn, BSD-3-Clause, as extended
XYZ in the folder `shared/data/zuo2020` beside this checkout. Where there is no test set, a tenth of the frames is one.
"""

import argparse
import hashlib
import json
from pathlib import Path

from mlip_nb.learn import Labels, errors, examine, predictions, read_frames, split
from mlip_nb.potentials import save_weights
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.workflows.train import Train

DATA = Path(__file__).parents[2] / "shared" / "data" / "zuo2020"
TARGET = Path(__file__).parents[1] / "mlip_nb" / "potentials" / "pretrained"
ORIGIN = "trained by mlip_nb on PBE data of Zuo et al., J. Phys. Chem. A 124, 731 (2020)"
LICENCE = "Apache-2.0; data BSD-3-Clause"

FORMS = {
    "Si": {"degree": 4, "cutoff": 5.5},
    "Ge": {"degree": 4, "cutoff": 5.5},
    "Mo": {"degree": 4, "cutoff": 5.2},
    "Li": {"degree": 3, "cutoff": 6.0},
    "Ni": {"degree": 3, "cutoff": 5.0},
    "Cu": {"degree": 3, "cutoff": 5.0},
}
RECIPES = {
    "Si": {"epochs": 45, "batch": 128},
    "Ge": {"epochs": 40, "batch": 128},
    "Mo": {"epochs": 40, "batch": 108},
    "Li": {"epochs": 40, "batch": 108},
    "Ni": {"epochs": 36, "batch": 108, "decay": 0.15, "energy": 30},
    "Cu": {"epochs": 40, "batch": 108, "decay": 0.15, "energy": 30},
}
_CORE = 0.575
"""Half the distance, over the shortest one in the data, at which the repulsion of nuclei ends: a little beyond it."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("element", choices=FORMS)
    asked.add_argument("--data", type=Path, default=DATA)
    asked.add_argument("--to", type=Path, default=TARGET)
    given = asked.parse_args()
    made(given.element, given.data, given.to)


def made(element: str, data: Path, folder: Path) -> Path:
    """The file of one element."""
    training, test, kept = _frames(element, data)
    core = round(_CORE * examine(training).summary.shortest_distance, 2)
    spec = GauntSpec(symbols=(element,), members=4, precision="mixed", cores=(core,), **FORMS[element])
    workflow = Train(validation=0, **RECIPES[element])
    run = workflow.start(training, spec.build(), name=element)
    run.on_update(lambda run: print(run.done, {k: round(float(v[-1]), 4) for k, v in run.series.items()}, flush=True))
    data_set = run.wait().result()
    potential = run.product()
    card = {
        "summary": f"a committee of 4 for {element}, of density-functional (PBE) quality",
        "origin": ORIGIN,
        "licence": LICENCE,
        "command": f"python benchmarks/pretrained.py {element}",
        "data": {"file": _train_file(element, data).name, "sha256": _hash(_train_file(element, data)), "test": kept},
        "training": json.loads(data_set.attrs["params"]),
        "versions": json.loads(data_set.attrs["versions"]),
        "validity": _validity(element, training),
        "errors": _errors(potential, test),
    }
    print(json.dumps(card["errors"], indent=1))
    return save_weights(potential, folder / f"mlip-{element}.safetensors", card, overwrite=True)


def _train_file(element: str, data: Path) -> Path:
    return data / f"{element}_train.xyz.gz"


def _frames(element: str, data: Path):
    """To learn from, to test by, and which those are."""
    frames, apart = read_frames(_train_file(element, data)), data / f"{element}_test.xyz.gz"
    if apart.exists():
        return frames, read_frames(apart), apart.name
    return *split(frames, validation=0.1, seed=0), "a tenth of the frames: split(frames, validation=0.1, seed=0)"


def _errors(potential, test) -> dict[str, float]:
    """On the test set: eV/atom and eV/Å, of the committee and of each member."""
    labels = Labels.of(test)
    found = {"committee": potential} | {f"member {k}": potential.member(k) for k in range(potential.spec.members)}
    kinds = ("energy_mae", "energy_rmse", "force_mae", "force_rmse")
    told = {name: errors(predictions(one, test), labels) for name, one in found.items()}
    return {name: {kind: float(values[kind]) for kind in kinds} for name, values in told.items()}


def _validity(element: str, training) -> str:
    summary = examine(training).summary
    low, high = summary.energy_per_atom
    return (
        f"{element} as in the data: crystals, strained and hot ones, liquids, vacancies and surfaces; {summary.frames} "
        f"frames, forces up to {summary.force_largest:.1f} eV/Å, distances from {summary.shortest_distance:.2f} Å, "
        f"energies of {low:.3f} to {high:.3f} eV per atom. Not clusters, not gases, no other elements"
    )


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
