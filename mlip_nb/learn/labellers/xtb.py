"""Semi-empirical quantum chemistry by tblite."""

from typing import Annotated, Literal

import annotated_types

from ...errors import InputError
from ...params import Temperature
from ._base import AbstractOracle, Labeller, OfCalculator, labellers

Positive = Annotated[float, annotated_types.Gt(0)]


@labellers.register("xtb")
class XTB(Labeller):
    """Extended tight binding. Periodic structures at the Γ point only, so take supercells.

    ??? cite "Reference"
        C. Bannwarth, S. Ehlert, S. Grimme, *J. Chem. Theory Comput.* **15**, 1652 (2019),
        doi:10.1021/acs.jctc.8b01176
    """

    method: Literal["GFN2-xTB", "GFN1-xTB", "IPEA1-xTB"] = "GFN2-xTB"
    """Parametrisation."""
    charge: int = 0
    """Of the whole, in units of e."""
    multiplicity: Annotated[int, annotated_types.Gt(0)] = 1
    """2S + 1."""
    accuracy: Positive = 1.0
    """Thresholds in units of the usual ones: smaller is sharper."""
    electronic_temperature: Temperature = 300.0
    """Of the electrons; a higher one helps the cycles to converge."""
    iterations: Annotated[int, annotated_types.Gt(0)] = 250
    """Cycles to self-consistency, after which a structure has failed."""

    def build(self) -> AbstractOracle:
        """**Raises:** `InputError` without tblite."""
        try:
            from tblite.ase import TBLite
        except ImportError as error:
            raise InputError("labeller xtb: tblite is not installed; run: pip install 'mlip_nb[xtb]'") from error
        settings = {name: getattr(self, name) for name in ("method", "charge", "multiplicity", "accuracy")}
        about = "tblite " + " ".join(str(value) for value in settings.values()) + f" {self.electronic_temperature:g} K"
        return _Anew(lambda: TBLite(**settings, **self._cycles(), verbosity=0), about)

    def _cycles(self) -> dict[str, float]:
        return {"electronic_temperature": self.electronic_temperature, "max_iterations": self.iterations}


class _Anew(AbstractOracle):
    """A calculator that is made for each structure: its memory of the last one is not always of this one's size."""

    def __init__(self, make, about: str):
        self._make, self.about = make, about

    def labels(self, system):
        """Those of a fresh calculator."""
        return OfCalculator(self._make()).labels(system)
