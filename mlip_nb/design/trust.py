"""How far a design may trust its potential."""

from ..errors import InputError
from ..potentials import AbstractAround, AbstractPotential
from ..uncertainty import AbstractUncertainty, uncertainties
from .medium import in_double

_SPREAD = "committee"


def trust_in(
    potential: AbstractPotential, given: AbstractUncertainty | str | None = None
) -> AbstractUncertainty | None:
    """The uncertainty that is given, or the spread of a committee, which needs no data; None for a single potential.

    **Raises:** `InputError` for an uncertainty without derivatives, and for one of another potential.
    """
    inner = potential.inner if isinstance(potential, AbstractAround) else potential
    if isinstance(given, AbstractUncertainty):
        _check(given, inner)
        return in_double(given)
    try:
        return uncertainties[_SPREAD]().fitted(in_double(inner))
    except InputError:
        if given is not None:
            raise
        return None


def _check(uncertainty: AbstractUncertainty, potential: AbstractPotential) -> None:
    if not uncertainty.differentiable:
        raise InputError("this uncertainty has no derivatives, along which a design moves; calibrate another source")
    if uncertainty.potential.fingerprint != potential.fingerprint:
        raise InputError(
            f"the uncertainty is of another potential than {potential.spec.registered_name} of this design; calibrate "
            "one of that"
        )


def demand(uncertainty: AbstractUncertainty | None) -> AbstractUncertainty:
    """The same.

    **Raises:** `InputError` where there is none.
    """
    if uncertainty is None:
        raise InputError(
            "the potential does not say how sure it is; take a committee (%mlip train --members 5), give an "
            "--uncertainty, or leave it out"
        )
    return uncertainty
