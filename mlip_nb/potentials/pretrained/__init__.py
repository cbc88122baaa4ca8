"""Potentials that come with this package: every `.safetensors` file in this folder is one, named by its file."""

from pathlib import Path
from typing import ClassVar

from .._spec import PotentialSpec, potentials
from .._weights_file import ENDING, read_header
from ..trained import WeightsSpec

_RANK = 100
"""Above all empirical potentials."""


class PretrainedSpec(WeightsSpec):
    """A potential that comes with this package: its name stands for its file."""

    weights: ClassVar[Path]

    @property
    def path(self) -> Path:
        """In this folder."""
        return self.weights


def _registered(file: Path) -> type[PotentialSpec]:
    """The class of one file, registered by its name."""
    header = read_header(file)

    class OfFile(PretrainedSpec):
        weights: ClassVar[Path] = file
        origin: ClassVar[str] = header["card"]["origin"]
        licence: ClassVar[str] = header["card"]["licence"]
        # One for a single molecule is no default for its elements.
        default_rank: ClassVar[int | None] = _RANK if header["card"].get("default", True) else None

    OfFile.__doc__ = f"Machine-learned: {header['card']['summary']}"
    return potentials.register(file.stem)(OfFile)


for _file in sorted(Path(__file__).parent.glob(f"*{ENDING}")):
    _registered(_file)
