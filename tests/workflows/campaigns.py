"""Campaigns that are done in no time: everything is real but for what learns, so that loops can be killed and compared.

For processes forked from one that has imported everything, too.
"""

import time
from pathlib import Path

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from ase.build import bulk
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT

from mlip_nb.learn import Labelled
from mlip_nb.potentials.gaunt import GauntSpec
from mlip_nb.system import from_ase
from mlip_nb.uncertainty import Calibrated, Scale
from mlip_nb.uncertainty.committee import Spread
from mlip_nb.workflows import _learning_loop as loop
from mlip_nb.workflows._candidates import Choice
from mlip_nb.workflows.explorers.rattle import Rattle
from mlip_nb.workflows.learn import Campaign, Learn

SPEC = GauntSpec(symbols=("Cu",), degree=1, channels=2, hidden=2, radial=2, cutoff=3.0, members=2)
LEARN = Learn(explorer=Rattle(structures=6), rounds=3, labels=4, processes=1)


class Slow(Calculator):
    """EMT that takes its time, fails now and then, and writes down each time it is asked."""

    implemented_properties = ("energy", "forces", "stress")

    def __init__(self, seconds: float = 0.0, diary: Path | None = None, fails: tuple[int, ...] = ()):
        super().__init__()
        self.seconds, self.diary, self.fails, self.asked = seconds, diary, fails, 0

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.asked += 1
        if self.diary is not None:
            with self.diary.open("a") as file:
                file.write("asked\n")
        time.sleep(self.seconds)
        if self.asked in self.fails:
            raise RuntimeError("SCF not converged")
        copy = atoms.copy()
        copy.calc = EMT()
        self.results = {
            "energy": copy.get_potential_energy(),
            "forces": copy.get_forces(),
            "stress": copy.get_stress(),
        }


def crystals(count: int = 2) -> list[Labelled]:
    """Copper without labels."""
    made = []
    for index in range(count):
        atoms = bulk("Cu", cubic=True)
        atoms.rattle(0.05, seed=index)
        made.append(Labelled(from_ase(atoms), None, None, None, index=index))
    return made


def campaign(**calculator) -> Campaign:
    """Nothing is known at the start, and EMT labels."""
    return Campaign(crystals(), labeller=Slow(**calculator))


def stand_in(patch=setattr) -> None:
    """What learns is replaced by sums over labels, which tell whether every label was heard of, once."""

    def trained(start, frames, recipe, rate, *, linear):
        total = sum(frame.energy + float(np.sum(frame.forces**2)) for frame in frames)
        readout = lambda one: one.members.readout  # noqa: E731
        yield lambda: eqx.tree_at(readout, start, jnp.full_like(readout(start), total))

    def chosen(brought, known, uncertainty, selector, *, count, **rest):
        sigma = 1.0 / len(known) * np.ones(len(brought))
        return Choice(list(brought[:count]), len(brought), sigma, sigma[:count])

    patch(loop, "first", lambda start, frames, share: start)
    patch(loop, "trained", trained)
    patch(loop, "trusted", lambda potential, *rest: Calibrated(Spread(potential), Scale(jnp.ones(()))))
    patch(loop, "chosen", chosen)
    patch(
        loop, "of_frames", lambda potential, frames: (float(len(frames)), float(potential.members.readout.ravel()[0]))
    )


def go_on(folder: Path, diary: Path) -> None:
    """From where the campaign stands to its end."""
    stand_in()
    LEARN.replace(folder=folder).run(campaign(seconds=0.03, diary=diary), SPEC.build())
