"""How a potential is described: the parameters it is built from, and the registry of all that have a name."""

import abc
from typing import TYPE_CHECKING, ClassVar, Literal

from ..params import Params
from ..registry import Registry

if TYPE_CHECKING:
    from ._base import AbstractPotential

potentials: Registry["PotentialSpec"] = Registry("potential", "mlip_nb.potentials")
"""Every potential known by name."""
potentials.refuse(
    *(".pt", ".pth", ".ckpt", ".model", ".pkl", ".pickle"),
    why="may be a pickle, which could run any code, and is never opened; if you trust it, make the ASE calculator of "
    "its own package and give that, or convert it to .safetensors or .nqx",
)


class PotentialSpec(Params):
    """How to build a potential. `elements` is None when it takes any."""

    registry: ClassVar[Registry] = potentials
    origin: ClassVar[str] = ""
    """Where form and parameters come from."""
    licence: ClassVar[str] = ""
    """Licence of the parameters."""
    differentiable: ClassVar[bool] = True
    """False for a host callback: no gradients through it."""
    default_rank: ClassVar[int | None] = None
    """Of the potentials that cover a system the highest rank is its default; None: used only when asked for."""

    precision: Literal["float64", "float32", "mixed"] = "float64"
    """Floating-point precision of everything computed; mixed: single for energies and forces of atoms, double for
    positions, momenta and sums."""

    @property
    def state_precision(self) -> str:
        """Precision of positions and momenta."""
        return "float32" if self.precision == "float32" else "float64"

    @property
    def elements(self) -> tuple[str, ...] | None:
        """Chemical symbols covered, in the order of species indices."""
        return None

    @property
    def coverage(self) -> str:
        """What it covers, in words."""
        return "any element" if self.elements is None else ", ".join(self.elements)

    def covers(self, symbols: set[str]) -> bool:
        """True when there are parameters for these elements together."""
        return self.elements is None or symbols <= set(self.elements)

    @abc.abstractmethod
    def build(self) -> "AbstractPotential":
        """The potential."""


def covering(symbols: set[str]) -> str:
    """One sentence: the registered potentials that cover all these elements, or what each covers."""
    specs = [potentials[name]() for name in potentials if not _needs_input(name)]
    able = [spec.registered_name for spec in specs if spec.elements is not None and spec.covers(symbols)]
    if able:
        return f"Covered by: {', '.join(able)}."
    missing = [symbol for symbol in sorted(symbols) if not any(symbol in (spec.elements or ()) for spec in specs)]
    bring = [f"{name} ({', '.join(_needs_input(name))})" for name in potentials if _needs_input(name)]
    return (
        f"Nothing built in covers {' with '.join(missing or sorted(symbols))}; bring a potential of your own: "
        f"{', '.join(bring)}; %mlip potentials lists all"
    )


def _needs_input(name: str) -> list[str]:
    """Flags that must be given."""
    return [field.flag for field in potentials[name].fields() if field.required]
