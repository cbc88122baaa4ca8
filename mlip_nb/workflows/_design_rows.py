"""What an iteration of a design adds to the Dataset and to the panel."""

from collections.abc import Mapping

import jax
import numpy as np
from ase.data import atomic_numbers

from ..design import QUANTITIES, Campaign, Outcome
from ._design_goals import GOAL
from ._plots import Plot, Trace
from ._thermal_rows import thermal_row


def row_of(campaign: Campaign, found: Outcome, vectors: np.ndarray, iteration: int, *, rounded: bool) -> dict:
    """One frame: every start, the best first."""
    order = np.argsort(campaign.merits(found), kind="stable")
    found, vectors = jax.tree.map(lambda leaf: np.asarray(leaf)[order], found), vectors[order]
    row = {
        "design_start": order,
        "design_objective": found.objective,
        "design_slope": np.linalg.norm(found.slope, axis=1),
        "constraint_violation": campaign.violations(found),
        "relaxed_force": found.force,
        "positions": found.arrangement.positions,
        "cell": found.arrangement.cell,
        "design_vector": vectors,
        **_shares(campaign, vectors, rounded=rounded),
        **thermal_row(found),
    }
    row = {name: np.asarray(value)[None] for name, value in (row | _seen(found)).items()}
    once = {"step": iteration, "design_iteration": iteration}
    once |= {"evaluations": campaign.evaluations, "rounded": int(rounded)}
    told = {"goal_value": campaign.goals, "goal_weight": campaign.weights}
    goals = {name: values[None] for name, values in told.items() if len(values)}
    once |= {"draws": campaign.problem.reservoir.draws} if campaign.problem.reservoir else {}
    return row | {name: np.array([value]) for name, value in once.items()} | goals


def _seen(found: Outcome) -> dict[str, np.ndarray]:
    """Quantities by the names of their rows."""
    return {f"design_{name}": np.asarray(values) for name, values in found.seen.items()}


def _shares(campaign: Campaign, vectors: np.ndarray, *, rounded: bool) -> dict[str, np.ndarray]:
    """Of the elements of the potential on every site, and the one that it has most of."""
    if (shares := campaign.shares(vectors, rounded=rounded)) is None:
        return {}
    numbers = np.array([atomic_numbers[symbol] for symbol in campaign.elements])
    return {"shares": shares, "site_number": np.asarray(numbers[shares.argmax(axis=1)])}


def series_of(row: Mapping[str, np.ndarray], names: list[str]) -> dict[str, np.ndarray]:
    """Numbers of the best start."""
    told = {name: row[name][:, 0] for name in ("design_objective", "design_slope", "constraint_violation")}
    return {"design_iteration": row["design_iteration"]} | told | {name: row[f"design_{name}"][:, 0] for name in names}


def plots_of(names: list[str]) -> tuple[Plot, ...]:
    """The objective, and every quantity that is wanted."""
    wanted = [Plot(name, QUANTITIES[name].unit, (Trace("best", name),), target=GOAL + name) for name in names]
    objective = Plot("Objective", "1", (Trace("best", "design_objective"),), logarithmic=True)
    slope = Plot("Gradient", "1", (Trace("best", "design_slope"),), logarithmic=True, detail=True)
    return (objective, *wanted, slope)
