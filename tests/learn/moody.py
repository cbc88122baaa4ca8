"""A calculator to be let down by."""

import os
import time

import numpy as np
from ase.calculators.calculator import Calculator, all_changes


class Moody(Calculator):
    """A calculator that does what it is told to."""

    implemented_properties = ("energy", "forces")

    def __init__(self, mood: str):
        super().__init__()
        self.mood = mood

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        if self.mood == "fails":
            raise RuntimeError("SCF not converged\nin 100 cycles")
        if self.mood == "dies":
            os._exit(3)
        if self.mood == "sleeps":
            time.sleep(600)
        count = len(atoms) - (self.mood == "forgets")
        self.results = {"energy": np.nan if self.mood == "nan" else 0.0, "forces": np.zeros((count, 3))}
