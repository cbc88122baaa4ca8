"""What an attack is worth beside chance: `python benchmarks/attack.py [--seeds 5]`.

Committees that have seen silicon at 300 K only, by Stillinger and Weber, in cells of 8 atoms: one is trained by
gradients, two are fitted by their last layers, on other random features and other frames. Thermal structures of 64
atoms, from other seeds, are attacked with the defaults of `%mlip attack`. Chance: random displacements of every atom as
long; medians of five. An attack has won where it gives twice the uncertainty for a quarter of the energy.
"""

import argparse
import dataclasses
import warnings
from collections.abc import Iterator

import numpy as np
from ase.build import bulk

import mlip_nb
from mlip_nb.learn import Labelled, Recipe, fit_linear, fresh
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.system import System, from_ase
from mlip_nb.uncertainty import uncertainties
from mlip_nb.workflows.train import Train

THERMAL = mlip_nb.MD(timestep=2.0, ensemble=mlip_nb.NVTLangevin(temperature=300, friction=10))
TRAINED = GauntSpec(
    symbols=("Si",), degree=2, channels=8, hidden=16, radial=6, cutoff=3.8, precision="float64", members=5
)
FITTED = TRAINED.replace(hidden=96)
TRUTH = mlip_nb.potential("stillinger-weber")


def structures(cells: int, count: int, seed: int) -> list[System]:
    """Every 0.4 ps of one run at 300 K, its first picosecond left out."""
    crystal = from_ase(bulk("Si", cubic=True).repeat(cells))
    data = THERMAL.replace(steps=200 * (count + 3), every=200, seed=seed).run(crystal, TRUTH)
    return [dataclasses.replace(data.mlip.system(frame), momenta=None) for frame in range(3, count + 3)]


def cold(seed: int) -> list[Labelled]:
    """What a committee learns from."""
    made = []
    for index, system in enumerate(structures(1, 24, seed)):
        told = TRUTH.evaluate(system)
        made.append(Labelled(system, float(told.energy), np.asarray(told.forces), None, index=index))
    return made


def committees() -> Iterator[tuple[str, Committee]]:
    """One after another, by how they were made."""
    train = Train(epochs=40, validation=0.0, batch=16, energy=0.0)
    yield "trained", train.start(cold(100), TRAINED.build()).wait().product()
    for seed in (1, 2):
        frames = cold(100 + seed)
        start = fresh(FITTED.replace(weight_seed=100 * seed), frames)
        yield f"last layer, seed {seed}", fit_linear(start, frames, Recipe())[0]


def row(name: str, committee: Committee, seeds: int, frames: int, attack: mlip_nb.Attack) -> str:
    """Of the table."""
    uncertainty = uncertainties["committee"]().fitted(committee)
    found = [
        attack.replace(seed=seed).run(start, uncertainty, reference=TRUTH)
        for seed in range(seeds)
        for start in structures(2, frames, seed)
    ]
    gain, cost, error = (
        np.concatenate([(one[of] / one[f"chance_{beside}"]).values for one in found])
        for of, beside in (("frame_uncertainty", "uncertainty"), ("energy_rise", "energy_rise"), ("true_error",) * 2)
    )
    won = (gain >= 2) & (cost <= 0.25)
    shares = [f"{100 * one.mean():.0f} %" for one in (gain >= 2, cost <= 0.25, won, error > 1)]
    middle = [
        f"{np.median(one):.2f} ({np.quantile(one, 0.1):.2f} to {np.quantile(one, 0.9):.2f})"
        for one in (gain, cost, error)
    ]
    return (
        f"| {name} | {len(gain)} | {middle[0]} | {middle[1]} | {' | '.join(shares[:3])} | {middle[2]} | {shares[3]} |"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--frames", type=int, default=2)
    told = asked.parse_args()
    warnings.simplefilter("ignore")
    print(
        "| committee | starts | σ over chance, median (10 % to 90 %) | energy over chance | σ twice |"
        " energy a quarter | both | true error over chance | larger error |\n|---|---|---|---|---|---|---|---|---|"
    )
    for name, committee in committees():
        print(row(name, committee, told.seeds, told.frames, mlip_nb.Attack(starts=1)), flush=True)


if __name__ == "__main__":
    main()
