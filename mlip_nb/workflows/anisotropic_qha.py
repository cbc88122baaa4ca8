"""A crystal at a temperature, quasi-harmonically, with lattice vectors that expand each in its own way."""

import itertools
from typing import TYPE_CHECKING, Annotated

import annotated_types
import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System
from ._at_rest import at_rest
from ._expansion import Expansion
from ._phonopy import TOLERANCE, Crystals, described
from ._statics import origin
from ._volumes import in_cells

if TYPE_CHECKING:
    import xarray as xr
    from phonopy import AnisotropicQHAResult


class AnisotropicQuasiHarmonic(Expansion):
    """Which lattice vectors and temperatures."""

    span: Annotated[float, annotated_types.Gt(0), annotated_types.Lt(0.1)] = 0.015
    """Largest change of each length to either side, as a share: it has to hold the expansion."""
    lengths: Annotated[int, annotated_types.Ge(4), annotated_types.Le(15)] = 5
    """How many lengths of each independent lattice vector; every combination has phonons of its own."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Lattice vectors, their expansion, volume and Gibbs energy by temperature, by phonopy.

        Free energies are a cubic polynomial of the independent lengths, whose minimum is sought. Angles are those of
        the symmetry, atoms relaxed in each cell.

        **Raises:** `InputError` for what is no conventional cell of an orthorhombic, tetragonal, trigonal, hexagonal
        or cubic crystal, and potentials without second derivatives.
        """
        from phonopy import run_anisotropic_qha

        self.check(system, potential, "free energies")
        groups = independent(system)
        rest = at_rest(system, potential, "free energies", relax=self.relax, pressure=self.pressure)
        crystals = list(in_cells(rest.system, potential, self._cells(rest.system, groups)))
        maker = Crystals(potential, self)
        phonons = [maker.phonons(one) for one in crystals]
        atoms = len(phonons[0].primitive)
        energies = np.array([float(potential.evaluate(one).energy) for one in crystals]) / len(rest.system.numbers)
        found = run_anisotropic_qha(
            phonons,
            self.kelvins(),
            energies * atoms,
            mesh=self.waves(phonons),
            pressure=self.pressure,
        )
        self.check_held(found.minimum_extrapolated, "lengths", self.span)
        return build_dataset(
            {**rest.variables, **_told(found, energies, atoms)},
            attrs=origin("anisotropic-qha", self, rest.system, potential),
        )

    def _cells(self, system: System, groups: tuple[tuple[int, ...], ...]) -> Float[np.ndarray, "cells 3 3"]:
        """Every combination of lengths."""
        factors = np.linspace(1 - self.span, 1 + self.span, self.lengths)
        cells = []
        for chosen in itertools.product(factors, repeat=len(groups)):
            scale = np.ones(3)
            for factor, group in zip(chosen, groups, strict=True):
                scale[list(group)] = factor
            cells.append(np.asarray(system.cell, float) * scale[:, None])
        return np.array(cells)


def independent(system: System) -> tuple[tuple[int, ...], ...]:
    """Lattice vectors that symmetry keeps at one length, in groups.

    **Raises:** `InputError` for angles that symmetry leaves free, and what is no conventional cell.
    """
    from phonopy.qha.lattice_sampling import get_free_lattice_dof

    try:
        found = get_free_lattice_dof(described(system), symprec=TOLERANCE)
    except ValueError:
        raise InputError(
            "an anisotropic expansion needs the conventional cell of an orthorhombic, tetragonal, trigonal, hexagonal "
            f"or cubic crystal; {system.formula} is not in one: load it without --primitive, or take qha"
        ) from None
    return tuple(found.rows[label] for label in found.labels)


def _told(found: "AnisotropicQHAResult", energies: np.ndarray, atoms: int) -> dict[str, object]:
    return {
        "harmonic_temperature": found.temperatures,
        "sampled_volume": found.lattice_grid.primitive_volumes / atoms,
        "sampled_lengths": found.lattice_grid.lattice_lengths,
        "sampled_energy": energies,
        "sampled_free_energy": found.helmholtz_lattice.T / atoms,
        "thermal_lengths": found.equilibrium_lattice_parameters,
        "axial_expansion": found.axial_thermal_expansions,
        "thermal_volume": found.equilibrium_volumes / atoms,
        "thermal_expansion": found.thermal_expansion,
        "gibbs_energy": found.gibbs_free_energies / atoms,
    }
