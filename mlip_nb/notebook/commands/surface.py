"""`%mlip surface`: what it costs to cut a crystal."""

from ...workflows.surface import Surface
from ..session import Session
from ._base import commands
from ._show import show
from ._static import StaticCommand
from ._with_error import with_error


@commands.register("surface")
class RunSurface(StaticCommand):
    """Energy of a surface, for each face of a slab; unrelaxed and relaxed, for one thickness or several (--layers 3,5).

    The frames of the Dataset are start and end of the thickest slab.
    """

    workflow: Surface

    def _tell(self, data, session: Session) -> None:
        from ..._table import Table

        show(Table(_HEADINGS, list(_rows(data))), session)


_HEADINGS = ("layers", "unrelaxed (J/m²)", "relaxed (J/m²)")


def _rows(data):
    for place in range(data.sizes["thickness"]):
        one = data.isel(thickness=place)
        names = ("unrelaxed_surface_energy", "surface_energy")
        yield (int(one["layers"]), *(with_error(one, name, 4) for name in names))
