"""How a design compares with what it could fall apart into."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..potentials import AbstractPotential
from ..properties import cheapest_mixture
from ..system import System
from .freedom import freedom_of
from .medium import Arrangement, Medium, Stage, shares_of
from .partner import Partner
from .quantity import quantity


class Competing:
    """Quantities of a material."""

    @quantity("eV")
    def energy_above_hull(self) -> Float[Array, ""]:
        """Of an atom above the cheapest mixture of the competitors, eV; negative for what is more stable than all.

        **Raises:** `InputError` where there are none.
        """
        competitors = self._conditions.competitors
        if competitors is None:
            raise InputError(
                "energy_above_hull needs what to compare with; give --competitors, structures of the phases"
            )
        return self.energy_per_atom - competitors.energy(self._medium, shares_in(self._stage.system, self._medium))


class Phase(Partner):
    """A structure that a design competes with, at rest under no pressure."""

    @classmethod
    def of(cls, system: System, potential: AbstractPotential, stretch: float = 1.0) -> "Phase":
        """**Raises:** `InputError` for what the potential cannot evaluate."""
        system = system.astype("float64")
        cell = "full" if any(system.pbc) else "fixed"
        return cls(Stage.of(system, potential, stretch=stretch), freedom_of(system, positions=True, cell=cell))

    def energy(self, medium: Medium) -> Float[Array, ""]:
        """Of an atom, eV, with derivatives by the potential; no number where the minimum is far from the structure."""
        system = self.stage.system
        weights = None if medium.weights is None else jnp.asarray(shares_of(system, medium.potential))
        mine = Medium(medium.potential, weights, medium.length, medium.energy, None)
        # With all lengths longer the minimum is farther away than a table reaches.
        length = jax.lax.stop_gradient(medium.length)
        start = Arrangement(length * system.positions, length * system.cell)
        return self.energy_near(start, mine) / len(system.numbers)


class Competitors(eqx.Module):
    """Phases, of which a design could be a mixture."""

    phases: tuple[Phase, ...]
    shares: Float[np.ndarray, "phases elements"]
    """Of the elements of the potential among the atoms of each."""
    energies: Float[Array, " phases"] | None = None
    """Of an atom, eV, where they do not change."""

    def varying(self) -> "Competitors":
        """The same for a potential that changes."""
        return Competitors(self.phases, self.shares)

    def energy(self, medium: Medium, share: Float[Array, " elements"]) -> Float[Array, ""]:
        r"""Of an atom of the cheapest mixture with these shares of elements, eV.

        By the envelope theorem $\partial E/\partial E_i = \lambda_i$ and $\partial E/\partial x = \mu$: shares of the
        phases and chemical potentials, from a linear programme on the host.
        """
        energies = (
            jnp.stack([phase.energy(medium) for phase in self.phases]) if self.energies is None else self.energies
        )
        shapes = tuple(jax.ShapeDtypeStruct((size,), energies.dtype) for size in self.shares.shape)
        fixed = jax.lax.stop_gradient((energies, share))
        shares = np.asarray(self.shares)
        parts, potentials = jax.pure_callback(lambda *given: _mixture(shares, *given), shapes, *fixed)
        parts, potentials = jax.lax.stop_gradient((parts, potentials))
        return parts @ energies + potentials @ (share - fixed[1])


def competitors_of(
    systems: Sequence[System],
    potential: AbstractPotential,
    wanted: Float[np.ndarray, "compositions elements"],
    *,
    stretch: float = 1.0,
) -> Competitors:
    """Phases that a design with any of the wanted compositions could be a mixture of.

    **Raises:** `InputError` for phases that do not relax near where they are given, and for a composition that no
    mixture has.
    """
    phases = tuple(Phase.of(system, potential, stretch) for system in systems)
    one = jnp.ones(())
    plain = Medium(potential, None, one, one, None)
    shares = np.stack([np.asarray(shares_in(system, plain)) for system in systems])
    energies = np.array([float(eqx.filter_jit(phase.energy)(plain)) for phase in phases])
    for place in np.flatnonzero(~np.isfinite(energies)):
        raise InputError(
            f"--competitors: the minimum of {systems[place].formula} is far away; relax it first (%mlip relax)"
        )
    for composition in wanted:
        if cheapest_mixture(shares, energies, composition)[0] is None:
            missing = _told(composition, potential)
            raise InputError(f"--competitors: no mixture of them is {missing}; add a phase of each element")
    return Competitors(phases, shares, jnp.asarray(energies))


def shares_in(system: System, medium: Medium) -> Float[Array, " elements"]:
    """Of the elements of the potential among the atoms; of one that takes all for the same, of that."""
    elements = medium.potential.spec.elements
    if medium.weights is not None:
        return jnp.mean(medium.weights, axis=1)
    if not elements:
        return jnp.ones(1)
    return jnp.asarray([np.mean([symbol == element for symbol in system.symbols]) for element in elements])


def _told(composition: np.ndarray, potential: AbstractPotential) -> str:
    parts = zip(composition, potential.spec.elements or ("any element",), strict=True)
    return " ".join(f"{share:.3g} {element}" for share, element in parts if share)


def _mixture(shares: np.ndarray, energies, share) -> tuple[np.ndarray, np.ndarray]:
    """No number where an energy is none."""
    if not np.isfinite(energies).all():
        return np.full(len(shares), np.nan), np.full(shares.shape[1], np.nan)
    parts, potentials = cheapest_mixture(shares, np.asarray(energies), np.asarray(share))
    assert parts is not None, "this was looked at before the first step"
    return parts, potentials
