"""`%mlip saddle`: a way out of a minimum, without knowing where it leads."""

from ...workflows._saddle import Saddle
from ..session import Session
from ._base import commands
from ._static import StaticCommand


@commands.register("saddle")
class RunSaddle(StaticCommand):
    """A saddle point near a structure, and the two minima that it joins: the minimum nearest to the start, the saddle,
    and the minimum beyond are the frames of the Dataset.

    The search goes up along the softest direction and down along all others (a dimer with Lanczos), by forces alone:
    any potential will do. Another --seed finds another saddle; `%mlip tst` gives rates over it.
    """

    workflow: Saddle

    def _tell(self, data, session: Session) -> None:
        forward, reverse = (float(data[f"{way}_barrier"]) for way in ("forward", "reverse"))
        self.say(
            f"{data.attrs['steps']} steps: barrier {forward:.4f} eV, {reverse:.4f} eV from the other minimum; lowest "
            f"curvature {float(data['lowest_curvature']):+.4g} eV/Å²"
        )
