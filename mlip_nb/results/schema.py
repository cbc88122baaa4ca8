"""The table of quantities: name -> dims, unit, meaning. Every Dataset of ours is made of its rows."""

import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from ..errors import InputError, unknown

DIMS = {
    "frame": "stored snapshot",
    "replica": "the same atoms, simulated side by side",
    "potential": "potential that is judged",
    "site": "atom of a frame; all frames one after another",
    "element": "chemical element",
    "group": "kind of frame, as its source calls it",
    "member": "one potential of a committee",
    "size": "how many frames were learned from",
    "pair": "two replicas that follow each other",
    "estimator": "what is averaged",
    "isotope": "mass that the substituted atoms have, the lightest first",
    "route": "how it was found",
    "parameter": "number that an average depends on",
    "bead": "imaginary-time slice of a ring polymer",
    "bead_count": "number of beads of a run",
    "mode": "vibration of the whole structure, soft ones first",
    "distance": "distance of two atoms",
    "lag": "time between two frames",
    "spectral_frequency": "frequency of a spectrum",
    "bond_angle": "angle between two bonds",
    "neighbour_count": "number of neighbours",
    "wave_number": "length of a wave vector",
    "degree": "degree of spherical harmonics",
    "block_length": "frames of a block",
    "iteration": "step of an optimisation, the start first",
    "start": "where a relaxation began",
    "voigt": "component of strain or stress",
    "voigt2": "second component of strain or stress",
    "average": "how grains share strain or stress",
    "volume_point": "volume of the same crystal",
    "volume_curve": "volume of a fitted curve",
    "path_point": "wave vector along a path of bands",
    "branch": "phonon of one wave vector, low frequencies first",
    "state_point": "frequency of a density of states",
    "harmonic_temperature": "temperature of a harmonic crystal",
    "plane": "plane of two Cartesian axes",
    "angle": "direction in a plane",
    "goal": "quantity with a value that is wanted",
    "component": "element that a site may be",
    "stage": "before or after calibration",
    "level": "share of errors",
    "isotopologue": "the same atoms with other masses",
    "theory": "how a rate is estimated",
    "refinement": "an instanton with so many beads",
    "window": "value of a reaction coordinate",
    "delay": "time since the dividing surface was left",
    "phase": "structure of a set, by its formula",
    "supercell": "size of the crystal that holds a defect",
    "thickness": "slab of a number of layers",
    "composition": "part of the second element",
    "term": "term of a Redlich-Kister curve",
    "product": "structure that another falls apart into, in the order of phase",
    "atom": "atom, in the caller's order",
    "xyz": "Cartesian axis",
    "xyz2": "second Cartesian axis",
    "vector": "lattice vector",
}
"""The closed list of dims, and what one counts."""

_VOIGT = ("xx", "yy", "zz", "yz", "xz", "xy")
LABELS = {
    "xyz": ("x", "y", "z"),
    "xyz2": ("x", "y", "z"),
    "vector": ("a", "b", "c"),
    "voigt": _VOIGT,
    "voigt2": _VOIGT,
}
"""Dims with a fixed size: the labels along them."""


@dataclass(frozen=True)
class Quantity:
    """One row of the table."""

    dims: tuple[str, ...]
    units: str
    long_name: str
    coordinate: bool = False
    """True for what says where or when other variables are."""

    @property
    def attrs(self) -> dict[str, str]:
        """What a variable carries so that plots and other programs can label it."""
        return {"units": self.units, "long_name": self.long_name}

    def dims_of(self, rank: int) -> tuple[str, ...]:
        """Its dims; where there are replicas, one axis more, and theirs is the second."""
        replicated = rank == len(self.dims) + 1 and self.dims[0] == "frame" and not self.coordinate
        return ("frame", "replica", *self.dims[1:]) if replicated else self.dims


_SERIES = ("frame",)
_REPLICAS = ("replica",)
_JUDGED = ("potential",)
_SUPERCELLS = ("supercell",)
_THICKNESSES = ("thickness",)
_MIXTURES = ("composition",)
_PHASES = ("potential", "phase")
_STAGES = ("stage",)
_BY_ISOTOPE = ("route", "isotope")
_RATES = ("isotopologue", "theory")
_BY_WINDOW = ("bead_count", "window")
_BY_LAG = ("element", "lag")
_DIFFUSION = ("replica", "element")
_SPECTRUM = ("element", "spectral_frequency")
_PER_ATOM = ("frame", "atom", "xyz")

