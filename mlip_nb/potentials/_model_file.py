"""What the specifications of models in a file of another package have in common."""

import abc
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr, field_validator

from ._spec import PotentialSpec


class ModelFileSpec(PotentialSpec):
    """A model that one file describes whole, its elements included."""

    licence: ClassVar[str] = "that of the file"

    # Mixed unless asked for: such models are trained in single precision.
    precision: Literal["float64", "float32", "mixed"] = "mixed"
    file: Path
    """The model, as its package saved it."""

    # Kept, so that a potential in use does not need its file any more.
    _elements: tuple[str, ...] = PrivateAttr(default=())

    @classmethod
    @abc.abstractmethod
    def elements_in(cls, file: Path) -> tuple[str, ...]:
        """Elements of the model, in the order the package has them.

        **Raises:** `InputError` for a file that is none.
        """

    @field_validator("file")
    @classmethod
    def _is_one(cls, file: Path) -> Path:
        file = file.expanduser()
        cls.elements_in(file)
        return file

    def model_post_init(self, _context: Any) -> None:
        """Remember which elements there are."""
        self._elements = self.elements_in(self.file)

    @property
    def elements(self) -> tuple[str, ...]:
        """Those of the file."""
        return self._elements
