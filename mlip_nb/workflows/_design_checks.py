"""What in the parameters of a design contradicts itself."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..design import weight_of

if TYPE_CHECKING:
    from .design import Design

_RELAXING = {"nothing": set(), "positions": {"positions"}, "cell": {"positions", "cell"}}
"""What relaxes."""


def contradictions(design: "Design") -> Iterator[str]:
    """In a sentence each, with what to do."""
    vary = {*design.vary}
    bounds = (design.objective, design.equality, design.inequality, design.composition, design.trust)
    if design.optimizer.needs == "jacobian" and any(bounds):
        yield (
            f"optimizer {design.optimizer.registered_name} is for targets alone, and there is an objective or a "
            "constraint; take l-bfgs"
        )
    if design.composition and "species" not in vary:
        yield "composition is wanted but species are not varied; add species to vary"
    if design.charges and "species" not in vary:
        yield "charges are given but species are not varied, so that nothing can be neutral; add species to vary"
    if design.relax is not None and (twice := _RELAXING[design.relax] & vary):
        yield f"relax {design.relax}: {', '.join(sorted(twice))} cannot be varied and relaxed; do one of them"
    if design.parameters and "parameters" not in vary:
        yield f"parameters {', '.join(design.parameters)} are named but not varied; add them to vary"
    if "parameters" in vary and not design.parameters:
        yield "parameters are varied but none is named; name some, such as length or energy"
    if design.sampling.temperature is not None and "species" in vary:
        yield "species are varied, and mixtures of elements cannot be sampled; leave temperature out"
    if design.sampling.temperature is not None and design.trust:
        yield "trust looks at one structure, and thermal averages are over many; leave trust or temperature out"
    if design.sampling.hold == "pressure" and {"cell", "positions"} & vary:
        yield "hold pressure leaves the cell free, and it is varied; vary pressure or parameters instead"
    if strange := sorted({*dict(map(weight_of, design.weight))} - {*design.goals}):
        yield f"weight {strange[0]} is that of no target; give --target {strange[0]}=VALUE, or leave it out"
