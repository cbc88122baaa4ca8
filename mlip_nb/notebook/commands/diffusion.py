"""`%mlip diffusion`: how fast atoms diffuse."""

from ...properties import Diffusion
from ._base import commands
from ._measuring import Measuring


@commands.register("diffusion")
class RunDiffusion(Measuring):
    """Coefficients of diffusion of a run; with --charges conductivities, of a ladder activation energies."""

    analysis: Diffusion
