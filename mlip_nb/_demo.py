"""The main job, from nothing: a run of silicon, its Dataset, a picture, and the way to the notebook."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .structures import load

if TYPE_CHECKING:
    from .workflows import Run

FOLDER = Path("mlip_nb_demo")
"""Where everything goes, in the current folder."""


def run(follow: Callable[["Run"], None]) -> None:
    """Run it; `follow` shows the progress of a run until it has ended."""
    from .potentials import potential
    from .simulate import NVTLangevin
    from .workflows import MD

    notebook = copy_tutorials(FOLDER)
    silicon = load(FOLDER / "si.cif", repeat=3)
    print(f"{silicon} from {FOLDER / 'si.cif'}: Stillinger-Weber potential, 300 K, 2 ps", flush=True)
    md = MD(ensemble=NVTLangevin(temperature=300), timestep=1, steps=2000, every=20)
    running = md.start(
        silicon, potential("stillinger-weber"), save=FOLDER / "silicon.zarr", overwrite=True, name="demo"
    )
    follow(running)
    data = running.result()
    data.mlip.plot().savefig(FOLDER / "silicon.png", dpi=120)
    print(data.mlip.summary())
    print(
        f"\nDataset   {FOLDER / 'silicon.zarr'}     in Python: mlip_nb.open({str(FOLDER / 'silicon.zarr')!r})\n"
        f"Picture   {FOLDER / 'silicon.png'}\n"
        f"Notebook  {_jupyter()} lab {notebook}"
    )


def copy_tutorials(folder: Path) -> Path:
    """The tutorials in `folder`, files that are there already left alone.

    **Returns:** the first one.
    """
    folder.mkdir(exist_ok=True)
    for file in _tutorials().iterdir():
        if file.suffix in (".ipynb", ".cif", ".gz") and not (folder / file.name).exists():
            shutil.copy(file, folder)
    return min(folder.glob("*.ipynb"))


def _tutorials() -> Path:
    """In the package when it is installed, beside it in a working tree."""
    installed = Path(__file__).with_name("tutorials")
    return installed if installed.is_dir() else Path(__file__).parents[1] / "tutorials"


def _jupyter() -> str:
    """The command of this environment, as one types it here."""
    command = Path(sys.executable).with_name("jupyter")
    return os.path.relpath(command) if command.is_relative_to(Path.cwd()) else str(command)
