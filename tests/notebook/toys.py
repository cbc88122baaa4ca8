"""A command small enough to test the grammar with."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from mlip_nb.notebook.commands import Command, Positional, Variable
from mlip_nb.params import Count, Duration, Live, Params, Pressure, Temperature
from mlip_nb.registry import Registry


class Bath(Params):
    """A part that is chosen."""

    registry: ClassVar[Registry] = Registry("bath", "tests_have_no_package")


Bath.registry._scanned = True


@Bath.registry.register("hot")
class Hot(Bath):
    """Keeps it hot."""

    temperature: Annotated[Temperature, Live(0, 2000)] = 300.0
    """Target temperature."""
    cells: tuple[int, int, int] = (1, 1, 1)
    """Cells along each vector."""


@Bath.registry.register("pressed")
class Pressed(Bath):
    """Keeps it pressed."""

    temperature: Temperature = 100.0
    """Target temperature."""
    pressure: Pressure = 0.0
    """External pressure."""
    file: Path
    """Table of pressures."""


class Work(Params):
    """A part that is just there."""

    bath: Bath = Hot()
    """What surrounds it."""
    steps: Count = 10
    """How many."""
    time: Duration | None = None
    """How long."""
    every: Count = 1
    """How often."""


class Toy(Command):
    """Does nothing, with parameters."""

    registered_name = "toy"

    structure: Annotated[Any, Positional("STRUCTURE"), Variable("structure")]
    """What to work on."""
    work: Work
    second: Annotated[Bath | None, Variable("structure")] = None
    """One more bath."""
    save: Path | None = None
    """Where to."""
    overwrite: bool = False
    """Replace it."""
    viewer: Literal["nglview", "none"] = "nglview"
    """Shown by."""
    show: bool = True
    """Show it."""
    weights: list[float] = []
    """Several numbers."""
