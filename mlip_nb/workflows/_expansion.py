"""What quasi-harmonic verbs have in common: temperatures, a pressure, and cells that hold the expansion."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import annotated_types
import numpy as np
from jaxtyping import Bool, Float, Int

from ..errors import RunWarning
from ..params import Count, Pressure, Temperature
from ._phonopy import Supercell

if TYPE_CHECKING:
    from phonopy import Phonopy


class Expansion(Supercell):
    """A crystal that expands as it gets warmer."""

    hottest: Temperature = 1000.0
    """Highest temperature."""
    temperatures: Annotated[Count, annotated_types.Ge(5)] = 101
    """How many temperatures, from 0 K on."""
    pressure: Pressure = 0.0
    """External pressure, compression positive."""
    relax: bool = False
    """Relax positions and cell first."""

    def kelvins(self) -> Float[np.ndarray, " temperatures"]:
        """With one more than is told: differences use up the last."""
        return self.hottest / (self.temperatures - 1) * np.arange(self.temperatures + 1)

    def waves(self, phonons: "Sequence[Phonopy]") -> Int[np.ndarray, "3"]:
        """One mesh for all cells: a length would be rounded to other numbers for some. Odd ones hold Γ unasked."""
        middle = phonons[len(phonons) // 2]
        middle.run_mesh(self.mesh)
        return middle.mesh.mesh_numbers | 1

    def check_held(self, beyond: Bool[np.ndarray, " temperatures"], what: str, span: float) -> None:
        """Cells beyond those with phonons are no result."""
        if beyond.any():
            first = self.kelvins()[np.argmax(beyond)]
            warnings.warn(
                f"from {first:.0f} K on the crystal leaves the {what} that were looked at; take a larger --span than "
                f"{span:g}, or --relax",
                RunWarning,
                stacklevel=4,
            )
