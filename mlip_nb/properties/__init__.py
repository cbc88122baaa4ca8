"""Properties: what is computed from a Dataset alone."""

from ._analysis import Analysis, analyses
from .angles import AngularDistribution
from .averages import Average, average
from .bond_order import BondOrder
from .committee import Propagated, propagated, split_variance
from .coordination import Coordination
from .diffusion import Diffusion
from .displacement import MeanSquareDisplacement
from .extrapolation import Extrapolation, bead_convergence, extrapolate, verdict
from .hull import Hull, cheapest_mixture, convex_hull, energy_above_hull
from .isotopes import equilibrium_isotope_effect, fractionation
from .means import Averages
from .quantum import quantum_averages
from .radial import RadialDistribution, radial_distribution
from .structure_factor import StructureFactor
from .thermal_conductivity import ThermalConductivity
from .velocity import VelocityAutocorrelation, VibrationalDensity
from .viscosity import ShearViscosity

__all__ = [
    "Analysis",
    "AngularDistribution",
    "Average",
    "Averages",
    "BondOrder",
    "Coordination",
    "Diffusion",
    "Extrapolation",
    "Hull",
    "MeanSquareDisplacement",
    "RadialDistribution",
    "ShearViscosity",
    "StructureFactor",
    "ThermalConductivity",
    "VelocityAutocorrelation",
    "VibrationalDensity",
    "analyses",
    "Propagated",
    "average",
    "bead_convergence",
    "cheapest_mixture",
    "convex_hull",
    "energy_above_hull",
    "equilibrium_isotope_effect",
    "extrapolate",
    "fractionation",
    "propagated",
    "quantum_averages",
    "radial_distribution",
    "split_variance",
    "verdict",
]
