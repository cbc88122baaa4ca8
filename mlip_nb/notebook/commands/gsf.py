"""`%mlip gsf`: what it costs to slide half of a crystal over the other."""

import numpy as np

from ...workflows.stacking_fault import StackingFault
from ..session import Session
from ._base import commands
from ._static import StaticCommand
from ._with_error import with_error


@commands.register("gsf")
class RunStackingFault(StaticCommand):
    """Generalised stacking-fault energies of a plane: the curve along a direction, with the stable and the unstable
    fault, or with --second the surface over two directions.

    Of fcc, `--miller 1,1,1 --direction 1,1,-2` passes the intrinsic stacking fault at a third of the way; of diamond it
    lies in the glide planes (--gap narrowest). The result is a Dataset whose frames are the slides.
    """

    workflow: StackingFault

    def _tell(self, data, session: Session) -> None:
        way = float(np.linalg.norm(data["slide_translation"]))
        if "fault_energy_map" in data:
            highest = float(data["fault_energy_map"].max())
            self.say(f"up to {highest:.4f} J/m²; translations of {way:.4f} and {_length(data)} Å")
            return
        at = float(data["unstable_fault_slide"])
        self.say(
            f"unstable fault {with_error(data, 'unstable_fault_energy', 4)} J/m² at {at:.3f} of {way:.4f} Å; "
            f"{_stable(data)}; shear strength {with_error(data, 'ideal_shear_strength', 2)} GPa"
        )


def _length(data) -> str:
    return f"{float(np.linalg.norm(data['slide_translation2'])):.4f}"


def _stable(data) -> str:
    energy, at = float(data["stable_fault_energy"]), float(data["stable_fault_slide"])
    if np.isnan(energy):
        return "no stable one on this line"
    # Rounding below zero is none.
    shown = data.assign(stable_fault_energy=round(energy, 4) + 0.0)
    return f"stable fault {with_error(shown, 'stable_fault_energy', 4)} J/m² at {at:.3f}"
