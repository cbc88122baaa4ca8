"""The rows of the table of quantities: a new file in this folder is a new kind of result."""

import importlib
import pkgutil

from .._quantity import Quantity


def joined() -> dict[str, Quantity]:
    """Name -> row, of all files here.

    **Raises:** `ValueError` where two files have a row of one name.
    """
    rows: dict[str, Quantity] = {}
    for module in pkgutil.iter_modules(__path__):
        new = importlib.import_module(f"{__name__}.{module.name}").QUANTITIES
        if twice := rows.keys() & new.keys():
            raise ValueError(f"{module.name} has rows that another file has: {', '.join(sorted(twice))}")
        rows |= new
    return rows
