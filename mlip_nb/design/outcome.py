"""What an evaluation of a design tells."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float

from .medium import Arrangement
from .uncertain import Uncertain


class Settings(eqx.Module):
    """What may change while a design goes on."""

    goals: Float[Array, " targets"]
    sharpness: Float[Array, ""]
    """Logits times this are what shares are made of."""
    weights: Float[Array, " targets"] | None = None
    """How much each target counts; None: one each."""


class Outcome(eqx.Module):
    """One evaluation."""

    value: Float[Array, "*starts"]
    """What the optimiser sees: objective, and what constraints cost."""
    slope: Float[Array, "*starts numbers"]
    objective: Float[Array, "*starts"]
    """What was asked for alone."""
    residuals: Float[Array, "*starts targets"]
    """Each target's distance from its goal, in units of its scale, by the root of its weight."""
    jacobian: Float[Array, "*starts targets numbers"] | None
    seen: dict[str, Array]
    """Quantities that were looked at."""
    equal: Float[Array, "*starts equalities"]
    positive: Float[Array, "*starts inequalities"]
    arrangement: Arrangement
    rest: Float[Array, "*starts coordinates"]
    """Where the structure relaxed to: where the next one starts."""
    force: Float[Array, "*starts"]
    """The largest that is left, eV/Å."""
    serves: Array
    share: Float[Array, "*starts"]
    """Of the samples of thermal averages, which carry the weights; one where there are none."""
    means: dict[str, Array]
    """Thermal averages that were looked at."""
    thermal: Uncertain | None = None
    """The objective and all averages with errors; None where nothing has a temperature."""

    @classmethod
    def of(cls, told: Mapping[str, np.ndarray]) -> "Outcome":
        """Of the arrays that `named` gives."""
        parts = {name: below(told, name) for name in ("seen", "means")}
        parts["arrangement"] = Arrangement(**below(told, "arrangement"))
        if thermal := below(told, "thermal"):
            parts["thermal"] = Uncertain(**thermal)
        whole = {field.name: told.get(field.name) for field in dataclasses.fields(cls)}
        return cls(**whole | parts)

    def part(self, here: slice) -> "Outcome":
        """Of some of the designs."""
        return jax.tree.map(lambda leaf: np.asarray(leaf)[here], self)


def named(tree: Any) -> dict[str, np.ndarray]:
    """All arrays of a tree, by where they are in it; copies."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="."): np.array(leaf) for path, leaf in leaves}


def below(told: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    """Those whose names begin with this one, by the rest of their names."""
    return {key.removeprefix(f"{name}."): value for key, value in told.items() if key.startswith(f"{name}.")}
