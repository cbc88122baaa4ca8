"""Rate constants over one barrier, by every theory side by side, and how they change with isotopes."""

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import annotated_types
import numpy as np

from .. import units
from ..errors import InputError
from ..params import Count, Params, Temperature
from ..path_integrals.instanton import Instanton, check_tunnels, find_instantons
from ..path_integrals.stationary import wavenumber
from ..path_integrals.tunnelling import barrier_frequency, crossover_temperature, eckart, log_tst, wigner
from ..potentials import AbstractPotential
from ..results.schema import build_dataset
from ..system import System
from ..telling import Tell, nothing_told
from ._isotopologues import AS_GIVEN, Isotopologue, check_same_atoms, substituted
from ._provenance import stamp

if TYPE_CHECKING:
    import xarray as xr

_CUBIC_CENTIMETRE = 1e-24
"""Of one Å³."""
_ALONG = ("bead_energy", "bead_distance", "instanton_positions")
_THEORIES = ("classical TST", "quantum TST", "Wigner", "Eckart", "instanton")


class Barrier(Params):
    """What a rate over a barrier depends on besides its structures."""

    temperature: Temperature = 300.0
    """Temperature."""
    isotopes: tuple[str, ...] = ()
    """Isotopologues to compare with, such as H:2.014: of an element, or of an atom by number; several joined by +."""
    paths: Count = 1
    """Equivalent ways over the barrier: symmetry numbers of the reactants over that of the saddle."""


class Tunnelling(Barrier):
    """The same with an instanton."""

    beads: Annotated[int, annotated_types.Ge(4), annotated_types.Le(1024), annotated_types.MultipleOf(2)] = 64
    """Beads of the ring, in two equal halves; half as many are tried before, to see how it converges."""


def rates(
    saddle: System,
    reactants: Sequence[System],
    potential: AbstractPotential,
    barrier: Barrier,
    *,
    product: System | None = None,
    tell: Tell = nothing_told,
) -> "xr.Dataset":
    """Rate constants, tunnelling factors and isotope effects: transition-state theory with classical and with quantum
    vibrations, multiplied by Wigner's and by Eckart's factor, and, of `Tunnelling`, by an instanton.

    `saddle` is a guess, from which the saddle is sought; reactants are relaxed. Two reactants give a bimolecular rate.
    Without a `product` Eckart's barrier is symmetric. Barriers are those of the potential energy.

    **Raises:** `InputError` for atoms that do not match, points that are no saddle or no minimum, potentials without
    second derivatives, and instantons above the crossover temperature.
    """
    check_same_atoms(saddle, reactants, product)
    structures = [saddle, *reactants, *([product] if product else [])]
    for name in barrier.isotopes:
        # Mistakes are told before anything is computed.
        substituted(structures, name)
    found = [_Rates(Isotopologue(structures, len(reactants), potential), barrier, tell)]
    for name in barrier.isotopes:
        points = Isotopologue(substituted(found[0].points.structures, name), len(reactants), potential)
        found.append(_Rates(points, barrier, tell, name=name))
    factors = np.array([[one.factors.get(theory, np.nan) for theory in _THEORIES] for one in found])
    constants = np.array([[one.constants.get(theory, np.nan) for theory in _THEORIES] for one in found])
    unimolecular = len(reactants) == 1
    variables = {
        "isotopologue": np.array([one.name for one in found]),
        "theory": np.array(_THEORIES),
        "rate_constant" if unimolecular else "bimolecular_rate_constant": barrier.paths * constants,
        "tunnelling_factor": factors,
        "isotope_effect": constants[0] / constants,
        "barrier_height": np.array([one.height for one in found]),
        "barrier_wavenumber": np.array([one.wavenumber for one in found]),
        "crossover_temperature": np.array([one.crossover for one in found]),
    }
    return build_dataset(variables | _orbits(found), attrs=_origin(barrier, potential))


