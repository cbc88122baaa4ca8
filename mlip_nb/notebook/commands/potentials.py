"""`%mlip potentials`: what there is."""

from typing import Annotated

from .._table import Table
from ._base import Command, Positional, commands


@commands.register("potentials")
class Potentials(Command):
    """List the potentials: name, elements, origin and licence."""

    elements: Annotated[list[str], Positional("ELEMENTS")] = []
    """Only those that cover all these elements."""

    def execute(self, session) -> Table:
        """The table."""
        from ...potentials import potentials

        rows = [_row(name, potentials[name]) for name in potentials]
        wanted = set(self.elements)
        fits = [row[1:] for row in rows if row[0] is None or wanted <= set(row[0])]
        empty = f"no potential covers {', '.join(self.elements)}; %mlip potentials lists them all"
        return Table(("name", "elements", "origin", "licence", "about"), fits, empty)


def _row(name: str, spec: type) -> tuple:
    """Elements first, then the cells. What needs a file or an object covers what that brings."""
    needs = [field.flag for field in spec.fields() if field.required]
    elements = None if needs else spec().elements
    listed = f"from {', '.join(needs)}" if needs else "any" if elements is None else ", ".join(elements)
    return elements, name, listed, spec.origin, spec.licence, (spec.__doc__ or "").strip().splitlines()[0]
