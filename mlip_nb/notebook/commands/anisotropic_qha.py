"""`%mlip anisotropic-qha`: the quasi-harmonic approximation, lattice vector by lattice vector."""

import numpy as np

from ...workflows.anisotropic_qha import AnisotropicQuasiHarmonic
from ..session import Session
from ._base import commands
from ._static import StaticCommand


@commands.register("anisotropic-qha")
class RunAnisotropicQuasiHarmonic(StaticCommand):
    """A crystal at a temperature, quasi-harmonically: how long each lattice vector is, and how it expands.

    By phonopy from phonons in cells of all combinations of lengths, with exact force constants and atoms relaxed in
    each. Of a cubic crystal `qha` tells the same, from fewer cells.
    """

    workflow: AnisotropicQuasiHarmonic

    def _tell(self, data, session: Session) -> None:
        place = int(np.abs(data["harmonic_temperature"].values - 300).argmin())
        one = data.isel(harmonic_temperature=place)
        lengths = ", ".join(f"{length:.5f}" for length in one["thermal_lengths"].values)
        expansions = ", ".join(f"{1e6 * expansion:.3f}" for expansion in one["axial_expansion"].values)
        self.say(
            f"at {float(one['harmonic_temperature']):.0f} K: a, b, c {lengths} Å; linear expansion along them "
            f"{expansions} 1e-6/K"
        )