class _Rates:
    """Those of one isotopologue."""

    def __init__(self, points: Isotopologue, barrier: Barrier, tell: Tell, name: str = AS_GIVEN):
        self.name, self.points, self.kT = name, points, units.to_internal(barrier.temperature, "K")
        frequency, saddle = barrier_frequency(points.saddle), points.saddle
        self.height = points.height
        self.wavenumber = -wavenumber(saddle.squares[0])
        self.crossover = units.from_internal(crossover_temperature(frequency), "K")
        quantum = log_tst(saddle, points.reactants, self.kT)
        classical = log_tst(saddle, points.reactants, self.kT, 1)
        self.factors = {
            "classical TST": math.exp(classical - quantum),
            "quantum TST": 1.0,
            "Wigner": wigner(frequency, self.kT),
            "Eckart": eckart(frequency, points.height, points.reverse, self.kT),
        }
        self.constants = {name: self._outside(quantum) * factor for name, factor in self.factors.items()}
        self.instantons: list[Instanton] = []
        if isinstance(barrier, Tunnelling):
            self._tunnel(barrier, tell)

    def _tunnel(self, barrier: Tunnelling, tell: Tell) -> None:
        try:
            check_tunnels(self.points.saddle, self.kT)
        except InputError as error:
            # A heavier isotope may well be above its own crossover: the other methods still compare.
            if self.name == AS_GIVEN:
                raise
            tell(f"{self.name}: {error}")
            return
        self.instantons = find_instantons(self.points.landscape, self.points.saddle, self.kT, barrier.beads, tell=tell)
        finest = self.instantons[-1]
        self.factors["instanton"] = finest.tunnelling_factor(self.points.saddle)
        self.constants["instanton"] = self._outside(finest.log_rate(self.points.reactants))

    def convergence(self, counts: Sequence[int]) -> dict[str, list[float]]:
        """Action from the energy of the reactants, and factor, by the number of beads."""
        rise = (self.points.height - self.points.saddle.energy) / self.kT
        known = {one.beads: (one.action + rise, one.tunnelling_factor(self.points.saddle)) for one in self.instantons}
        action, factor = zip(*(known.get(count, (np.nan, np.nan)) for count in counts), strict=True)
        return {"instanton_action": list(action), "instanton_factor": list(factor)}

    def orbit(self, half: int) -> dict[str, np.ndarray]:
        """Energies and places of the beads of half the ring; NaN where there is no instanton."""
        if not self.instantons:
            nowhere = np.full((half, len(self.points.landscape.system.numbers), 3), np.nan)
            return dict(zip(_ALONG, (nowhere[:, 0, 0], nowhere[:, 0, 0], nowhere), strict=True))
        finest, points = self.instantons[-1], self.points
        energies = finest.energies - points.saddle.energy + points.height
        return dict(zip(_ALONG, (energies, finest.lengths, points.landscape.positions(finest.path)), strict=True))

    def _outside(self, logarithm: float) -> float:
        """A rate constant, 1/s or cm³/s."""
        rate = 1e12 * units.from_internal(math.exp(logarithm), "THz")
        return rate * _CUBIC_CENTIMETRE ** (len(self.points.reactants) - 1)


def _orbits(found: Sequence[_Rates]) -> dict[str, np.ndarray]:
    """What instantons are like, isotopologue by isotopologue; nothing where none was asked for."""
    if not found[0].instantons:
        return {}
    counts = sorted({one.beads for row in found for one in row.instantons})
    rows = [one.convergence(counts) | one.orbit(len(found[0].instantons[-1].path)) for one in found]
    return {"instanton_beads": np.array(counts), **{name: np.array([row[name] for row in rows]) for name in rows[0]}}


def _origin(barrier: Barrier, potential: AbstractPotential) -> dict[str, object]:
    return {
        "made_by": "instanton" if isinstance(barrier, Tunnelling) else "tst",
        "params": json.dumps(barrier.describe()),
        "potential": json.dumps(potential.spec.describe()),
        "potential_fingerprint": potential.fingerprint,
        **stamp(),
    }
