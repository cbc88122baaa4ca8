"""The Peierls barrier of a dislocation, and the stress that it takes to move it."""

import json
from typing import TYPE_CHECKING

import numpy as np

from .. import units
from ..errors import InputError
from ..params import Length, Params
from ..path_integrals._landscape import Landscape
from ..path_integrals.dislocation import Glide
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System
from ..telling import Tell, nothing_told
from ._band import surface_of
from ._dislocation import Line
from ._neb import NEB

if TYPE_CHECKING:
    import xarray as xr


class Peierls(Params):
    r"""Energy of a dislocation on its way from one valley of the lattice to the next, and the Peierls stress

    $$\tau_P = \frac{1}{bL} \max_X \frac{dE}{dX}$$

    with X the position of the line of length L, by a path of least energy; with `shear` by a load that pushes the line
    on, too.

    ??? cite "Reference"
        R. Peierls, *Proc. Phys. Soc.* **52**, 34 (1940), doi:10.1088/0959-5309/52/1/305; J. P. Hirth, J. Lothe,
        *Theory of Dislocations* (Wiley, 1982)
    """

    burgers: Length | None = None
    """Length of the Burgers vector; of a line that is built here, its own."""
    glide: Length | None = None
    """How far the line goes from start to end; a Burgers vector when not given."""
    length: Length | None = None
    """Length of the line; that of the third lattice vector when not given."""
    path: NEB = NEB(images=11)
    """How the path is found."""
    shear: bool = False
    """Also push the line on, with all else at rest, and tell the largest load that it bears."""

    def of_line(self, line: Line, potential: AbstractPotential, tell: Tell = nothing_told) -> "xr.Dataset":
        """The same for a line that `ScrewDislocation` has built."""
        mine = self.replace(burgers=self.burgers or line.burgers, glide=self.glide or line.glide)
        return mine.run(line.initial, line.final, potential, tell)

    def run(
        self,
        initial: System,
        final: System,
        potential: AbstractPotential,
        tell: Tell = nothing_told,
    ) -> "xr.Dataset":
        """The path image by image, as `NEB` gives it, with the position of the line.

        **Raises:** `InputError` for ends that make no path, and a line whose length is not known.
        """
        if self.burgers is None:
            raise InputError("burgers: give the length of the Burgers vector in Å, such as 2.73")
        length = self._length(initial)
        data = self.path.run(initial, final, potential, tell, model_error=False)
        landscape = Landscape(initial, potential, curved=False)
        places = data["positions"].values[:, landscape.mobile].reshape(data.sizes["frame"], -1)
        glide = Glide.between(places[0], places[-1], self.glide or self.burgers)
        along = (data[f"path_{name}"].values for name in ("distance", "energy", "slope"))
        steepest = glide.steepest(places, *along)
        scale = 1 / (self.burgers * length)
        variables = {
            "line_position": glide.where(places),
            "line_energy": data["path_energy"].values / length,
            "peierls_barrier": float(data["forward_barrier"]) / length,
            "peierls_stress": units.from_internal(scale * steepest, "GPa"),
        }
        if self.shear:
            options = {"force": self.path.force, "steps": self.path.steps}
            critical = glide.critical(surface_of(landscape), **options)
            variables["shear_peierls_stress"] = units.from_internal(scale * critical, "GPa")
        return data.merge(build_dataset(variables)).assign_attrs(
            data.attrs | {"made_by": "peierls", "params": json.dumps(self.describe())}
        )

    def _length(self, system: System) -> float:
        length = self.length or float(np.linalg.norm(np.asarray(system.cell)[2]))
        if not length:
            raise InputError(
                "length: the structure has no third lattice vector to take it from; give the line's length"
            )
        return length
