"""Active learning on real data beside chance: `python benchmarks/learn_silicon.py [--seeds 5]`.

Silicon of Zuo et al. (2020), DFT: 20 frames of the training set are known, the others are a pool whose labels are
looked at when they are asked for. Errors are those on the test set. Stability: how many walks of 20 ps at 1000 K with
64 atoms end by themselves and not by a guard, before and after.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np

import mlip_nb
from mlip_nb.errors import RunWarning
from mlip_nb.learn import read_frames
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.workflows.learn import Campaign, Learn

DATA = Path(__file__).parents[2] / "shared" / "data" / "zuo2020"
FORM = GauntSpec(symbols=("Si",), degree=3, channels=16, hidden=64, radial=8, cutoff=5.0, members=3)
SELECTORS = ("random", "most-uncertain", "log-det", "farthest-point")


def stable(potential, walks: int) -> int:
    """Of so many walks those that come to their end."""
    crystal = mlip_nb.load("Si", repeat=2)
    ended = 0
    for seed in range(walks):
        md = mlip_nb.MD(
            ensemble=mlip_nb.NVTLangevin(temperature=1000), steps=10_000, timestep=2.0, every=500, seed=seed
        )
        try:
            data = md.run(crystal, potential)
        except mlip_nb.MlipError:
            continue
        ended += data.attrs["status"] == "finished" and float(data["temperature"][5:].mean()) < 1500
    return ended


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--walks", type=int, default=5)
    asked.add_argument("--data", type=Path, default=DATA)
    asked.add_argument("--rounds", type=int, default=4)
    asked.add_argument("--labels", type=int, default=10)
    told = asked.parse_args()
    warnings.simplefilter("ignore", RunWarning)
    frames = read_frames(told.data / "Si_train.xyz.gz", forces="force")
    test = read_frames(told.data / "Si_test.xyz.gz", forces="force")
    print("| selector | force error with 20 labels and after each round, eV/Å, median | stable before | after |")
    print("|---|---|---|---|")
    for selector in SELECTORS:
        errors, walks = [], np.zeros(2, int)
        for seed in range(told.seeds):
            order = np.random.default_rng(seed).permutation(len(frames))
            known, pool = ([frames[place] for place in sorted(part)] for part in (order[:20], order[20:]))
            learn = Learn(
                explorer="pool", selector=selector, linear=True, rounds=told.rounds, labels=told.labels, seed=seed
            )
            campaign = Campaign(known, test=test, pool=pool)
            # Any error is good enough, so that this one ends with what is known.
            before = learn.replace(goal=1e9).start(campaign, FORM.build()).wait().product().potential
            run = learn.start(campaign, FORM.build())
            errors.append(run.result()["test_force_error"].values)
            walks += [stable(one, told.walks) for one in (before, run.product().potential)]
        path = ", ".join(f"{error:.3f}" for error in np.median(errors, axis=0))
        shares = " | ".join(f"{count} of {told.seeds * told.walks}" for count in walks)
        print(f"| {selector} | {path} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