QUANTITIES: dict[str, Quantity] = {
    "step": Quantity(_SERIES, "1", "integration step", coordinate=True),
    "time": Quantity(_SERIES, "fs", "time", coordinate=True),
    "symbol": Quantity(("atom",), "1", "chemical symbol", coordinate=True),
    "number": Quantity(("atom",), "1", "atomic number", coordinate=True),
    "mass": Quantity(("atom",), "amu", "mass", coordinate=True),
    "mobile": Quantity(("atom",), "1", "whether the structure lets the atom move", coordinate=True),
    "initial_momenta": Quantity(("atom", "xyz"), "amu^0.5 eV^0.5", "momenta the system brought along"),
    "positions": Quantity(_PER_ATOM, "Å", "position, unwrapped"),
    "velocities": Quantity(_PER_ATOM, "Å/fs", "velocity"),
    "forces": Quantity(_PER_ATOM, "eV/Å", "force"),
    "cell": Quantity(("frame", "vector", "xyz"), "Å", "lattice vectors"),
    "potential_energy": Quantity(_SERIES, "eV", "potential energy"),
    "kinetic_energy": Quantity(_SERIES, "eV", "kinetic energy"),
    "total_energy": Quantity(_SERIES, "eV", "total energy"),
    "conserved": Quantity(_SERIES, "eV", "conserved quantity"),
    "temperature": Quantity(_SERIES, "K", "temperature"),
    "pressure": Quantity(_SERIES, "GPa", "pressure, compression positive"),
    "stress": Quantity(("frame", "xyz", "xyz2"), "GPa", "stress, tension positive, kinetic part included"),
    "volume": Quantity(_SERIES, "Å³", "volume"),
    "primitive_kinetic_energy": Quantity(_SERIES, "eV", "quantum kinetic energy, primitive estimator"),
    "atom_kinetic_energy": Quantity(("frame", "atom"), "eV", "quantum kinetic energy of the atom, centroid virial"),
    "kinetic_energy_tensor": Quantity(("frame", "xyz", "xyz2"), "eV", "quantum kinetic energy by axes"),
    "gyration_radius": Quantity(("frame", "atom"), "Å", "radius of gyration of the beads of the atom"),
    "energy_slope": Quantity(_SERIES, "eV²", "derivative of the total energy with inverse temperature, along paths"),
    "isotope_mass": Quantity(("isotope",), "amu", "mass of the substituted atoms", coordinate=True),
    "substituted": Quantity(("atom",), "1", "whether the atom changes its mass", coordinate=True),
    "scaled_energy_difference": Quantity(
        ("frame", "isotope"), "eV", "change of the mean potential energy of beads scaled to another mass"
    ),
    "excess_kinetic_energy": Quantity(_SERIES, "eV", "quantum kinetic energy of substituted atoms less the classical"),
    "route": Quantity(("route",), "1", "how it was found", coordinate=True),
    "free_energy_difference": Quantity(_BY_ISOTOPE, "eV", "free energy less that of the lightest isotope"),
    "free_energy_error": Quantity(_BY_ISOTOPE, "eV", "standard error of the free-energy difference"),
    "quantum_free_energy_difference": Quantity(
        _BY_ISOTOPE, "eV", "free energy less that of the lightest isotope and the classical difference"
    ),
    "partition_ratio": Quantity(
        _BY_ISOTOPE, "1", "partition function over that of the lightest isotope and the classical ratio"
    ),
    "partition_ratio_error": Quantity(_BY_ISOTOPE, "1", "standard error of the ratio of partition functions"),
    "fractionation_ratio": Quantity(
        _BY_ISOTOPE, "1", "reduced ratio of partition functions per substituted atom, over the lightest isotope"
    ),
    "fractionation_error": Quantity(_BY_ISOTOPE, "1", "standard error of the fractionation ratio"),
    "reference_fractionation_ratio": Quantity(_BY_ISOTOPE, "1", "fractionation ratio of the reference"),
    "equilibrium_isotope_effect": Quantity(
        _BY_ISOTOPE, "1", "fractionation ratio over that of the reference: above 1, heavy isotopes prefer the structure"
    ),
    "equilibrium_isotope_effect_error": Quantity(_BY_ISOTOPE, "1", "standard error of the equilibrium isotope effect"),
    "effective_share": Quantity(
        _BY_ISOTOPE, "1", "least share of samples that carry the weights (Kish); of BAR its overlap"
    ),
    "bead_positions": Quantity(("frame", "bead", "atom", "xyz"), "Å", "position of the bead, unwrapped"),
    "estimator": Quantity(("estimator",), "1", "what is averaged", coordinate=True),
    "unit": Quantity(("estimator",), "1", "unit of the average", coordinate=True),
    "estimate": Quantity(("estimator",), "1", "average, in its unit"),
    "standard_error": Quantity(("estimator",), "1", "standard error of the average, in its unit"),
    "derivative": Quantity(
        ("estimator", "parameter"), "1", "derivative of the average, in its unit over the parameter's"
    ),
    "derivative_error": Quantity(("estimator", "parameter"), "1", "standard error of the derivative"),
    "effective_samples": Quantity(("estimator",), "1", "independent samples that the average rests on"),
    "bead_count": Quantity(("bead_count",), "1", "number of beads", coordinate=True),
    "bead_mean": Quantity(("estimator", "bead_count"), "eV", "average with a number of beads"),
    "bead_mean_error": Quantity(("estimator", "bead_count"), "eV", "standard error of the average"),
    "bead_limit": Quantity(("estimator",), "eV", "average, extrapolated to infinitely many beads"),
    "bead_limit_error": Quantity(("estimator",), "eV", "standard error of the extrapolated average"),
    "bead_slope": Quantity(("estimator",), "eV", "factor of the power of 1/P"),
    "chi_square": Quantity(("estimator",), "1", "squared deviations from the law, in units of errors"),
    "law_probability": Quantity(("estimator",), "1", "probability of larger deviations if the law holds"),
    "harmonic_limit": Quantity(("estimator",), "eV", "harmonic average by the reference, infinitely many beads"),
    "curvature_error": Quantity(
        ("potential", "estimator", "bead_count"), "eV", "error by curvatures that are not those of the reference"
    ),
    "bead_error": Quantity(("estimator", "bead_count"), "eV", "error by too few beads, of the reference"),
    "nuclear_error": Quantity(("potential", "estimator", "bead_count"), "eV", "error by curvatures and beads together"),
    "reference_frequency": Quantity(("mode",), "THz", "frequency of the vibration, reference"),
    "frequency": Quantity(("potential", "mode"), "THz", "frequency of the vibration"),
    "distance": Quantity(("distance",), "Å", "distance of two atoms", coordinate=True),
    "radial_distribution": Quantity(("distance",), "1", "radial distribution function"),
    "radial_distribution_error": Quantity(("distance",), "1", "standard error of the radial distribution function"),
    "lag": Quantity(("lag",), "fs", "time between two frames", coordinate=True),
    "mean_square_displacement": Quantity(_BY_LAG, "Å²", "mean square displacement"),
    "mean_square_displacement_error": Quantity(_BY_LAG, "Å²", "standard error of the mean square displacement"),
    "velocity_autocorrelation": Quantity(_BY_LAG, "Å²/fs²", "velocity autocorrelation"),
    "velocity_autocorrelation_error": Quantity(_BY_LAG, "Å²/fs²", "standard error of the velocity autocorrelation"),
    "mean_temperature": Quantity(_REPLICAS, "K", "temperature of the run"),
    "replica_displacement": Quantity(("replica", "element", "lag"), "Å²", "mean square displacement"),
    "replica_displacement_error": Quantity(
        ("replica", "element", "lag"), "Å²", "standard error of the mean square displacement"
    ),
    "displacement_exponent": Quantity(_DIFFUSION, "1", "power of time with which displacements grow"),
    "diffusion_coefficient": Quantity(_DIFFUSION, "cm²/s", "coefficient of diffusion, Einstein"),
    "diffusion_coefficient_error": Quantity(_DIFFUSION, "cm²/s", "standard error of the coefficient of diffusion"),
    "green_kubo_diffusion": Quantity(_DIFFUSION, "cm²/s", "coefficient of diffusion, Green and Kubo"),
    "green_kubo_diffusion_error": Quantity(_DIFFUSION, "cm²/s", "standard error of the coefficient of diffusion"),
    "corrected_diffusion_coefficient": Quantity(_DIFFUSION, "cm²/s", "coefficient of diffusion in an infinite cell"),
    "conductivity": Quantity(_REPLICAS, "S/cm", "ionic conductivity"),
    "conductivity_error": Quantity(_REPLICAS, "S/cm", "standard error of the ionic conductivity"),
    "nernst_einstein_conductivity": Quantity(_REPLICAS, "S/cm", "ionic conductivity without correlations"),
    "nernst_einstein_conductivity_error": Quantity(_REPLICAS, "S/cm", "standard error of that conductivity"),
    "green_kubo_conductivity": Quantity(_REPLICAS, "S/cm", "ionic conductivity, Green and Kubo"),
    "green_kubo_conductivity_error": Quantity(_REPLICAS, "S/cm", "standard error of that conductivity"),
    "haven_ratio": Quantity(_REPLICAS, "1", "conductivity without correlations over that with them"),
    "haven_ratio_error": Quantity(_REPLICAS, "1", "standard error of the Haven ratio"),
    "activation_energy": Quantity(("element",), "eV", "activation energy of diffusion"),
    "activation_energy_error": Quantity(("element",), "eV", "standard error of the activation energy"),
    "diffusion_prefactor": Quantity(("element",), "cm²/s", "coefficient of diffusion at infinite temperature"),
    "viscosity_integral": Quantity(("lag",), "mPa·s", "integral of the autocorrelation of stress"),
    "viscosity_integral_error": Quantity(("lag",), "mPa·s", "standard error of the integral"),
    "viscosity": Quantity((), "mPa·s", "shear viscosity"),
    "viscosity_error": Quantity((), "mPa·s", "standard error of the shear viscosity"),
    "path_distance": Quantity(_SERIES, "Å", "distance along the path", coordinate=True),
    "path_energy": Quantity(_SERIES, "eV", "energy above the start of the path"),
    "path_slope": Quantity(_SERIES, "eV/Å", "slope of the energy along the path"),
    "slope_across": Quantity(_SERIES, "eV/Å", "largest component of the slope across the path"),
    "forward_barrier": Quantity((), "eV", "energy of the highest image above the start"),
    "reverse_barrier": Quantity((), "eV", "energy of the highest image above the end"),
    "path_roughness": Quantity((), "1", "largest second difference of energies over the barrier"),
    "path_sign_changes": Quantity((), "1", "sign changes of second differences; a smooth barrier has two"),
    "attempt_frequency": Quantity((), "THz", "Vineyard's frequency of attempts"),
    "hopping_rate": Quantity((), "1/s", "rate by harmonic transition-state theory, classical"),
    "spectral_frequency": Quantity(("spectral_frequency",), "THz", "frequency", coordinate=True),
    "vibrational_density": Quantity(_SPECTRUM, "1/THz", "vibrational density of states, 3 modes an atom"),
    "vibrational_density_error": Quantity(_SPECTRUM, "1/THz", "standard error of the vibrational density of states"),
    "bond_angle": Quantity(("bond_angle",), "degree", "angle between two bonds", coordinate=True),
    "angular_distribution": Quantity(("bond_angle",), "1/degree", "angular distribution function"),
    "angular_distribution_error": Quantity(("bond_angle",), "1/degree", "standard error of the angular distribution"),
    "neighbour_count": Quantity(("neighbour_count",), "1", "number of neighbours", coordinate=True),
    "coordination_share": Quantity(("neighbour_count",), "1", "share of atoms with so many neighbours"),
    "coordination_share_error": Quantity(("neighbour_count",), "1", "standard error of the share of atoms"),
    "coordination_number": Quantity((), "1", "mean number of neighbours"),
    "coordination_number_error": Quantity((), "1", "standard error of the mean number of neighbours"),
    "wave_number": Quantity(("wave_number",), "1/Å", "length of the wave vector", coordinate=True),
    "structure_factor": Quantity(("wave_number",), "1", "structure factor"),
    "structure_factor_error": Quantity(("wave_number",), "1", "standard error of the structure factor"),
    "degree": Quantity(("degree",), "1", "degree of spherical harmonics", coordinate=True),
    "bond_order": Quantity(("frame", "degree"), "1", "order parameter of all bonds"),
    "local_bond_order": Quantity(("frame", "degree"), "1", "order parameter of an atom's bonds, mean of atoms"),
    "statistical_inefficiency": Quantity(("estimator",), "1", "frames that one independent sample takes"),
    "equilibration_frames": Quantity(("estimator",), "1", "frames left out at the start"),
    "block_length": Quantity(("block_length",), "1", "frames of a block", coordinate=True),
    "block_error": Quantity(("estimator", "block_length"), "1", "standard error by blocks, in the average's unit"),
    "epoch": Quantity(_SERIES, "1", "passes over the training data", coordinate=True),
    "learning_rate": Quantity(_SERIES, "1", "highest learning rate"),
    "energy_error": Quantity(_SERIES, "eV/atom", "RMS error of energy per atom, frames kept aside"),
    "force_error": Quantity(_SERIES, "eV/Å", "RMS error of force components, frames kept aside"),
    "stress_error": Quantity(_SERIES, "GPa", "RMS error of stress components, frames kept aside"),
    "training_energy_error": Quantity(_SERIES, "eV/atom", "RMS error of energy per atom, training"),
    "training_force_error": Quantity(_SERIES, "eV/Å", "RMS error of force components, training"),
    "training_stress_error": Quantity(_SERIES, "GPa", "RMS error of stress components, training"),
    "group_force_error": Quantity(
        ("frame", "group"), "eV/Å", "RMS error of force components by kind of frame, frames kept aside"
    ),
    "best_epoch": Quantity(("frame", "member"), "1", "best epoch so far"),
    "ridge": Quantity(("frame", "member"), "1", "strength of the ridge, the best by leaving out frames"),
    "left_out_loss": Quantity(("frame", "member"), "1", "loss of the linear fit on frames left out"),
    "training_frames": Quantity(("size",), "1", "frames that were learned from", coordinate=True),
    "learned_energy_rmse": Quantity(
        ("potential", "size"), "eV/atom", "RMS error of energy per atom, frames kept aside"
    ),
    "learned_force_rmse": Quantity(("potential", "size"), "eV/Å", "RMS error of force components, frames kept aside"),
    "potential": Quantity(("potential",), "1", "potential that is judged", coordinate=True),
    "element": Quantity(("element",), "1", "chemical element", coordinate=True),
    "group": Quantity(("group",), "1", "kind of frame", coordinate=True),
    "frame_group": Quantity(_SERIES, "1", "kind of frame", coordinate=True),
    "frame_index": Quantity(_SERIES, "1", "place of the frame in its source", coordinate=True),
    "frame_atoms": Quantity(_SERIES, "1", "atoms of the frame", coordinate=True),
    "site_frame": Quantity(("site",), "1", "frame of the atom", coordinate=True),
    "site_symbol": Quantity(("site",), "1", "chemical symbol", coordinate=True),
    "reference_energy": Quantity(_SERIES, "eV", "energy of the frame, label"),
    "reference_forces": Quantity(("site", "xyz"), "eV/Å", "force, label"),
    "reference_stress": Quantity(("frame", "xyz", "xyz2"), "GPa", "stress, label"),
    "predicted_energy": Quantity(("potential", "frame"), "eV", "energy of the frame, predicted"),
    "predicted_forces": Quantity(("potential", "site", "xyz"), "eV/Å", "force, predicted"),
    "predicted_stress": Quantity(("potential", "frame", "xyz", "xyz2"), "GPa", "stress, predicted"),
    "energy_mae": Quantity(_JUDGED, "eV/atom", "mean absolute error of energy per atom"),
    "energy_rmse": Quantity(_JUDGED, "eV/atom", "RMS error of energy per atom"),
    "force_mae": Quantity(_JUDGED, "eV/Å", "mean absolute error of force components"),
    "force_rmse": Quantity(_JUDGED, "eV/Å", "RMS error of force components"),
    "force_cosine": Quantity(_JUDGED, "1", "mean cosine of the angle between forces"),
    "stress_mae": Quantity(_JUDGED, "GPa", "mean absolute error of stress components"),
    "stress_rmse": Quantity(_JUDGED, "GPa", "RMS error of stress components"),
    "frame_energy_error": Quantity(("potential", "frame"), "eV/atom", "error of energy per atom"),
    "frame_force_rmse": Quantity(("potential", "frame"), "eV/Å", "RMS error of force components of the frame"),
    "element_force_rmse": Quantity(("potential", "element"), "eV/Å", "RMS error of force components, by element"),
    "group_energy_rmse": Quantity(("potential", "group"), "eV/atom", "RMS error of energy per atom, by group"),
    "group_force_rmse": Quantity(("potential", "group"), "eV/Å", "RMS error of force components, by group"),
    "supercell": Quantity(_SUPERCELLS, "1", "atoms of the perfect supercell", coordinate=True),
    "unrelaxed_defect_energy": Quantity(_SUPERCELLS, "eV", "formation energy, atoms at their sites"),
    "trapped_defect_energy": Quantity(_SUPERCELLS, "eV", "formation energy, relaxed without displacements"),
    "defect_energy": Quantity(_SUPERCELLS, "eV", "formation energy"),
    "defect_energy_spread": Quantity(_SUPERCELLS, "eV", "standard deviation over the members of a committee"),
    "defect_curvature": Quantity(_SUPERCELLS, "eV/Å²", "lowest eigenvalue of the Hessian of the relaxed defect"),
    "fraction": Quantity(_MIXTURES, "1", "part of the second element", coordinate=True),
    "mixing_energy": Quantity(_MIXTURES, "eV/atom", "energy of mixing"),
    "mixing_energy_error": Quantity(_MIXTURES, "eV/atom", "standard error over random structures"),
    "mixing_energy_spread": Quantity(_MIXTURES, "eV/atom", "standard deviation over the members of a committee"),
    "mixing_volume": Quantity(_MIXTURES, "Å³", "volume of an atom"),
    "pair_mismatch": Quantity(_MIXTURES, "1", "largest deviation of pair correlations from those of a random alloy"),
    "redlich_kister": Quantity(("term",), "eV/atom", "coefficient of the Redlich-Kister curve"),
    "critical_fraction": Quantity((), "1", "part of the second element at the critical point"),
    "critical_temperature": Quantity((), "K", "critical temperature of the random mixture; 0: mixed at all"),
    "layers": Quantity(_THICKNESSES, "1", "repeats of the oriented cell", coordinate=True),
    "unrelaxed_surface_energy": Quantity(_THICKNESSES, "J/m²", "surface energy, atoms at their sites"),
    "surface_energy": Quantity(_THICKNESSES, "J/m²", "surface energy"),
    "surface_energy_spread": Quantity(_THICKNESSES, "J/m²", "standard deviation over the members of a committee"),
    "defect_energy_limit": Quantity((), "eV", "formation energy, extrapolated to an infinite crystal"),
    "phase": Quantity(("phase",), "1", "structure, by its formula", coordinate=True),
    "share": Quantity(("phase", "element"), "1", "part of the atoms that are of the element", coordinate=True),
    "phase_energy": Quantity(_PHASES, "eV/atom", "energy"),
    "formation_energy": Quantity(_PHASES, "eV/atom", "energy less that of the elements"),
    "formation_energy_spread": Quantity(_PHASES, "eV/atom", "standard deviation over the members of a committee"),
    "energy_above_hull": Quantity(_PHASES, "eV/atom", "energy above the convex hull"),
    "energy_above_hull_spread": Quantity(_PHASES, "eV/atom", "standard deviation over the members of a committee"),
    "phase_products": Quantity(
        ("potential", "phase", "product"), "1", "what a phase falls apart into, parts of the atoms"
    ),
    "isotopologue": Quantity(("isotopologue",), "1", "isotopes that are changed", coordinate=True),
    "theory": Quantity(("theory",), "1", "how a rate is estimated", coordinate=True),
    "rate_constant": Quantity(_RATES, "1/s", "rate constant"),
    "bimolecular_rate_constant": Quantity(_RATES, "cm³/s", "rate constant of two reactants"),
    "tunnelling_factor": Quantity(_RATES, "1", "rate over that of transition-state theory with quantum vibrations"),
    "isotope_effect": Quantity(_RATES, "1", "rate of the first isotopologue over that of this one"),
    "barrier_height": Quantity(("isotopologue",), "eV", "energy of the saddle above the reactants"),
    "barrier_wavenumber": Quantity(("isotopologue",), "1/cm", "imaginary wavenumber of the saddle"),
    "crossover_temperature": Quantity(("isotopologue",), "K", "temperature below which there is an instanton"),
    "instanton_beads": Quantity(("refinement",), "1", "beads of the instanton", coordinate=True),
    "instanton_action": Quantity(("isotopologue", "refinement"), "1", "action over ħ, from the reactants' energy"),
    "instanton_factor": Quantity(("isotopologue", "refinement"), "1", "tunnelling factor with so many beads"),
    "bead_energy": Quantity(("isotopologue", "bead"), "eV", "potential energy of the bead above the reactants"),
    "bead_distance": Quantity(("isotopologue", "bead"), "Å amu^0.5", "distance along the instanton, mass-weighted"),
    "instanton_positions": Quantity(("isotopologue", "bead", "atom", "xyz"), "Å", "position of the bead"),
    "candidate": Quantity(_SERIES, "1", "rank of the structure", coordinate=True),
    "objective": Quantity(("iteration", "frame"), "1", "objective of an attack"),
    "atom_uncertainty": Quantity(("frame", "atom"), "eV/Å", "standard deviation of a component of the force"),
    "energy_rise": Quantity(_SERIES, "eV/atom", "energy since the structure that was attacked"),
    "closest_distance": Quantity(_SERIES, "1", "shortest distance over the sum of covalent radii"),
    "bond_change": Quantity(_SERIES, "1", "largest change of a bond, relative to its length"),
    "true_error": Quantity(_SERIES, "eV/Å", "RMS error of force components, against a reference"),
    "chance_true_error": Quantity(_SERIES, "eV/Å", "RMS error of force components after random displacements as long"),
    "chance_uncertainty": Quantity(_SERIES, "eV/Å", "uncertainty after random displacements as long"),
    "chance_energy_rise": Quantity(_SERIES, "eV/atom", "energy after random displacements as long"),
    "enthalpy": Quantity(("iteration",), "eV", "potential energy and pressure times volume"),
    "largest_force": Quantity(("iteration",), "eV/Å", "longest force on an atom"),
    "largest_stress": Quantity(("iteration",), "GPa", "largest component of stress that the pressure does not balance"),
    "start_enthalpy": Quantity(("start",), "eV", "enthalpy that a start relaxes to"),
    "start_converged": Quantity(("start",), "1", "whether a start relaxed"),
    "lowest_curvature": Quantity((), "eV/Å²", "lowest eigenvalue of the Hessian at fixed cell"),
    "softest_direction": Quantity(("atom", "xyz"), "1", "its direction, of length one"),
    "residual_force": Quantity((), "eV/Å", "longest force on an atom of the structure"),
    "residual_stress": Quantity((), "GPa", "largest component of stress that the pressure does not balance"),
    "elastic_constants": Quantity(("voigt", "voigt2"), "GPa", "elastic constants; under stress, stress by strain"),
    "clamped_elastic_constants": Quantity(("voigt", "voigt2"), "GPa", "the same with atoms carried along by the cell"),
    "elastic_compliance": Quantity(("voigt", "voigt2"), "1/GPa", "inverse of the elastic constants"),
    "born_eigenvalues": Quantity(("voigt",), "GPa", "eigenvalues of the elastic constants; all positive: stable"),
    "average": Quantity(("average",), "1", "how grains share strain or stress", coordinate=True),
    "bulk_modulus": Quantity(("average",), "GPa", "bulk modulus"),
    "shear_modulus": Quantity(("average",), "GPa", "shear modulus"),
    "youngs_modulus": Quantity(("average",), "GPa", "Young's modulus"),
    "poisson_ratio": Quantity(("average",), "1", "Poisson's ratio"),
    "universal_anisotropy": Quantity((), "1", "universal elastic anisotropy; 0: isotropic"),
    "plane": Quantity(("plane",), "1", "plane of two Cartesian axes", coordinate=True),
    "angle": Quantity(("angle",), "°", "angle from the first axis of the plane", coordinate=True),
    "directional_youngs_modulus": Quantity(("plane", "angle"), "GPa", "Young's modulus by direction"),
    "sampled_volume": Quantity(("volume_point",), "Å³", "volume of an atom"),
    "sampled_energy": Quantity(("volume_point",), "eV/atom", "potential energy at a volume"),
    "sampled_pressure": Quantity(("volume_point",), "GPa", "pressure at a volume, by the stress of the potential"),
    "fitted_volume": Quantity(("volume_curve",), "Å³", "volume of an atom, fitted curve"),
    "fitted_energy": Quantity(("volume_curve",), "eV/atom", "potential energy, fitted curve"),
    "equilibrium_energy": Quantity((), "eV/atom", "potential energy at rest"),
    "equilibrium_volume": Quantity((), "Å³", "volume of an atom at rest"),
    "equilibrium_volume_error": Quantity((), "Å³", "standard error of the volume, of the fit"),
    "static_bulk_modulus": Quantity((), "GPa", "bulk modulus at rest"),
    "static_bulk_modulus_error": Quantity((), "GPa", "standard error of the bulk modulus, of the fit"),
    "bulk_modulus_derivative": Quantity((), "1", "derivative of the bulk modulus with pressure"),
    "bulk_modulus_derivative_error": Quantity((), "1", "standard error of the derivative, of the fit"),
    "band_distance": Quantity(("path_point",), "1/Å", "distance along the path", coordinate=True),
    "band_label": Quantity(("path_point",), "1", "name of the point, where it has one", coordinate=True),
    "wave_vector": Quantity(("path_point", "vector"), "1", "wave vector in reciprocal vectors of the primitive cell"),
    "phonon_frequency": Quantity(("path_point", "branch"), "THz", "phonon frequency; negative: imaginary"),
    "group_speed": Quantity(("path_point", "branch"), "km/s", "length of the group velocity"),
    "lowest_frequency": Quantity((), "THz", "lowest phonon frequency; negative: imaginary"),
    "state_frequency": Quantity(("state_point",), "THz", "frequency", coordinate=True),
    "density_of_states": Quantity(("state_point",), "1/THz", "phonon density of states of an atom"),
    "harmonic_temperature": Quantity(("harmonic_temperature",), "K", "temperature", coordinate=True),
    "harmonic_free_energy": Quantity(("harmonic_temperature",), "eV/atom", "vibrational free energy, harmonic"),
    "harmonic_entropy": Quantity(("harmonic_temperature",), "k_B/atom", "vibrational entropy, harmonic"),
    "harmonic_heat_capacity": Quantity(("harmonic_temperature",), "k_B/atom", "heat capacity at constant volume"),
    "gruneisen_parameter": Quantity(("path_point", "branch"), "1", "Grüneisen parameter of a phonon"),
    "mean_gruneisen_parameter": Quantity(
        ("harmonic_temperature",), "1", "Grüneisen parameter, weighed by heat capacities of phonons"
    ),
    "thermal_expansion": Quantity(("harmonic_temperature",), "1/K", "volumetric thermal expansion"),
    "sampled_free_energy": Quantity(
        ("volume_point", "harmonic_temperature"), "eV/atom", "free energy at a volume and a temperature"
    ),
    "thermal_volume": Quantity(("harmonic_temperature",), "Å³", "volume of an atom"),
    "thermal_bulk_modulus": Quantity(("harmonic_temperature",), "GPa", "isothermal bulk modulus"),
    "gibbs_energy": Quantity(("harmonic_temperature",), "eV/atom", "Gibbs energy"),
    "pressure_heat_capacity": Quantity(("harmonic_temperature",), "k_B/atom", "heat capacity at constant pressure"),
    "design_iteration": Quantity(_SERIES, "1", "iteration of a design", coordinate=True),
    "design_start": Quantity(_SERIES, "1", "start that is at this rank, the best first"),
    "initial_positions": Quantity(("atom", "xyz"), "Å", "position before the design"),
    "initial_cell": Quantity(("vector", "xyz"), "Å", "lattice vectors before the design"),
    "site_number": Quantity(("frame", "atom"), "1", "atomic number that the site has most of"),
    "component": Quantity(("component",), "1", "element that a site may be", coordinate=True),
    "shares": Quantity(("frame", "component", "atom"), "1", "share of an element on a site"),
    "design_objective": Quantity(_SERIES, "1", "objective of the design"),
    "design_slope": Quantity(_SERIES, "1", "norm of the gradient of what is minimised"),
    "constraint_violation": Quantity(_SERIES, "1", "largest violation of a constraint"),
    "relaxed_force": Quantity(_SERIES, "eV/Å", "largest force on a relaxed coordinate"),
    "evaluations": Quantity(_SERIES, "1", "evaluations of each start so far"),
    "rounded": Quantity(_SERIES, "1", "whether every site is one element"),
    "design_volume_per_atom": Quantity(_SERIES, "Å³", "volume per atom"),
    "design_density": Quantity(_SERIES, "g/cm³", "density"),
    "design_lattice_constant": Quantity(_SERIES, "Å", "mean length of the lattice vectors"),
    "design_shortest_distance": Quantity(_SERIES, "Å", "shortest distance of two atoms"),
    "design_energy": Quantity(_SERIES, "eV", "energy, relaxed where the design is"),
    "design_energy_per_atom": Quantity(_SERIES, "eV", "energy per atom, relaxed where the design is"),
    "design_enthalpy": Quantity(_SERIES, "eV", "energy and the work against the pressure outside"),
    "design_bulk_modulus": Quantity(_SERIES, "GPa", "bulk modulus"),
    "design_shear_modulus": Quantity(_SERIES, "GPa", "shear modulus of a polycrystal"),
    "design_young_modulus": Quantity(_SERIES, "GPa", "Young's modulus of a polycrystal"),
    "design_poisson_ratio": Quantity(_SERIES, "1", "Poisson's ratio of a polycrystal"),
    "design_least_square": Quantity(_SERIES, "THz²", "smallest squared frequency of a phonon"),
    "design_uncertainty": Quantity(_SERIES, "eV/Å", "largest uncertainty of an atom"),
    "design_volume": Quantity(_SERIES, "Å³", "volume of the cell"),
    "design_pressure": Quantity(_SERIES, "GPa", "pressure, compression positive"),
    "goal": Quantity(("goal",), "1", "quantity with a value that is wanted", coordinate=True),
    "goal_value": Quantity(("frame", "goal"), "1", "value that is wanted, in the unit of the quantity"),
    "design_vector": Quantity(("frame", "parameter"), "1", "numbers that are varied"),
    "stage": Quantity(("stage",), "1", "before or after calibration", coordinate=True),
    "level": Quantity(("level",), "1", "share of errors that balls should hold", coordinate=True),
    "observed_share": Quantity(("stage", "level"), "1", "share of errors that they hold"),
    "miscalibration_area": Quantity(_STAGES, "1", "area between both shares"),
    "calibration_error": Quantity(_STAGES, "1", "expected calibration error (ECE)"),
    "normalised_error": Quantity(_STAGES, "1", "expected normalised calibration error (ENCE)"),
    "negative_log_likelihood": Quantity(_STAGES, "1", "negative logarithm of the likelihood, per component"),
    "sharpness": Quantity(_STAGES, "eV/Å", "mean standard deviation"),
    "variance_ratio": Quantity(_STAGES, "1", "mean square of errors over standard deviations"),
    "correlation": Quantity(_STAGES, "1", "rank correlation of uncertainties and errors"),
    "site_uncertainty": Quantity(("site",), "eV/Å", "standard deviation of a component of the force"),
    "site_radius": Quantity(("site",), "eV/Å", "radius of the ball that should hold the force"),
    "site_force_error": Quantity(("site",), "eV/Å", "length of the error of the force"),
    "frame_uncertainty": Quantity(_SERIES, "eV/Å", "largest uncertainty of an atom of the frame"),
    "frame_radius": Quantity(_SERIES, "eV/Å", "largest radius of a ball that should hold the force of an atom"),
    "frame_distance": Quantity(_SERIES, "1", "largest statistic of an uncertainty without unit"),
    "atom_distance": Quantity(("frame", "atom"), "1", "statistic of an uncertainty without unit"),
    "alarm": Quantity(_SERIES, "1", "whether the threshold of the monitor was passed"),
    "live_threshold": Quantity(_SERIES, "1", "threshold of the monitor, in the unit of what it looks at"),
    "member_estimate": Quantity(("estimator", "member"), "1", "average in the ensemble of a member"),
    "model_error": Quantity(("estimator",), "1", "standard deviation over members, in the unit of the estimate"),
    "total_error": Quantity(("estimator",), "1", "statistical and model error together"),
    "member_share": Quantity(("member",), "1", "share of the frames that carry the weights of a member"),
    "rate_constant_error": Quantity(_RATES, "1/s", "standard error of the rate constant"),
    "window": Quantity(("window",), "Å", "reaction coordinate of centroids", coordinate=True),
    "mean_force": Quantity(_BY_WINDOW, "eV/Å", "slope of the free energy of centroids"),
    "mean_force_error": Quantity(_BY_WINDOW, "eV/Å", "standard error of the slope of the free energy"),
    "potential_of_mean_force": Quantity(_BY_WINDOW, "eV", "free energy of centroids above the dividing surface"),
    "potential_of_mean_force_error": Quantity(_BY_WINDOW, "eV", "standard error of the potential of mean force"),
    "delay": Quantity(("delay",), "fs", "time since the dividing surface was left", coordinate=True),
    "transmission": Quantity(("bead_count", "delay"), "1", "transmission coefficient by time"),
    "transmission_error": Quantity(("bead_count", "delay"), "1", "standard error of the transmission coefficient"),
    "transmission_coefficient": Quantity(("bead_count",), "1", "transmission coefficient, plateau"),
    "transmission_coefficient_error": Quantity(("bead_count",), "1", "standard error of the plateau"),
    "round": Quantity(_SERIES, "1", "round of active learning", coordinate=True),
    "labels_used": Quantity(_SERIES, "1", "labelled frames, those at the start included"),
    "labels_failed": Quantity(_SERIES, "1", "structures that could not be labelled, so far"),
    "candidates": Quantity(_SERIES, "1", "structures that were explored"),
    "new_candidates": Quantity(_SERIES, "1", "structures that were sane and new"),
    "largest_uncertainty": Quantity(_SERIES, "eV/Å", "largest uncertainty of new structures"),
    "mean_uncertainty": Quantity(_SERIES, "eV/Å", "mean of the uncertainties of new structures"),
    "chosen_uncertainty": Quantity(_SERIES, "eV/Å", "mean of the uncertainties of labelled structures"),
    "explored_force_error": Quantity(_SERIES, "eV/Å", "RMS error of force components, before it was learned"),
    "test_energy_error": Quantity(_SERIES, "eV/atom", "RMS error of energy per atom, test frames"),
    "test_force_error": Quantity(_SERIES, "eV/Å", "RMS error of force components, test frames"),
    "round_seconds": Quantity(_SERIES, "s", "wall time of the round"),
    "replica": Quantity(_REPLICAS, "1", "replica", coordinate=True),
    "seed": Quantity(_REPLICAS, "1", "seed of a replica", coordinate=True),
    "target_temperature": Quantity(_REPLICAS, "K", "target temperature at the start", coordinate=True),
    "target_pressure": Quantity(_REPLICAS, "GPa", "target pressure at the start", coordinate=True),
    "live_temperature": Quantity(_SERIES, "K", "target temperature"),
    "live_pressure": Quantity(_SERIES, "GPa", "target pressure"),
    "live_friction": Quantity(_SERIES, "1/ps", "friction"),
    "live_thermostat_time": Quantity(_SERIES, "fs", "time constant of the thermostat"),
    "walker": Quantity(("frame", "replica"), "1", "walker that is at the temperature of a replica"),
    "attempts": Quantity(("frame", "pair"), "1", "exchanges tried so far"),
    "exchanges": Quantity(("frame", "pair"), "1", "exchanges made so far"),
    "round_trips": Quantity(_SERIES, "1", "ways of a walker from the coldest replica to the hottest and back, so far"),
}


