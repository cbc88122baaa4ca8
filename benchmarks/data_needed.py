"""Test errors of one potential against how many frames it learned: `python benchmarks/data_needed.py Ni`.

The form and recipe of `pretrained_tasks.py`, one member; a part of the data is learned for as many steps as all.
"""

import argparse
from dataclasses import replace

import numpy as np
from pretrained import DATA, cores_of, test_errors, told_apart
from pretrained_tasks import TASKS

from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.workflows.train import Train

PARTS = (0.25, 0.5, 1.0)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("name", choices=TASKS)
    name = asked.parse_args().name
    task = TASKS[name]
    training, tests = told_apart(task, DATA)
    aside = [frame for frames in tests.values() for frame in frames]
    order = np.random.default_rng(0).permutation(len(training))
    potential = GauntSpec(symbols=task.symbols, cores=cores_of(task, training), **task.form).build()
    print("| frames | energy, meV/atom | force, eV/Å |\n|---|---|---|")
    for part in PARTS:
        frames = [
            replace(training[place], index=count) for count, place in enumerate(order[: round(part * len(order))])
        ]
        recipe = {**task.recipe, "epochs": round(task.recipe["epochs"] / part)}
        run = Train(validation=0, **recipe).start(frames, potential)
        run.wait().result()
        found = test_errors(run.product(), aside)
        print(f"| {len(frames)} | {1e3 * found['energy_rmse']:.2f} | {found['force_rmse']:.4f} |", flush=True)


if __name__ == "__main__":
    main()
