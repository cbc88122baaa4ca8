"""The potentials that come with the package: what each is trained on, and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_ZUO = "trained by mlip_nb on PBE data of Zuo et al., J. Phys. Chem. A 124, 731 (2020)"
_BOTNET = "trained by mlip_nb on PBE-D3 data of Batatia et al., arXiv:2205.06643"
_CONDENSED = "crystals, strained and hot ones, liquids, vacancies and surfaces"


@dataclass(frozen=True)
class Task:
    """One potential. Files are named in the folder of data."""

    symbols: tuple[str, ...]
    about: str
    like: str
    """What the data are like."""
    unlike: str
    """What it was not trained for."""
    form: Mapping[str, Any]
    recipe: Mapping[str, Any]
    tests: Mapping[str, str] = field(default_factory=dict)
    """File of training -> that of its test; a tenth is kept aside where there is none."""
    whole: tuple[str, ...] = ()
    """Files of which all is learned."""
    origin: str = _ZUO
    licence: str = "Apache-2.0; data BSD-3-Clause"
    default: bool = True
    """Whether it is taken for its elements when nobody chose."""


def _files(symbol: str) -> dict[str, str]:
    test = f"zuo2020/{symbol}_test.xyz.gz" if symbol in ("Si", "Cu", "Ni", "Li") else ""
    return {f"zuo2020/{symbol}_train.xyz.gz": test}


def _element(symbol: str, form: Mapping[str, Any], recipe: Mapping[str, Any]) -> Task:
    return Task(
        symbols=(symbol,),
        about=f"{symbol}, of density-functional (PBE) quality",
        like=_CONDENSED,
        unlike="not clusters, not gases, no other elements",
        tests=_files(symbol),
        form=form,
        recipe=recipe,
    )


_SIX = ("Si", "Ge", "Cu", "Ni", "Li", "Mo")

TASKS: Mapping[str, Task] = {
    "Si": _element("Si", {"degree": 4, "cutoff": 5.5}, {"epochs": 45, "batch": 128}),
    "Ge": _element("Ge", {"degree": 4, "cutoff": 5.5}, {"epochs": 40, "batch": 128}),
    "Mo": _element("Mo", {"degree": 4, "cutoff": 5.2}, {"epochs": 40, "batch": 108}),
    "Li": _element("Li", {"degree": 3, "cutoff": 6.0}, {"epochs": 40, "batch": 108}),
    "Ni": _element("Ni", {"degree": 3, "cutoff": 5.0}, {"epochs": 36, "batch": 108, "decay": 0.15, "energy": 30}),
    "Cu": _element("Cu", {"degree": 3, "cutoff": 5.0}, {"epochs": 40, "batch": 108, "decay": 0.15, "energy": 30}),
    "six": Task(
        symbols=_SIX,
        about=f"{', '.join(_SIX)} in one, each by itself, of density-functional (PBE) quality",
        like=_CONDENSED,
        unlike="not alloys or compounds, which no frame holds; not clusters, not gases",
        tests={file: test for symbol in _SIX for file, test in _files(symbol).items()},
        form={"degree": 3, "cutoff": 5.2},
        recipe={"epochs": 10, "batch": 128, "decay": 0.15},
        default=False,
    ),
    "acac": Task(
        symbols=("C", "H", "O"),
        about="the molecule acetylacetone, of density-functional (PBE-D3) quality",
        like="one molecule at 300 K, its proton shared",
        unlike="no other molecule, no bond that breaks but that of the shared proton",
        tests={"acac/train_300K.xyz.gz": "acac/test_MD_300K.xyz.gz"},
        whole=("acac/isolated_atoms.xyz.gz",),
        form={"degree": 3, "cutoff": 5.0, "layers": 2},
        recipe={"epochs": 80, "batch": 75, "decay": 0.1, "energy": 30, "rate": 3e-3},
        origin=_BOTNET,
        licence="Apache-2.0; data MIT",
        default=False,
    ),
}