def build_dataset(
    variables: Mapping[str, object],
    coords: Mapping[str, object] | None = None,
    attrs: Mapping[str, object] | None = None,
) -> xr.Dataset:
    """The Dataset of arrays named as in the table, with units and labels.

    Whether a row is a coordinate is said by the table, so `variables` and `coords` may be mixed.

    **Raises:** `InputError` for a name that is no row, a wrong rank, or two sizes for one dim.
    """
    arrays = {name: as_array(values) for name, values in {**variables, **(coords or {})}.items()}
    check_arrays(arrays)
    dataset = xr.Dataset({name: (_dims(name, array), array, QUANTITIES[name].attrs) for name, array in arrays.items()})
    dataset = dataset.assign_coords(labels_of(dataset.dims))
    dataset = dataset.set_coords([name for name in arrays if QUANTITIES[name].coordinate])
    return dataset.assign_attrs(plain_attrs(attrs or {}))


def check_arrays(arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse what does not fit the table, or does not fit together.

    **Raises:** `InputError` that names the array, its shape and what was expected.
    """
    sizes = {dim: (len(labels), ", ".join(labels)) for dim, labels in LABELS.items()}
    for name, array in arrays.items():
        if name not in QUANTITIES:
            raise unknown("quantity", name, QUANTITIES)
        dims = _dims(name, array)
        if len(array.shape) != len(dims):
            raise InputError(f"{name} has shape {tuple(array.shape)}; it needs {len(dims)} axes: {', '.join(dims)}")
        for dim, size in zip(dims, array.shape, strict=True):
            expected, origin = sizes.setdefault(dim, (size, name))
            if size != expected:
                raise InputError(f"{name} has {size} entries along {dim!r}; it needs {expected}, as {origin}")


def _dims(name: str, array: np.ndarray) -> tuple[str, ...]:
    return QUANTITIES[name].dims_of(len(array.shape))


def as_array(values: Any) -> np.ndarray:
    """A numpy array with text as fixed-width unicode, the one kind every file format knows; dask stays lazy."""
    if hasattr(values, "__dask_graph__"):
        return values
    array = np.asarray(values)
    return np.array(array.tolist(), dtype=str) if array.dtype.kind in "OT" else array


def labels_of(dims: Iterable[Hashable]) -> dict[str, tuple]:
    """Coordinates of those dims that have labels, as xarray takes them."""
    labelled = [dim for dim in LABELS if dim in set(dims)]
    return {dim: (dim, np.array(LABELS[dim]), {"units": "1", "long_name": DIMS[dim]}) for dim in labelled}


def plain_attrs(attrs: Mapping[str, object]) -> dict[str, str | int | float]:
    """Attributes every file format can hold: text and numbers as they are, anything else as JSON text."""
    return {name: _plain(value) for name, value in attrs.items()}


def _plain(value: Any) -> str | int | float:
    value = value.item() if isinstance(value, np.generic) else value
    is_plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    return value if is_plain else json.dumps(value)
