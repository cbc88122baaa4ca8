"""Energies of mixing of two elements on the sites of a crystal, and what follows for their phase diagram."""

from typing import TYPE_CHECKING, Annotated

import annotated_types
import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..params import Count, Seed
from ..potentials import AbstractPotential
from ..properties.mixing import Mixture
from ..results.schema import build_dataset
from ..statics.quasirandom import quasirandom
from ..system import System, check, from_ase, to_ase
from ._property import Property
from ._statics import end_of, origin, unbroken
from .relax import Relax

if TYPE_CHECKING:
    import xarray as xr

Fraction = Annotated[float, annotated_types.Ge(0), annotated_types.Le(1)]


class Mix(Property):
    r"""Random alloys against their elements in the same crystal:

    $$\Delta E(x) = E(x) - (1 - x) E_A - x E_B$$

    for an atom, of special quasirandom structures. A Redlich–Kister curve through it gives the phase diagram of the
    random mixture, without vibrations.
    """

    elements: tuple[str, str]
    """The two elements; x is the part of the second."""
    fractions: Annotated[tuple[Fraction, ...], annotated_types.MinLen(1)] = (0.25, 0.5, 0.75)
    """Parts of the second element, between the ends; the ends come along."""
    supercell: Count = 2
    """Repeats of the structure along each vector."""
    arrangements: Count = 2
    """Random structures of each composition; their spread is the error."""
    terms: Annotated[int, annotated_types.Gt(0), annotated_types.Le(4)] = 2
    """Terms of the Redlich–Kister curve; one is a regular solution."""
    relax: bool = True
    """Relax positions and cell; without it every structure keeps those of the crystal."""
    relaxation: Relax = Relax(check=False)
    """How structures relax."""
    seed: Seed = 0
    """Of the random structures; the next ones count on from it."""

    def of(self, system: System, potential: AbstractPotential, /) -> "xr.Dataset":
        """Energies of mixing by composition, and the critical point.

        **Raises:** `InputError` for what is no crystal, and for parts that its sites cannot hold.
        """
        check(system)
        if not all(system.pbc):
            raise InputError("mixtures live on the sites of a crystal, periodic in all directions; give it a cell")
        crystal = from_ase(to_ase(system).repeat(self.supercell))
        fractions = np.array(sorted({0.0, *self.fractions, 1.0}))
        Mixture.fitted(fractions, np.zeros(len(fractions)), self.terms)  # What cannot be fitted is told at once.
        made = [self._structures(crystal, float(fraction)) for fraction in fractions]
        found = [[self._at_rest(one, potential) for one, _ in alike] for alike in made]
        energies = [[float(potential.evaluate(one).energy) / len(one.numbers) for one in alike] for alike in found]
        mixing = _mixing(fractions, np.array([np.mean(one) for one in energies]))
        mixture = Mixture.fitted(fractions, mixing, self.terms)
        share, temperature = mixture.critical
        return build_dataset(
            {
                "fraction": fractions,
                "mixing_energy": mixing,
                "mixing_energy_error": np.array([_error(one) for one in energies]),
                "mixing_volume": np.array([np.mean([float(s.volume) / len(s.numbers) for s in one]) for one in found]),
                "pair_mismatch": np.array([max(mismatch for _, mismatch in alike) for alike in made]),
                "redlich_kister": mixture.coefficients,
                "critical_fraction": share,
                "critical_temperature": temperature,
            },
            attrs={**origin("mix", self, system, potential), "elements": "-".join(self.elements)},
        )

    def _structures(self, crystal: System, fraction: float) -> list[tuple[System, float]]:
        """At the ends there is one only."""
        count = self.arrangements if 0 < fraction < 1 else 1
        return [quasirandom(crystal, self.elements, fraction, seed=self.seed + place) for place in range(count)]

    def _at_rest(self, system: System, potential: AbstractPotential) -> System:
        return end_of(unbroken(self.relaxation.of(system, potential)), system) if self.relax else system


def _mixing(fractions: Float[np.ndarray, " points"], energies: Float[np.ndarray, " points"]) -> np.ndarray:
    """Less the mixture of the ends, eV/atom."""
    return energies - (1 - fractions) * energies[0] - fractions * energies[-1]


def _error(energies: list[float]) -> float:
    """Standard error over arrangements; NaN for a single one, zero at the ends needs none."""
    return float(np.std(energies, ddof=1) / np.sqrt(len(energies))) if len(energies) > 1 else np.nan
