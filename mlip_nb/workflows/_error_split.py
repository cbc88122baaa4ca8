"""Where the error of a quantum average comes from: curvatures of the potential, or too few beads."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from .. import units
from ..errors import InputError
from ..path_integrals import ACTIONS, harmonic_energy, harmonic_free_energy, vibrations
from ..potentials import AbstractPotential
from ..results import build_dataset
from ..system import System, check
from ._provenance import stamp

if TYPE_CHECKING:
    import xarray as xr

_ENERGIES = ("kinetic energy", "total energy", "free energy")


def error_split(
    system: System,
    reference: AbstractPotential,
    potentials: Mapping[str, AbstractPotential],
    *,
    temperature: float = 300.0,
    beads: Sequence[int] = (4, 8, 16, 32, 64),
    action: str = "primitive",
) -> "xr.Dataset":
    r"""Errors of kinetic, total and free energy of nuclei, `[potential, estimator, bead_count]`, in two parts.

    $$E_P(\hat\omega) - E_\infty(\omega) = [E_P(\hat\omega) - E_P(\omega)] + [E_P(\omega) - E_\infty(\omega)]$$

    The first part comes from curvatures $\hat\omega^2$ of a potential that are not those of the `reference`, the second
    from too few beads. In the harmonic approximation, each potential at the structure it relaxes to; motions of the
    whole are classical. The temperature is in K.

    **Raises:** `InputError` for what has no vibrations, or not as many as the reference.
    """
    _check(system, [reference, *potentials.values()], temperature, beads, action)
    kT, own = units.to_internal(temperature, "K"), vibrations(system, reference)
    others = {name: vibrations(system, potential) for name, potential in potentials.items()}
    for name, frequencies in others.items():
        if len(frequencies) != len(own):
            told = f"{name} has {len(frequencies)} vibrations, the reference has {len(own)}"
            raise InputError(f"{told}; one of them does not hold the structure together")
    limit = _averages(own, kT, None, action)
    sampled = np.stack([_averages(own, kT, count, action) for count in beads], axis=1)
    theirs = [np.stack([_averages(one, kT, count, action) for count in beads], axis=1) for one in others.values()]
    whole = kT / 2 * (3 * _mobile(system) - len(own)) * np.array([1.0, 1.0, 0.0])
    return build_dataset(
        {
            "potential": np.array(list(potentials)),
            "estimator": np.array(_ENERGIES),
            "bead_count": np.array(beads),
            "harmonic_limit": limit + whole,
            "curvature_error": np.stack(theirs) - sampled,
            "bead_error": sampled - limit[:, None],
            "nuclear_error": np.stack(theirs) - limit[:, None],
            "reference_frequency": _terahertz(own),
            "frequency": np.stack([_terahertz(one) for one in others.values()]),
        },
        attrs=_origin(system, reference, potentials, temperature, action),
    )


def _averages(frequencies: np.ndarray, kT: float, beads: int | None, action: str) -> Float[np.ndarray, " energies"]:
    energy = sum(harmonic_energy(float(one), kT, beads, action) for one in frequencies)
    free_energy = sum(harmonic_free_energy(float(one), kT, beads, action) for one in frequencies)
    return np.array([energy / 2, energy, free_energy])


def _terahertz(frequencies: np.ndarray) -> Float[np.ndarray, " modes"]:
    return np.array([units.from_internal(float(one), "THz") for one in frequencies]) / (2 * np.pi)


def _mobile(system: System) -> int:
    return len(system.numbers) if system.mobile is None else int(np.sum(system.mobile))


def _check(system: System, potentials: Sequence[AbstractPotential], temperature: float, beads, action: str) -> None:
    check(system)
    for potential in potentials:
        potential.check(system)
    if len(potentials) < 2:
        raise InputError("error-split compares potentials with a reference; give the reference and one more at least")
    if not temperature > 0:
        raise InputError(f"temperature: {temperature:g} K is out of bounds; give a positive one")
    wrong = [count for count in beads if count < 1 or count % ACTIONS[action].period]
    if wrong or not beads:
        period = ACTIONS[action].period
        raise InputError(f"beads: {wrong[0] if wrong else 'none'}; {action} takes positive multiples of {period}")


def _origin(
    system: System,
    reference: AbstractPotential,
    potentials: Mapping[str, AbstractPotential],
    temperature: float,
    action: str,
) -> dict[str, object]:
    return {
        "made_by": "error-split",
        "reference": json.dumps(reference.spec.describe()),
        "reference_fingerprint": reference.fingerprint,
        "potentials": json.dumps({name: potential.fingerprint for name, potential in potentials.items()}),
        "formula": system.formula,
        "atoms": len(system.numbers),
        "temperature": temperature,
        "action": action,
        **stamp(),
    }
