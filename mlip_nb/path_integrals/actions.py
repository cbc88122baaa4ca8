"""Actions of a path integral: what of the potential each bead feels, to second or to fourth order in the time step."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from .. import units
from ..simulate import MDState, Surface, over_beads


class Action(eqx.Module):
    r"""The mean energy of the beads, with the square of the force in it where an action is of fourth order.

    $$\bar W = \frac1P \sum_j \Big[ a_j V(q_j) + b_j \tau^2 \sum_i \frac{|\nabla_i V(q_j)|^2}{m_i} \Big], \quad
    \tau = \beta\hbar/P$$

    Its partition function tells everything. With $\lambda O$ added to V the derivative by λ is the average of a
    function of positions, $\hat O = \frac1P \sum_j a_j O + 2 b_j \tau^2 \sum_i \nabla_i V \cdot \nabla_i O / m_i$
    (`response`): that of energies is the potential energy, that of forces is what moves the beads, that of the strain
    derivative belongs to the stress. The derivative by masses has $\Delta = \frac1P \sum_j b_j \tau^2 |\nabla V|^2/m$
    besides what springs have (`excess`): the kinetic energy is larger by it.

    ??? cite "Reference"
        M. Takahashi, M. Imada, *J. Phys. Soc. Jpn.* **53**, 3765 (1984), doi:10.1143/JPSJ.53.3765;
        S. A. Chin, *Phys. Lett. A* **226**, 344 (1997), doi:10.1016/S0375-9601(97)00003-0;
        S. Jang, S. Jang, G. A. Voth, *J. Chem. Phys.* **115**, 7832 (2001), doi:10.1063/1.1410117
    """

    shares: tuple[float, ...] = eqx.field(static=True)
    """$a_j$ of the first beads; the others repeat them."""
    squares: tuple[float, ...] = eqx.field(static=True)
    """$b_j$, likewise."""

    @property
    def period(self) -> int:
        """Beads after which everything repeats; their number is a multiple of it."""
        return len(self.shares)

    @property
    def order(self) -> int:
        """Of the error in 1/P."""
        return 4 if any(self.squares) else 2

    def response(
        self, function: Callable[[Float[Array, "3 atoms"]], PyTree], state: MDState, surface: Surface, kT
    ) -> PyTree:
        """`function` of each bead as its average takes it, with a leading axis.

        By a directional derivative, without differences; along the forces, because the Hessian is symmetric.
        """

        def at(place: int) -> PyTree:
            share, scale = self.shares[place], 2 * self.squares[place] * self._time(state, kT) ** 2

            def felt(positions):
                slope = -surface(positions, state.cell)[1] / state.masses
                value, change = jax.jvp(function, (positions,), (slope,))
                return jax.tree.map(lambda v, c: share * v + scale * c, value, change)

            def plain(positions):
                return jax.tree.map(lambda v: share * v, function(positions))

            return over_beads(felt if self.squares[place] else plain, state.beads[place :: self.period])

        return jax.tree.map(_interleaved, *(at(place) for place in range(self.period)))

    def excess(self, state: MDState, surface: Surface, kT: Float[Array, ""]) -> Float[Array, "3 3 atoms"]:
        r"""$\Delta$ of each atom, by axes, eV."""
        total = jnp.zeros((3, 3, state.masses.size), state.positions.dtype)
        for place, square in enumerate(self.squares):
            if square:
                beads = state.beads[place :: self.period]
                forces = over_beads(lambda positions: surface(positions, state.cell)[1], beads)
                total += square * jnp.einsum("jan,jbn->abn", forces, forces, precision="highest") / len(state.beads)
        return self._time(state, kT) ** 2 * total / state.masses

    @staticmethod
    def _time(state: MDState, kT: Float[Array, ""]) -> Float[Array, ""]:
        r"""τ."""
        return units.HBAR / (len(state.beads) * kT)


PRIMITIVE = Action((1.0,), (0.0,))
ACTIONS = {
    "primitive": PRIMITIVE,
    "takahashi-imada": Action((1.0,), (1 / 24,)),
    "suzuki-chin": Action((2 / 3, 4 / 3), (0.0, 1 / 9)),
}
"""By name. Suzuki and Chin's has α = 0: only every second bead needs second derivatives."""


def _interleaved(*groups: Float[Array, "beads *rest"]) -> Float[Array, "all *rest"]:
    return groups[0] if len(groups) == 1 else jnp.stack(groups, axis=1).reshape(-1, *groups[0].shape[1:])
