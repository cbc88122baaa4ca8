"""What there is to choose from."""

from dataclasses import dataclass

from ._spec import PotentialSpec, potentials


@dataclass(frozen=True)
class Listed:
    """One registered potential, as a table shows it."""

    name: str
    summary: str
    """First line of its documentation."""
    elements: str
    """What it covers; the parameter to give when that decides."""
    origin: str
    licence: str
    differentiable: bool


def listing() -> list[Listed]:
    """All registered potentials, by name."""
    return [_row(name, potentials[name]) for name in potentials]


def _row(name: str, spec: type[PotentialSpec]) -> Listed:
    needed = [field.flag for field in spec.fields() if field.required]
    return Listed(
        name=name,
        summary=(spec.__doc__ or "").partition("\n")[0],
        elements=f"depends on {', '.join(needed)}" if needed else spec().coverage,
        origin=spec.origin,
        licence=spec.licence,
        differentiable=spec.differentiable,
    )
