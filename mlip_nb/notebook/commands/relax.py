"""`%mlip relax`: a structure at rest."""

import numpy as np

from ...workflows.relax import FLAT, Relax
from ..session import Session
from ._base import commands
from ._static import StaticCommand


@commands.register("relax")
class RunRelax(StaticCommand):
    """Relax positions, the cell, or both, at a pressure. The result is a Dataset of two frames: the start and the end.

    The report says whether the end is a minimum. With --rattle displaced starts are relaxed, too, and the lowest is
    kept. An interrupt (Ctrl-C) ends it and keeps what was computed.
    """

    workflow: Relax

    def _tell(self, data, session: Session) -> None:
        atoms, steps = data.sizes["atom"], data.sizes["iteration"] - 1
        start, end = data["potential_energy"].values
        self.say(
            f"{steps} steps: {end / atoms:.6f} eV/atom, {1e3 * (end - start) / atoms:+.4g} meV/atom; longest force "
            f"{float(data['largest_force'][-1]):.1e} eV/Å{_cell(data)}"
        )
        if data.sizes["start"] > 1:
            self.say(_about_starts(data["start_enthalpy"].values))
        if "lowest_curvature" in data:
            self.say(_verdict(float(data["lowest_curvature"])))


def _cell(data) -> str:
    from ase.geometry import cell_to_cellpar

    if "volume" not in data:
        return ""
    lengths = cell_to_cellpar(data["cell"].values[-1])
    told = ", ".join(f"{length:.5f}" for length in lengths[:3]), ", ".join(f"{angle:.3f}" for angle in lengths[3:])
    return f", stress {float(data['largest_stress'][-1]):.1e} GPa; cell {told[0]} Å; {told[1]}°"


def _about_starts(enthalpies: np.ndarray) -> str:
    gain = enthalpies[0] - enthalpies.min()
    if gain < 1e-4:
        return f"{len(enthalpies) - 1} displaced starts end nowhere lower"
    return f"a displaced start ends {gain:.4f} eV lower than the structure as it was given, and is kept"


def _verdict(curvature: float) -> str:
    value = f"lowest curvature {curvature:+.4g} eV/Å² at this cell"
    if curvature > FLAT:
        return f"a minimum: {value}"
    if curvature > -FLAT:
        return f"flat in one direction: {value}; a minimum to the accuracy of the forces"
    return f"NO minimum: {value}; displace atoms along ds['softest_direction'], or give --rattle 0.1"
