"""`%mlip phonons`: bands, states and harmonic thermodynamics."""

from ...workflows.phonons import Phonons
from ..session import Session
from ._base import commands
from ._static import StaticCommand
from ._with_error import with_error


@commands.register("phonons")
class RunPhonons(StaticCommand):
    """Phonons of a crystal: bands along seekpath's path, density of states, free energy, entropy, heat capacity.

    Force constants are exact second derivatives in a supercell; phonopy does what follows.
    """

    workflow: Phonons

    def _tell(self, data, session: Session) -> None:
        highest, lowest = float(data["phonon_frequency"].max()), float(data["lowest_frequency"])
        self.say(
            f"supercell of {data.attrs['supercell_atoms']} atoms; frequencies from {lowest:.3f} to {highest:.3f} THz"
            f"{' (negative: imaginary)' if lowest < -1e-3 else ''}"
        )
        zero = with_error(data.isel(harmonic_temperature=0), "harmonic_free_energy", 2, 1e3)
        self.say(f"zero-point energy {zero} meV/atom")
