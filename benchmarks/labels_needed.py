"""Labels that each strategy needs to reach a force error: `python benchmarks/labels_needed.py [--seeds 5]`.

Silicon by Stillinger and Weber, 8 atoms: each seed begins with four other crystals, hardly displaced, and is judged by
frames at 1200 K that nobody learns from. The potential is linear in features of random networks, three members.
"""

import argparse
import warnings

import numpy as np
from ase.build import bulk

import mlip_nb
from mlip_nb.errors import RunWarning
from mlip_nb.learn import Labelled, read_frames
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.system import from_ase
from mlip_nb.workflows.learn import Campaign, Learn

FORM = GauntSpec(symbols=("Si",), degree=3, channels=8, hidden=64, radial=6, cutoff=4.0, members=3)
HOT = {"name": "hot-md", "steps": 400, "every": 20, "walks": 2, "hottest": 1500, "timestep": 2.0}
ATTACK = {"name": "attack", "structures": 8, "starts": 3, "iterations": 10}
RATTLE = {"name": "rattle", "displacement": 0.15, "strain": 0.02}
STRATEGIES = {
    "rattle, random": (RATTLE, "random"),
    "hot MD, random": (HOT, "random"),
    "hot MD, most uncertain": (HOT, "most-uncertain"),
    "hot MD, log-det": (HOT, "log-det"),
    "hot MD, farthest point": (HOT, "farthest-point"),
    "attack, most uncertain": (ATTACK, "most-uncertain"),
    "attack, log-det": (ATTACK, "log-det"),
}


def crystals(seed: int) -> list[Labelled]:
    """What every strategy begins with."""
    made = []
    for index in range(4):
        atoms = bulk("Si", cubic=True)
        atoms.rattle(0.03, seed=10 * seed + index)
        made.append(Labelled(from_ase(atoms), None, None, None, index=index))
    return made


def test_frames(truth) -> list[Labelled]:
    """Every 100 fs of 8 ps at 1200 K."""
    hot = mlip_nb.MD(ensemble=mlip_nb.NVTLangevin(temperature=1200), steps=4000, every=50, timestep=2.0, seed=7)
    return read_frames(hot.run(mlip_nb.load("Si"), truth))[10:]


def errors(explorer: dict, selector: str, seed: int, campaign: Campaign, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels used, and the error of forces on test frames, after each round."""
    learn = Learn(explorer=explorer, selector=selector, linear=True, rounds=rounds, labels=4, seed=seed)
    data = learn.run(campaign, FORM.build())
    return data["labels_used"].values, data["test_force_error"].values


def needed(labels: np.ndarray, found: np.ndarray, target: float) -> float:
    """Labels at which the error is first below the target; infinite where it never is."""
    below = np.flatnonzero(found <= target)
    return float(labels[below[0]]) if len(below) else np.inf


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--targets", type=float, nargs="+", default=[0.6, 0.5, 0.4])
    told = asked.parse_args()
    warnings.simplefilter("ignore", RunWarning)
    truth = mlip_nb.potential("stillinger-weber")
    test = test_frames(truth)
    campaigns = [Campaign(crystals(seed), labeller=truth, test=test) for seed in range(told.seeds)]
    head = " | ".join(f"labels to {target:g} eV/Å" for target in told.targets)
    print(f"| strategy | {head} | error after all labels |\n|---|" + "---|" * (len(told.targets) + 1))
    for name, (explorer, selector) in STRATEGIES.items():
        runs = [errors(explorer, selector, seed, one, told.rounds) for seed, one in enumerate(campaigns)]
        counts = [sorted(needed(*run, target) for run in runs) for target in told.targets]
        spread = [f"{np.median(each):g} ({each[0]:g} to {each[-1]:g})" for each in counts]
        last = [found[-1] for _, found in runs]
        print(
            f"| {name} | {' | '.join(spread)} | {np.median(last):.3f} ({min(last):.3f} to {max(last):.3f}) |",
            flush=True,
        )


if __name__ == "__main__":
    main()
