"""What ring polymers would do with other masses: scaled coordinates, frame by frame."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..simulate import BeadParts, MDState, Surface, over_beads


def scaled_estimates(
    state: MDState, parts: BeadParts, surface: Surface, masses: Float[Array, "isotopes atoms"]
) -> dict[str, Float[Array, "..."]]:
    r"""How the mean potential energy of the beads changes with their masses, and what is quantum of the kinetic
    energy of the atoms that change, eV.

    With other masses m' and the same modes of the free ring polymer, beads are at $\bar q + \sqrt{m/m'}\,u_j$, and
    $$\frac{Q(m')}{Q(m)} = \prod_i \left(\frac{m_i'}{m_i}\right)^{3/2}
    \left\langle e^{-\beta [\bar V(\bar q + \sqrt{m/m'}\,u) - \bar V(q)]} \right\rangle_m ,$$
    where the product is what classical particles have. Costs as much as the energies of all beads, for each of the
    isotopes. The kinetic energy is that of the centroid virial, less its classical part.

    ??? cite "Reference"
        B. Cheng, M. Ceriotti, *J. Chem. Phys.* **141**, 244112 (2014), doi:10.1063/1.4904293
    """
    away = state.beads - state.positions

    def difference(factors: Float[Array, " atoms"]) -> Float[Array, ""]:
        energies = over_beads(lambda bead: surface(bead, state.cell)[0], state.positions + factors * away)
        # Atom by atom: the sums are large numbers, and in single precision their difference would be noise.
        return jnp.sum((energies - parts[0]).mean(axis=0))

    factors = _factors(state, masses)
    virial = -jnp.einsum("jan,jan->n", away, parts[1], precision="highest") / len(away)
    return {
        "scaled_energy_difference": jax.lax.map(difference, factors),
        "excess_kinetic_energy": 0.5 * jnp.sum(jnp.where(_change(factors), virial, 0)),
    }


def widest(state: MDState, masses: Float[Array, "isotopes atoms"]) -> Float[Array, "beads 3 atoms"]:
    """The beads, each as far from its centroid as with the smallest of its masses, the present one included."""
    reach = jnp.maximum(_factors(state, masses).max(axis=0), 1)
    return state.positions + reach * (state.beads - state.positions)


def _factors(state: MDState, masses: Float[Array, "isotopes atoms"]) -> Float[Array, "isotopes atoms"]:
    """How much wider beads spread, in the order of the state."""
    return jnp.sqrt(state.masses / masses.astype(state.masses.dtype)[:, state.order])


def _change(factors: Float[Array, "isotopes atoms"]) -> Bool[Array, " atoms"]:
    """True for atoms that have another mass in any isotope; rounding is none."""
    return jnp.any(jnp.abs(factors - 1) > 1e-5, axis=0)
