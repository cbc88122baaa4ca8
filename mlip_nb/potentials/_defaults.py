"""The potential taken when nobody chose one: by the elements present, and announced."""

from ..errors import InputError
from ..system import System
from ._spec import PotentialSpec, covering, potentials
from ._tables import TabulatedSpec


def default_potential(*systems: System) -> PotentialSpec:
    """The highest `default_rank` of the potentials that cover the elements of all systems.

    **Raises:** `InputError` that lists what covers these elements, when no potential is a default for them.
    """
    symbols = {symbol for system in systems for symbol in system.symbols}
    able = [spec for spec in _candidates() if spec.covers(symbols)]
    if not able:
        raise InputError(f"no potential is the default for {' with '.join(sorted(symbols))}. {covering(symbols)}")
    best = max(able, key=lambda spec: spec.default_rank)
    # Only the elements present: a shorter cutoff and no look-up of parameters.
    return best.replace(species=tuple(sorted(symbols))) if isinstance(best, TabulatedSpec) else best


def announcement(spec: PotentialSpec) -> str:
    """One line that tells which potential was taken, where it is from, and how to take another."""
    return (
        f"Potential: {spec.registered_name} for {spec.coverage} ({spec.origin}), the default for these elements; "
        "choose with --potential NAME"
    )


def _candidates() -> list[PotentialSpec]:
    return [potentials[name]() for name in potentials if potentials[name].default_rank is not None]
