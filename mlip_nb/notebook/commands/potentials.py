"""`%mlip potentials`: what there is."""

from typing import Annotated

from ..._table import Table
from ...errors import InputError
from ._base import Command, Positional, commands


@commands.register("potentials")
class Potentials(Command):
    """List the potentials: name, elements, origin and licence."""

    elements: Annotated[list[str], Positional("ELEMENTS")] = []
    """Only those that cover all these elements, or may, given a file or a calculator."""

    def execute(self, session) -> Table:
        """The table."""
        from ...potentials import listing

        _check_elements(self.elements)
        found = [row for row in listing() if _may_cover(row.name, set(self.elements))]
        cells = [(row.name, row.elements, row.origin, row.licence, row.summary) for row in found]
        return Table(("name", "elements", "origin", "licence", "about"), cells)


def _check_elements(symbols: list[str]) -> None:
    from ase.data import chemical_symbols

    for symbol in symbols:
        if symbol not in chemical_symbols[1:]:
            raise InputError(f"{symbol!r} is no chemical element; write symbols, for example: potentials Si C")


def _may_cover(name: str, symbols: set[str]) -> bool:
    from ...potentials import potentials

    spec = potentials[name]
    return any(field.required for field in spec.fields()) or spec().covers(symbols)
