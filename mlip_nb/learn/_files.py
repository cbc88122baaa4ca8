"""Files of frames, in any format ASE reads."""

from pathlib import Path
from typing import TYPE_CHECKING

from .._input_files import check_file
from ..errors import InputError

if TYPE_CHECKING:
    import ase


def read_file(path: Path) -> "list[ase.Atoms]":
    """All frames of a file.

    **Raises:** `InputError` that names the file, and says what is wrong with it.
    """
    import ase.io

    check_file(path)
    try:
        frames = ase.io.read(path, index=":", do_not_split_by_at_sign=True)
    except Exception as error:
        # ASE's readers fail in every way there is.
        said = ": ".join([type(error).__name__, *str(error).splitlines()[:1]])
        raise InputError(f"{path} cannot be read ({said}); check its contents and its ending") from error
    if not frames:
        raise InputError(f"{path} holds no frames; write them again")
    return frames if isinstance(frames, list) else [frames]
