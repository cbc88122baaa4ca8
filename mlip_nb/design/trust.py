"""How far a design may trust its potential."""

from ..errors import InputError
from ..potentials import AbstractAround, AbstractPotential
from ..uncertainty import AbstractUncertainty, uncertainties


def trust_in(potential: AbstractPotential) -> AbstractUncertainty | None:
    """The spread of a committee, which needs no data; None for a single potential."""
    inner = potential.inner if isinstance(potential, AbstractAround) else potential
    try:
        return uncertainties["committee"]().fitted(inner)
    except InputError:
        return None


def demand(uncertainty: AbstractUncertainty | None) -> AbstractUncertainty:
    """The same.

    **Raises:** `InputError` where there is none.
    """
    if uncertainty is None:
        raise InputError(
            "the potential does not say how sure it is; take a committee (%mlip train --members 5) or leave the "
            "uncertainty out"
        )
    return uncertainty
