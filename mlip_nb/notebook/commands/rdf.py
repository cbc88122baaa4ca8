"""`%mlip rdf`: radial distribution function."""

from ...properties import RadialDistribution
from ._base import commands
from ._measuring import Measuring


@commands.register("rdf")
class RDF(Measuring):
    """Radial distribution function g(r) of a run: how far atoms are from each other."""

    analysis: RadialDistribution
