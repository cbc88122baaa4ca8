"""Where structures come from: `ase.Atoms`, any file ASE reads, or a name."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ._input_files import check_file, nearby
from .errors import InputError
from .system import System, check, from_ase, to_ase

if TYPE_CHECKING:
    import ase

COMPOUNDS = {
    "NaCl": ("rocksalt", 5.640),
    "LiF": ("rocksalt", 4.027),
    "MgO": ("rocksalt", 4.212),
    "CsCl": ("cesiumchloride", 4.123),
    "GaAs": ("zincblende", 5.653),
    "SiC": ("zincblende", 4.360),
    "ZnS": ("zincblende", 5.409),
    "CaF2": ("fluorite", 5.463),
}
"""Crystal kind and lattice constant, Å, at room temperature (R. W. G. Wyckoff, *Crystal Structures*, 1963)."""

Source = "str | Path | ase.Atoms | System"


def load(
    source: Source,
    *,
    repeat: int | Sequence[int] | None = None,
    crystal: str | None = None,
    a: float | None = None,
    primitive: bool = False,
    index: int | None = None,
) -> System:
    """The system of an `ase.Atoms`, a file ASE reads, or the name of a crystal or molecule.

    A file that exists comes before a name. Elements and the compounds in `COMPOUNDS` are crystals in their
    conventional cell (so `load("Si", repeat=3)` has 216 atoms), other formulas molecules without periodic
    images; with `crystal` and `a` any formula is a crystal of that kind and lattice constant, Å.

    **Arguments:** `repeat`: copies along the three lattice vectors, or one number for all. `crystal`: a kind
    `ase.build.bulk` knows, such as fcc, rocksalt or wurtzite. `primitive`: the smallest cell. `index`: which frame of
    a file; without it the last.

    **Raises:** `InputError` for a source that cannot be read, or cannot be simulated.
    """
    building = {"crystal": crystal, "a": a, "primitive": primitive or None}
    if isinstance(source, str) and not Path(source).expanduser().exists():
        _refuse(source, "a name", index=index)
        atoms = _build(source, crystal, a, primitive)
    else:
        _refuse(source, "a structure that exists", **building)
        atoms = _existing(source, index)
    if repeat is not None:
        atoms = atoms.repeat(_copies(repeat, atoms.pbc))
    return from_ase(atoms)


def names() -> list[str]:
    """Every name `load` builds from: elements, compounds, molecules."""
    from ase.collections import g2

    crystals = [*_elements(), *COMPOUNDS]
    return crystals + sorted(set(g2.names) - set(crystals))


def _refuse(source: Source, kind: str, **options: object) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise InputError(f"{given[0]}={options[given[0]]!r} says nothing about {kind} ({_short(source)}); leave it out")


def _existing(source: Source, index: int | None) -> "ase.Atoms":
    import ase

    if isinstance(source, (str, Path)):
        return _read(Path(source).expanduser(), -1 if index is None else index)
    _refuse(source, "a structure in memory", index=index)
    if isinstance(source, System):
        check(source)
        return to_ase(source)
    if isinstance(source, ase.Atoms):
        return source
    raise InputError(f"cannot make a system of {_short(source)}; give a file, a name, ase.Atoms or a System")


def _read(path: Path, index: int) -> "ase.Atoms":
    """One frame of a file, whatever its format."""
    import ase.io

    check_file(path)
    try:
        atoms = ase.io.read(path, index=index, do_not_split_by_at_sign=True)
    except (IndexError, StopIteration):
        raise InputError(f"{path} has no frame {index}; count from 0, or from -1 backwards") from None
    except Exception as error:
        # ASE's readers fail in every way there is.
        raise InputError(_unreadable(path, error)) from error
    _check_occupancies(atoms, path)
    return atoms  # pyright: ignore[reportReturnType] - one frame was asked for


def _unreadable(path: Path, error: Exception) -> str:
    """What ASE took the file for, and what it said."""
    from ase.io.formats import UnknownFileTypeError, filetype

    if isinstance(error, (UnknownFileTypeError, UnicodeDecodeError)):
        return f"{path} is in no format ASE knows; convert it to CIF, POSCAR or extended XYZ"
    said = ": ".join([type(error).__name__, *str(error).splitlines()[:1]])
    return f"{path} cannot be read as {filetype(str(path))} ({said}); check its contents and its ending"


def _check_occupancies(atoms: "ase.Atoms", path: Path) -> None:
    for site, occupants in atoms.info.get("occupancy", {}).items():
        if any(share < 1 for share in occupants.values()):
            raise InputError(
                f"{path}: site {site} is partly occupied {occupants}; choose one ordered arrangement and save it"
            )


def _build(name: str, crystal: str | None, a: float | None, primitive: bool) -> "ase.Atoms":
    """A crystal or a molecule by name."""
    from ase.build import molecule
    from ase.collections import g2

    if name in COMPOUNDS:
        known_crystal, known_a = COMPOUNDS[name]
        return _crystal(name, crystal or known_crystal, a or (None if crystal else known_a), primitive)
    if name in _elements() or crystal or a:
        return _crystal(name, crystal, a, primitive)
    if name in g2.names:
        _refuse(name, "a molecule", primitive=primitive or None)
        return molecule(name)
    raise InputError(_unknown(name))


def _crystal(name: str, crystal: str | None, a: float | None, primitive: bool) -> "ase.Atoms":
    """The conventional cell where there is a cubic one, else the primitive cell."""
    from ase.build import bulk

    if a is not None and not (np.isfinite(a) and a > 0):
        raise InputError(f"a: a lattice constant in Å, greater than zero, is needed (got {a!r})")
    failure = None
    for cubic in (False,) if primitive else (True, False):
        try:
            return bulk(name, crystal, a, cubic=cubic)
        except (ValueError, RuntimeError, AssertionError, KeyError, TypeError) as error:
            # ASE says in five ways that a kind of crystal has no cubic cell, or that something is missing.
            failure = error
    raise InputError(
        f"cannot build {name!r} as {crystal or 'a crystal'} ({failure or 'the kind of crystal does not fit'}); "
        "give both crystal and a, or a file"
    )


def _elements() -> list[str]:
    """Elements whose crystal needs no more than a name."""
    from ase.data import chemical_symbols, reference_states

    kinds = ("fcc", "bcc", "hcp", "diamond", "sc", "rhombohedral", "bct")
    states = zip(chemical_symbols, reference_states, strict=False)
    # A state whose basis is None would need one.
    return [
        name for name, state in states if state and state["symmetry"] in kinds and state.get("basis", ()) is not None
    ]


def _copies(repeat: int | Sequence[int], pbc: Sequence[bool]) -> tuple[int, int, int]:
    """Copies along each lattice vector."""
    copies = tuple(np.broadcast_to(repeat, 3)) if np.size(repeat) in (1, 3) else ()
    if not copies or any(int(number) != number or number < 1 for number in copies):
        raise InputError(f"repeat: three whole numbers of at least 1, or one for all, are needed (got {repeat!r})")
    for axis, (number, periodic) in enumerate(zip(copies, pbc, strict=True)):
        if number > 1 and not periodic:
            raise InputError(
                f"repeat: direction {'abc'[axis]} is not periodic, so it cannot be repeated {number} times; use 1"
            )
    first, second, third = (int(number) for number in copies)
    return first, second, third


def _unknown(name: str) -> str:
    """The message for a text that is neither a file nor a name."""
    path = Path(name)
    if path.suffix or len(path.parts) > 1:
        return f"there is no file {name}.{nearby(path)}"
    folded = {known.casefold(): known for known in names()}
    close = difflib.get_close_matches(name.casefold(), folded, n=1)
    hint = f" Did you mean {folded[close[0]]!r}?" if close else nearby(path)
    return (
        f"no file, crystal or molecule is called {name!r}.{hint} Give a file ASE reads (CIF, POSCAR, extended XYZ), "
        f"an element (Si), a compound ({', '.join(COMPOUNDS)}) or a molecule (H2O); else add crystal and a"
    )


def _short(source: object) -> str:
    text = str(source) if isinstance(source, (str, Path)) else type(source).__name__
    return repr(text if len(text) < 60 else text[:57] + "...")
