"""Surface energies, of slabs of growing thickness."""

from typing import TYPE_CHECKING, Annotated

import annotated_types
import numpy as np

from .. import units
from ..params import Count, Length
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..statics.slabs import area, slab
from ..system import System, check
from ._property import Property
from ._statics import FRAMES, end_of, origin, unbroken
from .relax import Relax

if TYPE_CHECKING:
    import xarray as xr


class Surface(Property):
    r"""What it costs to cut a crystal, for each of two faces:

    $$\gamma = \frac{E_\text{slab} - N e_\text{crystal}}{2A}$$

    In the plane the slab keeps the lattice of the crystal. A compound must be cut so that the slab has its composition.
    """

    miller: tuple[int, int, int] = (1, 1, 1)
    """Indices of the plane, in the cell as it is given."""
    layers: Annotated[tuple[Count, ...], annotated_types.MinLen(1)] = (3,)
    """Thickness, in repeats of the oriented cell; several show how it converges."""
    vacuum: Length = 12.0
    """Between a slab and its image."""
    relax_crystal: bool = True
    """Relax cell and positions of the crystal first."""
    relaxation: Relax = Relax(moving="positions")
    """How the slab relaxes; displaced starts (--rattle) find reconstructions that its cell has room for."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Surface energies by thickness; the two frames are start and end of the thickest slab.

        **Raises:** `InputError` for what has no surface.
        """
        check(system)
        slab(system, self.miller, min(self.layers), self.vacuum)
        crystal = end_of(unbroken(Relax(check=False).of(system, potential)), system) if self.relax_crystal else system
        cases = [self._case(crystal, layers, potential) for layers in sorted(self.layers)]
        rows = {name: np.array([row[name] for row, _ in cases]) for name in cases[0][0]}
        frames = {name: cases[-1][1][name].values for name in FRAMES if name in cases[-1][1]}
        return build_dataset({**frames, **rows}, attrs={**origin("surface", self, system, potential)})

    def _case(self, crystal: System, layers: int, potential: AbstractPotential):
        """One thickness: its row, and the relaxation of the slab."""
        cut = slab(crystal, self.miller, layers, self.vacuum)
        relaxed = unbroken(self.relaxation.of(cut, potential))
        share, faces = len(cut.numbers) / len(crystal.numbers), 2 * area(cut)

        perfect = float(potential.evaluate(crystal).energy)

        def energy(of_slab):
            return units.from_internal((of_slab - share * perfect) / faces, "J/m²")

        row = {
            "layers": layers,
            "unrelaxed_surface_energy": energy(float(relaxed["potential_energy"].values[0])),
            "surface_energy": energy(float(np.nanmin(relaxed["start_enthalpy"].values))),
        }
        return row, relaxed
