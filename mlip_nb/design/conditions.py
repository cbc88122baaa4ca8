"""What quantities of a design refer to, besides the design itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from .competitors import Competitors
from .defects import Vacancy
from .saddle import Saddle


@dataclass(frozen=True)
class Conditions:
    """Numbers and structures that stay what they are while a design changes."""

    temperature: float = 300.0
    """K."""
    mesh: tuple[int, int, int] = (2, 2, 2)
    """Wave vectors along each reciprocal lattice vector."""
    radius: float | None = None
    """Å, within which neighbours are counted."""
    charges: Mapping[str, float] | None = None
    """Oxidation states of elements."""
    competitors: Competitors | None = None
    """What the design could fall apart into."""
    vacancy: Vacancy | None = None
    """The design without an atom."""
    saddle: Saddle | None = None
    """On the way to another structure."""
