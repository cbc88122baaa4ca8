"""What the verbs of point defects have in common."""

from ..session import Session
from ._show import show
from ._static import StaticCommand
from ._with_error import with_error

_TOLERANCE = 0.05
"""eV: what a formation energy may be off to agree with another one."""


class PointDefectCommand(StaticCommand):
    """Formation energy of a point defect, by supercell; unrelaxed, relaxed, and with displaced starts (--rattle)."""

    def _tell(self, data, session: Session) -> None:
        from ..._table import Table

        show(Table(_HEADINGS, list(_rows(data))), session)
        if "defect_energy_limit" in data:
            self.say(f"infinite crystal, by a line in 1/atoms: {with_error(data, 'defect_energy_limit', 4)} eV")
        best = float(data.get("defect_energy_limit", data["defect_energy"][-1]))
        if self.workflow.expected is not None:
            off = best - self.workflow.expected
            verdict = "passes" if abs(off) <= _TOLERANCE else "FAILS"
            self.say(
                f"{off:+.4f} eV from the {self.workflow.expected:g} eV expected: {verdict} (within {_TOLERANCE} eV)"
            )
        if float(data["trapped_defect_energy"][-1]) > float(data["defect_energy"][-1]) + _LOWER:
            self.say("a trap: without displacements the defect stays in a higher minimum; the lower one is kept")


_LOWER = 1e-3
"""eV by which a displaced start must end lower to be another minimum."""
_HEADINGS = ("atoms", "unrelaxed (eV)", "relaxed (eV)", "displaced starts (eV)", "lowest curvature (eV/Å²)")


def _rows(data):
    for place in range(data.sizes["supercell"]):
        one = data.isel(supercell=place)
        names = ("unrelaxed_defect_energy", "trapped_defect_energy", "defect_energy")
        energies = (with_error(one, name, 4) for name in names)
        yield (int(one["supercell"]), *energies, f"{float(one['defect_curvature']):+.3g}")
