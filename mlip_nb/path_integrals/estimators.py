"""Estimators of quantum averages from one configuration of the ring polymers, by the names of the quantities table.

With $u_j = q_j - \\bar q$ and β = 1/kT; in the limit of many beads all estimators of a quantity have one mean, and at
finite P the two of the kinetic energy still do.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..simulate import BeadParts, MDState, Surface, over_beads


def estimates(
    state: MDState,
    parts: BeadParts,
    excess: Float[Array, "3 3 atoms"],
    springs: Float[Array, " modes"],
    kT: Float[Array, ""],
) -> dict[str, Float[Array, "..."]]:
    r"""Kinetic energies (eV) and radii of gyration (Å).

    Centroid virial, of each atom and as a tensor: $\tfrac12 d k_B T + \tfrac1{2P} \sum_j u_j \cdot \nabla_j V$; its
    variance stays finite. Primitive: $\tfrac12 d P k_B T - \sum_k \tfrac12 m \omega_k^2 Q_k^2$; its variance grows
    with P. To both comes the `excess` of an action of fourth order (see `Action`). The $d$ degrees of freedom are those
    of the centroid, fewer than 3N when the centre of mass is held.

    ??? cite "Reference"
        M. F. Herman, E. J. Bruskin, B. J. Berne, *J. Chem. Phys.* **76**, 5150 (1982), doi:10.1063/1.442815
    """
    away, modes = state.beads - state.positions, state.ring.positions
    virial = -jnp.einsum("jan,jbn->abn", away, parts[1], precision="highest") / len(away)
    free = _free(state)
    classical = 0.5 * kT * free
    stretched = 0.5 * state.masses * jnp.einsum("k,kan->n", springs, modes**2, precision="highest")
    primitive = classical + 1.5 * kT * len(modes) * _mobile(state) - stretched
    tensor = 0.5 * (kT * free.sum() / 3 * jnp.eye(3, dtype=virial.dtype) + _symmetric(virial.sum(axis=-1)))
    more = jnp.trace(excess)
    rank = jnp.argsort(state.order)
    return {
        "atom_kinetic_energy": (classical + 0.5 * jnp.trace(virial) + more)[rank],
        "kinetic_energy_tensor": tensor + excess.sum(axis=-1),
        "primitive_kinetic_energy": (primitive + more).sum(),
        "gyration_radius": jnp.sqrt(jnp.sum(modes**2, axis=(0, 1)))[rank],
    }


def curvature_estimates(
    state: MDState, parts: BeadParts, surface: Surface, kT: Float[Array, ""]
) -> dict[str, Float[Array, ""]]:
    r"""The derivative of the energy estimator with β, eV²: what the heat capacity needs besides its variance.

    Along scaled paths $q_j(b) = \bar q + \sqrt{b/\beta}\,u_j$ the energy is $\varepsilon = d/2b + g'(b)$ with
    $g = b \bar V$, and $C_V = k_B \beta^2 [\operatorname{Var} \varepsilon - \langle \varepsilon' \rangle]$. Its
    second derivative along the path comes from a Hessian times a vector, without finite differences.

    ??? cite "Reference"
        T. M. Yamamoto, *J. Chem. Phys.* **123**, 104101 (2005), doi:10.1063/1.2013257
    """
    away = state.beads - state.positions

    def bend(displacement):
        def force(positions):
            return surface(positions, state.cell)[1]

        _, change = jax.jvp(force, (state.positions + displacement,), (displacement,))
        return -jnp.sum(displacement * change)

    slope = -jnp.sum(away * parts[1]) / len(away)
    second = over_beads(bend, away).mean()
    return {"energy_slope": -0.5 * _free(state).sum() * kT**2 + 0.25 * kT * (3 * slope + second)}


def _free(state: MDState) -> Float[Array, " atoms"]:
    """Degrees of freedom of the centroid of each atom: what a held centre of mass takes is shared by mass."""
    mobile = _mobile(state)
    masses = mobile * state.masses
    return 3 * mobile - (3 * mobile.sum() - state.freedom) * masses / masses.sum()


def _mobile(state: MDState) -> Float[Array, " atoms"]:
    """One for every atom that moves."""
    return jnp.ones_like(state.masses) if state.mobile is None else state.mobile.astype(state.masses.dtype)


def _symmetric(tensor: Float[Array, "3 3"]) -> Float[Array, "3 3"]:
    return 0.5 * (tensor + tensor.T)
