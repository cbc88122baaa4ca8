"""How quantum averages depend on the potential and on masses: derivatives from the frames of one run."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import InputError
from ..potentials import AbstractPotential
from ..properties._temperature import constant_kT
from ..properties.free_energy import Estimate
from ..properties.quantum import mobile_by_element
from ..properties.weights import response
from ..results.schema import build_dataset
from ..simulate import selected
from ._on_beads import Quantity, beads_of, on_beads, system_of
from ._reweight import kept_frames, origin

if TYPE_CHECKING:
    import xarray as xr

Series = Float[np.ndarray, " frame"]
Slopes = Float[np.ndarray, "frame parameter"]
Observable = tuple[str, str, Series, Slopes]
"""Name, unit, one value for each frame, and how the parameters change that value itself."""


def parameter_derivatives(
    data: "xr.Dataset",
    potential: AbstractPotential,
    where: Callable[[AbstractPotential], Array],
    *,
    discard: float = 0.2,
) -> "xr.Dataset":
    r"""How free energy and averages change with parameters θ of the potential that made a run, with errors.

    `where` says which: an array of the potential, such as `lambda potential: potential.epsilon`; its numbers are the
    axis `parameter`. The run has stored beads, or is classical.
    $$\frac{d\langle A \rangle}{d\theta} = \left\langle \frac{\partial A}{\partial\theta} \right\rangle
    - \beta \operatorname{Cov}\left(A, \frac{\partial \bar V}{\partial\theta}\right)$$
    Derivatives of each frame are those of autodiff; kinetic energies are centroid virials.

    **Raises:** `InputError` for what is no array of numbers, and a potential or a run without what is needed.
    """
    if not potential.differentiable:
        raise InputError(f"{potential.spec.registered_name} is evaluated outside JAX and cannot be differentiated")
    values = where(potential)
    if not eqx.is_inexact_array(values):
        raise InputError(f"where gives {values!r:.60}, which is no array of the potential; name one, such as p.epsilon")

    def changed(numbers: Float[Array, " parameter"]) -> AbstractPotential:
        return eqx.tree_at(where, potential, numbers.reshape(values.shape))

    def of_bead(numbers, system, neighbors, away):
        return _energies(changed(numbers), system, neighbors, away)

    kept = kept_frames(data, discard)
    found = on_beads(_with_slopes(of_bead, values.ravel()), potential, kept)
    return _dataset("parameter-derivatives", kept, potential, *found, spread=np.zeros(kept["number"].shape))


def mass_derivatives(
    data: "xr.Dataset", potential: AbstractPotential, *, substituted: Any = (), discard: float = 0.2
) -> "xr.Dataset":
    r"""How free energy and averages change with $\ln m$ of the `substituted` atoms (all without it), with errors.

    With the modes of the free ring polymer kept beads are at $\bar q + u_j/\sqrt{m}$, and the derivative is that of
    `parameter_derivatives` along this path. The free energy is that beyond the classical. `potential` is that of the
    run, whose beads were stored.

    **Raises:** `InputError` for atoms that are not there, and a potential or a run without what is needed.
    """
    if not potential.differentiable:
        raise InputError(f"{potential.spec.registered_name} is evaluated outside JAX and cannot be differentiated")
    kept = kept_frames(data, discard)
    items = (substituted,) if isinstance(substituted, (str, int)) else substituted
    chosen = selected(system_of(kept), [str(item) for item in items], "substituted")
    change = -0.5 * (chosen if items else np.ones_like(chosen))

    def of_bead(logarithm, system, neighbors, away):
        wider = away * (1 + logarithm[0] * jnp.asarray(change, away.dtype)[:, None])
        moved = eqx.tree_at(lambda s: s.positions, system, system.positions + wider - away)
        return _energies(potential, moved, neighbors, wider)

    found = on_beads(_with_slopes(of_bead, jnp.zeros(1)), potential, kept)
    return _dataset("mass-derivatives", kept, potential, *found, spread=2 * change)


def _energies(potential: AbstractPotential, system, neighbors, away) -> Float[Array, "2"]:
    """Potential energy, and kinetic energy beyond the classical, eV."""
    found = potential.evaluate(system, neighbors)
    return jnp.stack([found.energy, -0.5 * jnp.sum(away * found.forces)])


def _with_slopes(of_bead: Callable[..., Float[Array, "2"]], point: Float[Array, " parameter"]) -> Quantity:
    """What is asked of each bead: energies, and how they change with the parameters."""

    def quantity(_, system, neighbors, away):
        def energies(numbers):
            return of_bead(numbers, system, neighbors, away)

        return energies(point), jax.jacrev(energies)(point)

    return quantity


def _dataset(verb: str, data: "xr.Dataset", potential: AbstractPotential, energies, slopes, spread) -> "xr.Dataset":
    kT, slopes = constant_kT(data), slopes.mean(axis=1).astype(float)
    work = slopes[:, 0] / kT
    observables = [*_observables(data, energies.mean(axis=1).astype(float), slopes, spread)]
    rows = [[_mean(column) * kT for column in work.T]]
    rows += [[response(values, *pair) for pair in zip(own.T, work.T, strict=True)] for _, _, values, own in observables]
    return build_dataset(
        {
            "estimator": np.array(["free energy", *(name for name, *_ in observables)]),
            "unit": np.array(["eV", *(unit for _, unit, *_ in observables)]),
            "derivative": np.array([[one.value for one in row] for row in rows]),
            "derivative_error": np.array([[one.error for one in row] for row in rows]),
        },
        attrs=origin(verb, data, potential),
    )


def _mean(values: Series) -> Estimate:
    return Estimate(float(values.mean()), {0: values - values.mean()})


def _observables(data: "xr.Dataset", energies, slopes, spread: Float[np.ndarray, " atoms"]) -> Iterator[Observable]:
    """By the names that `quantum_averages` has; `spread` is how the logarithm of squared distances changes."""
    yield "potential energy", "eV", energies[:, 0], slopes[:, 0]
    if "gyration_radius" not in data:
        return
    yield "total energy", "eV", energies.sum(axis=1), slopes.sum(axis=1)
    yield "kinetic energy, centroid virial", "eV", energies[:, 1], slopes[:, 1]
    squares = np.sum(beads_of(data).astype(float).var(axis=1), axis=-1)
    for symbol, chosen in mobile_by_element(data):
        of_element = squares[:, chosen]
        own = (of_element * spread[chosen]).mean(axis=1)
        repeated = np.broadcast_to(own[:, None], (len(own), slopes.shape[-1]))
        yield f"squared radius of gyration of {symbol}", "Å²", of_element.mean(axis=1), repeated
