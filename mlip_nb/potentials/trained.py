"""A trained potential from a file of weights."""

import abc
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import annotated_types
import equinox as eqx
from jaxtyping import Array, Float
from pydantic import PrivateAttr, field_validator

from ..errors import InputError
from ._around import AbstractAround
from ._base import AbstractGraphPotential, AbstractPotential, Edges, FastPath, Graph, Parts
from ._committee import Committee
from ._spec import PotentialSpec, potentials
from ._weights import load_weights, specification
from ._weights_file import ENDING, read_header


class Trained(AbstractAround, AbstractGraphPotential, FastPath):
    """A potential that knows which file its weights are from, so that a run can be repeated."""

    inner: AbstractGraphPotential
    """As it was trained."""
    spec: "WeightsSpec" = eqx.field(static=True)

    @property
    def fingerprint(self) -> str:
        """That of the potential inside: where the file lies makes no difference."""
        return self.inner.fingerprint

    def atomic_energies(self, graph: Graph) -> Float[Array, " atoms"]:
        """As the potential inside."""
        return self.inner.atomic_energies(graph)

    def fast_compute(self, edges: Edges) -> Parts:
        """As the potential inside."""
        return self.inner.fast_compute(edges) if isinstance(self.inner, FastPath) else self.inner.compute(edges)


class _OnCard:
    """What the card of a file says under a key; `otherwise` where it is silent, and of the class."""

    def __init__(self, key: str, otherwise: str):
        self._key, self._otherwise = key, otherwise

    def __get__(self, spec: PotentialSpec | None, owner: type) -> str:
        return self._otherwise if spec is None else str(spec.header["card"].get(self._key, self._otherwise))


class WeightsSpec(PotentialSpec):
    """A potential whose weights are in a file."""

    origin: ClassVar[Any] = _OnCard("origin", "the file")
    licence: ClassVar[Any] = _OnCard("licence", "that of the file")

    # Mixed unless asked for: its error against the reference is far larger than that of single precision.
    precision: Literal["float64", "float32", "mixed"] = "mixed"

    members: Annotated[int, annotated_types.Ge(1)] | None = None
    """How many members of a committee are used: fewer are faster. All of them when not given."""

    # Kept, so that a potential in use does not need its file any more.
    _header: dict = PrivateAttr(default_factory=dict)

    @property
    @abc.abstractmethod
    def path(self) -> Path:
        """Where the file is."""

    def model_post_init(self, _context: Any) -> None:
        """Remember what the file says."""
        self._header = read_header(self.path)

    @property
    def header(self) -> dict:
        """What the file says of its potential: family, specification, elements, units, card."""
        return self._header

    @property
    def elements(self) -> tuple[str, ...]:
        """As trained."""
        return tuple(self._header["elements"])

    def build(self) -> Trained:
        """The potential, from its file."""
        inner = load_weights(self.path, precision=self.precision)
        inner = inner if self.members is None else _some(inner, self.members)
        # The file may have been written anew since it was named, for other elements.
        return Trained(inner, spec=self.replace())


@potentials.register("trained", file_ending=ENDING)
class TrainedSpec(WeightsSpec):
    """Machine-learned: a trained potential from a .safetensors file."""

    file: Path
    """The weights: a .safetensors file that `%mlip save` or `save_weights` wrote."""

    @field_validator("file")
    @classmethod
    def _ours(cls, file: Path) -> Path:
        file = file.expanduser()
        specification(file, read_header(file))
        return file

    @property
    def path(self) -> Path:
        """As given."""
        return self.file


def _some(potential: AbstractPotential, members: int) -> AbstractPotential:
    """Some members of a committee.

    **Raises:** `InputError` when there are not that many.
    """
    there = potential.spec.members if isinstance(potential, Committee) else 1
    if members > there:
        raise InputError(f"members: {members} are asked for, and the file has {there}")
    return potential.some(members) if isinstance(potential, Committee) else potential
