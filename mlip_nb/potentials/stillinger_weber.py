"""The Stillinger-Weber potential, with its angles at the cost of pairs."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..neighbors import everywhere
from ._base import VOIGT, AbstractGraphPotential, Edges, FastPath, Graph, Parts, kinds_of_pairs
from ._slots import Slot, Totals, look
from ._spec import potentials
from ._tables import TabulatedSpec, arithmetic, geometric, of_pair, stored

_ELEMENTS = {"Si": (2.1683, 2.0951, 21.0), "Ge": (1.93, 2.181, 31.0)}
"""Energy (eV), length (Å), strength of the angles."""
_A, _B = 7.049556277, 0.6022245584
_RANGE, _GAMMA, _COSINE = 1.80, 1.20, -1 / 3
_EDGE = 1 / 500
"""Distance from the cutoff, in sigma, where exp(sigma / (r - a sigma)) is zero in any precision."""


class StillingerWeber(AbstractGraphPotential, FastPath):
    r"""Pairs, and angles that prefer the tetrahedron.

    $$E_i = \tfrac12 \sum_j A\varepsilon\,[B(\sigma/r)^4 - 1]\,e^{\sigma/(r - a\sigma)}
    + \tfrac12 \sum_{j \neq k} f_j f_k (\cos\theta_{jik} - c_0)^2,
    \quad f = \sqrt{\lambda\varepsilon}\,e^{\gamma\sigma/(r - a\sigma)}$$

    The square of the cosine is a polynomial in the unit vectors $u$, so that the sum over pairs of neighbours
    follows from the moments $T = \sum f uu$, $V = \sum f u$, $S = \sum f$ of each atom:

    $$\sum_{j \neq k} = T{:}T - 2c_0 V{\cdot}V + c_0^2 S^2 - (1 - c_0)^2 \sum f^2$$
    """

    epsilon: Float[Array, "species species"]
    sigma: Float[Array, "species species"]
    strength: Float[Array, "species species"]
    """Square root of lambda times epsilon: mixtures keep the product form."""
    cutoff: float = eqx.field(static=True)
    edge_cost: ClassVar[float] = 0.05
    needs_reverse: ClassVar[bool] = False
    divides: ClassVar[bool] = True
    mixes: ClassVar[bool] = True
    spec: "StillingerWeberSpec" = eqx.field(static=True)

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """Half of each pair to either atom, an angle to its corner; of mixtures the mean over what all three may be."""
        r = graph.distances
        unit = list(graph.vectors / r)
        if graph.is_mixed:
            return jnp.sum(graph.species * _around(*self._among(graph, r), unit), axis=0)
        own = jnp.broadcast_to(graph.species, r.shape)
        other = graph.species.at[graph.others].get(mode="promise_in_bounds")
        pair, _, weight, _ = self._radial(r, own, other)
        return _around(pair, weight, unit)

    def _among(self, graph: Graph, r):
        """Pair energies and weights in angles, `[species slots atoms]`, of each kind of atom among mixtures."""
        own, other = kinds_of_pairs(graph)
        pair, _, weight, _ = self._radial(jnp.broadcast_to(r, own.shape), own, other)
        there = graph.gather(graph.species)
        return jnp.einsum("bsn,absn->asn", there, pair), jnp.einsum("bsn,absn->asn", there, weight)

    def fast_compute(self, edges: Edges) -> Parts:
        """One loop for the moments, one for all the rest."""
        edges, species = edges.mine(), self.species(edges.numbers)
        own = edges.own(species)
        zero = jnp.zeros_like(own, edges.positions.dtype)

        def add_moments(index, moments):
            _, unit, radial = self._edge(look(edges, index, self.cutoff), species, own)
            return [total + term for total, term in zip(moments, _terms(radial[2], unit), strict=True)]

        moments = edges.fold(add_moments, [zero] * 10)
        everybody = [everywhere(moment, len(species)) for moment in moments]

        def add_edges(index, totals):
            slot = look(edges, index, self.cutoff)
            inverse, unit, (pair, steepness, weight, fall) = self._edge(slot, species, own)
            stretch, turn = _angular_slopes(moments, [slot.gather(moment) for moment in everybody], weight, unit)
            outward = sum(t * u for t, u in zip(turn, unit, strict=True))
            radial = steepness + stretch * fall - outward * inverse
            energy = 0.5 * (pair - (1 - _COSINE) ** 2 * weight**2)
            return totals.add(slot, energy, [radial * u + t * inverse for u, t in zip(unit, turn, strict=True)])

        start = eqx.tree_at(lambda totals: totals.energies, Totals.nothing(edges), _angular(moments))
        return edges.fold(add_edges, start).parts(edges)

    def _edge(self, slot: Slot, species, own):
        """1/r, unit vector, and radial functions in one slot."""
        r = jnp.sqrt(slot.r2)
        inverse = 1 / r
        return inverse, [d * inverse for d in slot.along], self._radial(r, own, slot.gather(species))

    def _radial(self, r, own, other):
        """Pair energy and its slope, weight in an angle and its slope; zero beyond the cutoff of the species."""
        sigma, epsilon = of_pair(self.sigma, own, other), of_pair(self.epsilon, own, other)
        inside = _RANGE * sigma - r > _EDGE * sigma
        # Beyond the cutoff the exponent would be positive, and 1/0 at it: NaN in the derivatives.
        gap = jnp.where(inside, r / sigma - _RANGE, -1)
        decay = jnp.where(inside, jnp.exp(1 / gap), 0)
        weight = jnp.where(inside, of_pair(self.strength, own, other) * jnp.exp(_GAMMA / gap), 0)
        s4 = (sigma / r) ** 4
        pair = _A * epsilon * (_B * s4 - 1) * decay
        fall = -1 / (gap * gap * sigma)
        return pair, pair * fall - 4 * _A * _B * epsilon * s4 * decay / r, weight, _GAMMA * weight * fall


def _around(pair, weight, unit) -> Float[Array, "*species atoms"]:
    """Energies of atoms from those of their pairs, and from the weights of neighbours in their angles."""
    moments = [jnp.sum(term, axis=-2) for term in _terms(weight, unit)]
    itself = 0.5 * (1 - _COSINE) ** 2 * jnp.sum(weight**2, axis=-2)
    return 0.5 * jnp.sum(pair, axis=-2) + _angular(moments) - itself


def _terms(weight, unit) -> list:
    """What a neighbour adds to the ten moments of an atom."""
    first = [weight * u for u in unit]
    return [first[a] * unit[b] for a, b in VOIGT] + first + [weight]


def _angular(moments):
    """Energy of all angles at an atom, those of a neighbour with itself included."""
    square = sum(m * m for m in moments[:3]) + 2 * sum(m * m for m in moments[3:6])
    return 0.5 * (square - 2 * _COSINE * sum(m * m for m in moments[6:9]) + _COSINE**2 * moments[9] ** 2)


def _angular_slopes(here, there, weight, unit):
    """Derivatives of the energy of the angles at both ends of an edge, by its weight and by its unit vector.

    Seen from the other end the unit vector is the opposite one: even moments add, odd ones subtract.
    """
    xx, yy, zz, yz, xz, xy, *odd, total = [
        h - t if 6 <= rank < 9 else h + t for rank, (h, t) in enumerate(zip(here, there, strict=True))
    ]
    tensor = ((xx, xy, xz), (xy, yy, yz), (xz, yz, zz))
    along = [sum(row[a] * unit[a] for a in range(3)) for row in tensor]
    quadratic = sum(t * u for t, u in zip(along, unit, strict=True))
    linear = sum(v * u for v, u in zip(odd, unit, strict=True))
    stretch = quadratic - 2 * _COSINE * linear + _COSINE**2 * total - 2 * (1 - _COSINE) ** 2 * weight
    return stretch, [2 * weight * (t - _COSINE * v) for t, v in zip(along, odd, strict=True)]


@potentials.register("stillinger-weber")
class StillingerWeberSpec(TabulatedSpec):
    """Stillinger-Weber: silicon, germanium and their alloys.

    ??? cite "Reference"
        F. H. Stillinger and T. A. Weber, *Phys. Rev. B* **31**, 5262 (1985), doi:10.1103/PhysRevB.31.5262, energies
        scaled to the cohesive energy 4.3366 eV. Germanium: K. Ding and H. C. Andersen, *Phys. Rev. B* **34**, 6987
        (1986), doi:10.1103/PhysRevB.34.6987. Alloys, not fitted: geometric means of energies and of the strengths of
        angles, arithmetic means of lengths.
    """

    origin: ClassVar[str] = (
        "Stillinger & Weber 1985, Phys. Rev. B 31, 5262; Ge by Ding & Andersen 1986; Si-Ge by combination rules"
    )
    licence: ClassVar[str] = "published parameters"
    default_rank: ClassVar[int | None] = 30
    known: ClassVar[tuple[str, ...]] = tuple(_ELEMENTS)

    def build(self) -> StillingerWeber:
        """The potential."""
        epsilon, sigma, strength = np.array([_ELEMENTS[symbol] for symbol in self.elements]).T
        return StillingerWeber(
            epsilon=stored(geometric(epsilon), self.precision),
            sigma=stored(arithmetic(sigma), self.precision),
            strength=stored(np.sqrt(geometric(epsilon * strength)), self.precision),
            cutoff=_RANGE * float(sigma.max()),
            spec=self,
        )
