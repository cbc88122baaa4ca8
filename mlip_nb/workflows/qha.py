"""A crystal at a temperature, quasi-harmonically: expansion, heat capacity at constant pressure, softening."""

from typing import TYPE_CHECKING, Annotated, Literal

import annotated_types
import numpy as np

from .. import units
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System
from ._at_rest import at_rest
from ._expansion import Expansion
from ._phonopy import Crystals
from ._statics import origin
from ._volumes import at_volumes

if TYPE_CHECKING:
    import xarray as xr
    from phonopy.qha.qha import QHAResult


class QuasiHarmonic(Expansion):
    """Which volumes and temperatures."""

    span: Annotated[float, annotated_types.Gt(0), annotated_types.Lt(0.3)] = 0.04
    """Largest change of the volume to either side, as a share: it has to hold the expansion."""
    volumes: Annotated[int, annotated_types.Ge(5), annotated_types.Le(51)] = 7
    """How many volumes, each with phonons of its own."""
    form: Literal["vinet", "birch_murnaghan", "murnaghan"] = "vinet"
    """Equation of state that is fitted to free energies."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Volume, expansion, bulk modulus, Gibbs energy and heat capacity by temperature, by phonopy.

        The cell is scaled alike in all directions, atoms relaxed in each.

        **Raises:** `InputError` for what is no crystal, and potentials without second derivatives.
        """
        from phonopy import run_qha

        self.check(system, potential, "free energies")
        rest = at_rest(system, potential, "free energies", relax=self.relax, pressure=self.pressure)
        factors = np.linspace(1 - self.span, 1 + self.span, self.volumes)
        crystals = list(at_volumes(rest.system, potential, factors))
        maker = Crystals(potential, self)
        phonons = [maker.phonons(one) for one in crystals]
        cells = len(rest.system.numbers) / (atoms := len(phonons[0].primitive))
        energies = [float(potential.evaluate(one).energy) / cells for one in crystals]
        # Motions of the whole crystal have frequencies of rounding, whose logarithms are not small.
        found = run_qha(
            phonons,
            self.kelvins(),
            energies,
            mesh=self.waves(phonons),
            pressure=self.pressure,
            eos=self.form,
            exclude_gamma_acoustic=True,
        )
        low, high = found.volumes.min(), found.volumes.max()
        beyond = (found.equilibrium_volumes <= low) | (found.equilibrium_volumes >= high)
        self.check_held(beyond, "volumes", self.span)
        return build_dataset(
            {**rest.variables, **_told(found, np.array(energies), atoms)},
            attrs=origin("qha", self, rest.system, potential),
        )


def _told(found: "QHAResult", energies: np.ndarray, atoms: int) -> dict[str, object]:
    """Per atom."""
    return {
        "harmonic_temperature": found.temperatures,
        "sampled_volume": found.volumes / atoms,
        "sampled_energy": energies / atoms,
        "sampled_free_energy": found.helmholtz_volume.T / atoms,
        "thermal_volume": found.equilibrium_volumes / atoms,
        # At 0 K there is none, and differences have none to begin with.
        "thermal_expansion": found.thermal_expansion,
        "thermal_bulk_modulus": units.from_internal(found.bulk_moduli, "GPa"),
        "gibbs_energy": found.gibbs_free_energies / atoms,
        "pressure_heat_capacity": found.heat_capacity_P.heat_capacities / units.BOLTZMANN / atoms,
    }
