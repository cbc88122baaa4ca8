"""`%mlip viscosity`: how a liquid resists shear."""

from ...properties import ShearViscosity
from ._base import commands
from ._measuring import Measuring


@commands.register("viscosity")
class RunViscosity(Measuring):
    """Shear viscosity of a liquid, from the stress of a run at constant volume (Green and Kubo)."""

    analysis: ShearViscosity
