"""A property that costs nothing, and potentials that it can tell apart."""

from typing import Literal

import numpy as np

import mlip_nb
from mlip_nb.errors import SimulationError
from mlip_nb.potentials.gaunt import Committee, GauntSpec
from mlip_nb.results import build_dataset
from mlip_nb.workflows._property import Property
from mlip_nb.workflows._statics import atoms_of, origin

SPEC = GauntSpec(symbols=("Cu",), degree=1, channels=2, hidden=4, radial=4, cutoff=2.8, precision="float64")
_REASONS = {
    "hatred": SimulationError("it is hated"),
    "memory": MemoryError("no room\nfor this"),
    "interrupt": KeyboardInterrupt(),
}


class Cohesion(Property):
    """Energy and forces as they are, with as many supercells as there are atoms."""

    hates: str = ""
    """Formula of a structure that it fails on."""
    reason: Literal["hatred", "memory", "interrupt"] = "hatred"
    """Why it fails."""

    def of(self, system, potential, /):
        """A scalar, frames, a dim with labels, and one without."""
        if system.formula == self.hates:
            raise _REASONS[self.reason]
        found = potential.evaluate(system)
        energy, atoms = float(found.energy), len(system.numbers)
        return build_dataset(
            {
                **atoms_of(system),
                "positions": np.asarray(system.positions, float)[None],
                "cell": np.asarray(system.cell, float)[None],
                "forces": np.asarray(found.forces, float)[None],
                "potential_energy": np.array([energy]),
                "equilibrium_energy": energy / atoms,
                "supercell": np.arange(1, atoms + 1),
                "defect_energy": energy * np.arange(1, atoms + 1.0),
                "sampled_energy": np.full(atoms, energy),
                "path_sign_changes": atoms,
            },
            attrs=origin("cohesion", self, system, potential),
        )


def committee(*seeds: int) -> Committee:
    """Of random weights."""
    return Committee.of([SPEC.replace(weight_seed=seed).build() for seed in seeds], SPEC.replace(members=len(seeds)))


def crystals() -> dict[str, mlip_nb.System]:
    """One atom and two."""
    return {"one": mlip_nb.load("Cu", primitive=True), "two": mlip_nb.load("Cu", primitive=True, repeat=(2, 1, 1))}
