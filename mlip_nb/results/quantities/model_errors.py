"""What members of a committee say of properties at rest, and how far they differ: the error of the model."""

from dataclasses import replace

from .._quantity import Quantity
from . import barriers, defects, elasticity, faults, phases, phonons, relaxation, simulation

_OF_ROWS = {
    simulation: ("potential_energy", "cell", "volume"),
    relaxation: ("lowest_curvature",),
    elasticity: (
        *("elastic_constants", "clamped_elastic_constants", "elastic_compliance", "born_eigenvalues"),
        *("bulk_modulus", "shear_modulus", "youngs_modulus", "poisson_ratio", "universal_anisotropy"),
        *("directional_youngs_modulus", "equilibrium_energy", "equilibrium_volume", "static_bulk_modulus"),
        "bulk_modulus_derivative",
    ),
    phonons: (
        *("phonon_frequency", "group_speed", "lowest_frequency", "gruneisen_parameter", "mean_gruneisen_parameter"),
        *("harmonic_free_energy", "harmonic_entropy", "harmonic_heat_capacity", "thermal_expansion"),
        *("thermal_volume", "thermal_bulk_modulus", "gibbs_energy", "pressure_heat_capacity"),
        *("thermal_lengths", "axial_expansion"),
    ),
    defects: (
        *("unrelaxed_defect_energy", "trapped_defect_energy", "defect_energy", "defect_energy_limit"),
        *("unrelaxed_surface_energy", "surface_energy"),
    ),
    faults: (
        *("rigid_fault_energy", "fault_energy", "rigid_fault_energy_map", "fault_energy_map"),
        *("unstable_fault_energy", "stable_fault_energy", "ideal_shear_strength"),
    ),
    barriers: ("path_energy", "forward_barrier", "reverse_barrier", "attempt_frequency", "hopping_rate"),
    phases: ("mixing_energy", "mixing_volume", "critical_fraction", "critical_temperature"),
}
ASKED = {name: module.QUANTITIES[name] for module, names in _OF_ROWS.items() for name in names}
"""What every member is asked: numbers that mean the same for all of them, whatever volumes or grids they choose."""


def _of_members(row: Quantity) -> Quantity:
    """Frames come first, as everywhere."""
    after = 1 if row.dims[:1] == ("frame",) else 0
    dims = (*row.dims[:after], "member", *row.dims[after:])
    return replace(row, dims=dims, long_name=f"{row.long_name}, of each member of a committee")


def _error(row: Quantity) -> Quantity:
    return replace(row, long_name=f"{row.long_name}, standard deviation over the members of a committee")


QUANTITIES = {f"member_{name}": _of_members(row) for name, row in ASKED.items()}
QUANTITIES |= {f"{name}_model_error": _error(row) for name, row in ASKED.items()}
