"""Paths of least energy between two structures, and the barriers on them."""

import dataclasses
import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

import annotated_types
import jax.numpy as jnp
import numpy as np

from .. import units
from ..errors import InputError, SimulationError
from ..params import Count, Force, Params, Temperature
from ..path_integrals._landscape import Landscape
from ..path_integrals.elastic_band import Path, Places, find_path, relaxed, tangents
from ..path_integrals.interpolation import spread
from ..path_integrals.path_quality import quality
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System
from ..telling import Tell, nothing_told
from ._band import flat, origin, structures, surface_of
from ._end_points import named_pairs, nearest, nearest_images
from ._named import Several, named_potentials
from ._property import check_pairs, set_dims
from ._rates import Barrier, rates
from ._set import over_set, remarks_of

if TYPE_CHECKING:
    import xarray as xr


class NEB(Params):
    """A path of least energy between two structures, with a climbing image on the saddle."""

    images: Annotated[int, annotated_types.Ge(3), annotated_types.Le(1000)] = 9
    """Structures of the path, both ends counted."""
    method: Literal["neb", "string"] = "neb"
    """What keeps images apart: springs (nudged elastic band), or even spacing after each step."""
    guess: Literal["line", "idpp"] = "line"
    """Where images begin: on the straight line, or at positions whose distances lie between those at both ends."""
    climb: bool = True
    """The highest image goes up to the saddle."""
    force: Force = 0.002
    """Largest component of a force of the band that is left."""
    steps: Count = 1000
    """Steps at most."""
    relax: bool = True
    """Relax both ends first, to a tenth of that force."""
    exchange: bool = False
    """Atoms may take each other's places; without it, such ends are taken for structures in two orders."""
    temperature: Temperature | None = None
    """Temperature for Vineyard's frequency of attempts and the rate of harmonic transition-state theory."""

    def run(
        self,
        initial: Several[System],
        final: Several[System],
        potentials: Several[AbstractPotential],
        tell: Tell = nothing_told,
        *,
        client: Any = None,
        model_error: bool = True,
    ) -> "xr.Dataset":
        """The path, image by image, and what speaks for and against it; of lists or dicts of starts and ends, of
        potentials, or of the members of a committee as `Property.run` has it.

        **Raises:** `InputError` for ends with different atoms, cells or orders of atoms, or that are the same.
        """
        starts, surfaces = named_pairs(initial, final), named_potentials(potentials)
        dims = set_dims(initial, potentials)
        if dims:
            check_pairs(starts, surfaces, lambda ends: ends, dims)
        data = over_set(self.of, starts, surfaces, dims, client=client, model_error=model_error, tell=tell)
        for name, line in remarks_of(data):
            tell(f"{name}: {line}" if name else line)
        return data

    def of(self, ends: tuple[System, System], potential: AbstractPotential, /) -> "xr.Dataset":
        """Of one pair of ends by one potential."""
        told: list[str] = []
        data = self._between(*ends, potential, told.append)
        return data.assign_attrs(remarks="\n".join(told))

    def _between(self, initial: System, final: System, potential: AbstractPotential, tell: Tell) -> "xr.Dataset":
        final = nearest_images(initial, final, exchange=self.exchange)
        landscape = Landscape(initial, potential, curved=self.temperature is not None)
        ends = [flat(one, landscape) for one in (initial, final)]
        if self.relax:
            ends = [self._relaxed(landscape, one, name) for one, name in zip(ends, ("start", "end"), strict=True)]
        start = np.linspace(*ends, self.images)
        if np.abs(start[-1] - start[0]).max() < _SAME:
            raise InputError("both ends are, or relax to, one structure; there is no way between them")
        path = self._found(landscape, self._guess(landscape, start))
        complaints = (*self._left(path), *quality(path).complaints)
        for complaint in complaints:
            tell(complaint)
        return self._dataset(path, landscape, potential, tell).assign_attrs(verdict="\n".join(complaints))

    def _found(self, landscape: Landscape, start: np.ndarray) -> Path:
        options = {"force": self.force, "steps": self.steps, "climb": self.climb, "string": self.method == "string"}
        return find_path(surface_of(landscape), start, **options)

    def _guess(self, landscape: Landscape, line: Places) -> Places:
        def full(places: Places) -> np.ndarray:
            return landscape.positions(places * landscape.roots)

        if self.guess == "line":
            return line
        return spread(line, full, landscape.mobile, lambda vectors: nearest(vectors, landscape.system))

    def _left(self, path: Path) -> tuple[str, ...]:
        """What is wrong with a path that has not converged."""
        told = f"not converged: after {path.steps} steps a force of {path.force:.2g} eV/Å is left; take more --steps"
        return (told,) if path.force > self.force else ()

    def _relaxed(self, landscape: Landscape, end: np.ndarray, name: str) -> np.ndarray:
        place, left = relaxed(surface_of(landscape), end, force=_ENDS * self.force, steps=self.steps)
        if left > _ENDS * self.force:
            raise InputError(f"the {name} does not relax: a force of {left:.2g} eV/Å is left; take more --steps")
        return place

    def _dataset(self, path: Path, landscape: Landscape, potential: AbstractPotential, tell: Tell) -> "xr.Dataset":
        along = np.concatenate([[0.0], np.sum(path.slopes[1:-1] * tangents(path.places, path.energies), axis=1), [0.0]])
        told, top = quality(path), int(np.argmax(path.energies))
        variables = {
            **structures(path.places, path.energies, path.slopes, landscape),
            "path_distance": path.distances,
            "path_energy": path.energies - path.energies[0],
            "path_slope": along,
            "slope_across": path.across,
            "forward_barrier": path.energies[top] - path.energies[0],
            "reverse_barrier": path.energies[top] - path.energies[-1],
            "path_roughness": told.roughness,
            "path_sign_changes": told.sign_changes,
        }
        positions = landscape.positions(path.places[[0, top]] * landscape.roots)
        images = [_with(landscape.system, one) for one in positions]
        return build_dataset(
            variables | self._rate(*images, potential, tell), attrs=origin("neb", self, landscape.system, potential)
        )

    def _rate(self, reactant: System, saddle: System, potential: AbstractPotential, tell: Tell) -> dict[str, float]:
        """Frequency of attempts and rate, from the vibrations of the start and of the saddle; a word where there are
        none, for the path is worth keeping without."""
        if self.temperature is None:
            return {}
        try:
            found = rates(saddle, [reactant], potential, Barrier(temperature=self.temperature)).isel(isotopologue=0)
        except (InputError, SimulationError) as error:
            tell(f"no rate: {error}")
            return {}
        rate = float(found["rate_constant"].sel(theory="classical TST"))
        exponent = float(found["barrier_height"]) / units.to_internal(self.temperature, "K")
        return {"hopping_rate": rate, "attempt_frequency": 1e-12 * rate * math.exp(exponent)}


_SAME = 1e-2
"""Å."""
_ENDS = 0.1
"""Forces that are left at the ends, over those of the band."""


def _with(system: System, positions: np.ndarray) -> System:
    return dataclasses.replace(system, positions=jnp.asarray(positions))
