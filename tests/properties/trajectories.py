"""Datasets of made-up trajectories."""

import json

import numpy as np

from mlip_nb.results import build_dataset


def dataset_of(positions, symbols, *, cell=None, interval=1.0, **more):
    """Frames some fs apart; periodic where there is a cell."""
    frames = len(positions)
    cells = {} if cell is None else {"cell": np.broadcast_to(cell, (frames, *np.shape(cell)))}
    return build_dataset(
        {
            "step": np.arange(frames),
            "time": interval * np.arange(frames),
            "symbol": np.array(symbols),
            "mass": np.ones(len(symbols)),
            "positions": positions,
            **cells,
            **more,
        },
        attrs={"pbc": json.dumps([cell is not None] * 3)},
    )


def standing(atoms, frames=3):
    """A structure that does not move."""
    return dataset_of(np.stack([atoms.positions] * frames), atoms.get_chemical_symbols(), cell=atoms.cell.array)


def walkers(frames, atoms, step=0.1, seed=0):
    """Positions of independent random walks; 6 D t = 3 step² t."""
    return np.random.default_rng(seed).normal(scale=step, size=(frames, atoms, 3)).cumsum(axis=0)
