"""`ds.mlip`: what one does with the Dataset of a run."""

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..errors import InputError
from ..results.schema import SETS
from ..results.sets import is_set, item, records_of
from ._pictures import PICTURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ase
    import ipywidgets
    import matplotlib.figure
    from phonopy import Phonopy

    from .._table import Facts, Table
    from ..potentials import AbstractPotential
    from ..properties import Average
    from ..system import System
    from ..workflows import Workflow


class MlipAccessor:
    """Pictures of a run, its structures in other forms, and the run itself again."""

    def __init__(self, dataset: xr.Dataset):
        self._dataset = _alone(dataset)

    def plot(self) -> "matplotlib.figure.Figure":
        """What people expect to see of this kind of Dataset.

        Of a run temperature, energies, drift of the conserved quantity and pressure against time; of what any other
        verb gives the picture that the verb itself shows. Of a set of structures or potentials their main numbers.
        """
        told = "_comparison.plot_comparison" if is_set(self._dataset) else self._picture()
        module, draw = told.split(".")
        return getattr(importlib.import_module(f".{module}", __package__), draw)(self._dataset)

    def _picture(self) -> str:
        return next((where for name, where in PICTURES.items() if name in self._dataset), "_plot.plot_series")

    def view(
        self, frame: int | None = None, backend: str = "mlip", replica: int = 0, colour: str = ""
    ) -> "ipywidgets.DOMWidget":
        """The trajectory as a widget that plays, or one frame of it; of one replica.

        `backend` is `mlip`, or `nglview`. `colour` is a variable with a number or a vector for every atom, such as
        `forces`; without one, colours are those of elements.

        **Raises:** `InputError` for an unknown frame, replica, viewer or variable.
        """
        from ..system import to_ase
        from ..viewers import play

        own = self._replica(replica)
        shown = own if frame is None else own.isel(frame=[self._index(frame)])
        return play(shown, to_ase(shown.mlip.system(0)), backend, colour)

    def vibration(
        self,
        branch: int = -1,
        point: "str | Sequence[float]" = "Γ",
        *,
        amplitude: float = 0.3,
        frames: int = 24,
    ) -> xr.Dataset:
        """One period of a phonon as frames, of a Dataset of phonons: in the smallest crystal that holds its wave.

        `branch` counts from the slowest, or from the end; `point` is a name on the path of bands or a wave vector in
        reciprocal vectors of the primitive cell. The atom that moves most does so by `amplitude` (Å).

        **Raises:** `InputError` for an unknown branch or point, and a Dataset without force constants.
        """
        from ..workflows._vibration import vibration

        return vibration(self._dataset, self.system(), branch, point, amplitude, frames)

    def animate(self, branch: int = -1, point: "str | Sequence[float]" = "Γ", **options) -> "ipywidgets.DOMWidget":
        """A phonon as a widget that plays: see `vibration`."""
        return self.vibration(branch, point, **options).mlip.view()

    def phonopy(self) -> "Phonopy":
        """phonopy's own object of a Dataset of phonons, with its force constants, for all that phonopy can do.

        **Raises:** `InputError` for a Dataset without force constants.
        """
        from ..workflows._vibration import phonopy_of

        return phonopy_of(self._dataset, self.system())

    def item(self, **labels: str) -> xr.Dataset:
        """Of a set the Dataset of one `structure` and one `potential`, as it would be alone.

        **Raises:** `InputError` for labels that name no item or several, and for one that failed.
        """
        return item(self._dataset, **labels)

    def compared(self) -> "Table":
        """Of a set the main numbers of each item with their errors.

        **Raises:** `InputError` for a single Dataset.
        """
        from ._compared import compared

        if not is_set(self._dataset):
            raise InputError("this Dataset stands alone; give a list of structures or potentials to compare")
        return compared(self._dataset)

    def summary(self) -> str:
        """The run in a few lines of text."""
        return str(self._facts())

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return self._facts()._repr_html_()

    def _facts(self) -> "Facts":
        from ._summary import summarize

        return summarize(self._dataset)

    def average(self, name: str, discard: float = 0.2) -> "Average":
        """Mean over frames of a variable, with its standard error and how many independent samples it is worth.

        The first `discard` of the frames are left out.
        """
        from ..properties import average

        if name not in self._dataset or self._dataset[name].dims[:1] != ("frame",):
            raise InputError(f"{name!r} is no variable along frames of this Dataset")
        return average(self._dataset[name].values[int(discard * self._frames()) :])

    def measure(self, analysis: str, **parameters) -> xr.Dataset:
        """What an analysis tells of this trajectory, by name, such as `rdf`, `msd`, `vdos` or `diffusion`.

        Names and parameters are those of the verbs of `%mlip`; stores are read piece by piece.
        """
        from ..properties import analyses

        return analyses[analysis](**parameters).of(self._dataset)

    def quantum_averages(self, discard: float = 0.2) -> xr.Dataset:
        """Quantum averages of a path-integral run with errors: see `properties.quantum_averages`.

        The heat capacity comes along for a run with `heat_capacity` whose temperature never changed.
        """
        from ..properties import quantum_averages

        temperature = self.workflow().ensemble.temperature if "energy_slope" in self._dataset else None
        constant = isinstance(temperature, float) and self._dataset.attrs.get("steering", "[]") == "[]"
        return quantum_averages(self._dataset, temperature=temperature if constant else None, discard=discard)

    def system(self, frame: int = -1, replica: int = 0) -> "System":
        """The system of one frame of one replica, moving as it was.

        **Raises:** `InputError` for a frame or a replica that is not there.
        """
        import jax.numpy as jnp

        from ..system import System, momenta_from_velocities

        now = self._replica(replica).isel(frame=self._index(frame))
        numbers, masses = _atoms_of(now)
        velocities = jnp.asarray(now["velocities"].values, float) if "velocities" in now else None
        return System(
            positions=jnp.asarray(now["positions"].values, float),
            numbers=jnp.asarray(numbers, np.int32),
            masses=jnp.asarray(masses, float),
            cell=jnp.asarray(now["cell"].values, float),
            momenta=None
            if velocities is None
            else momenta_from_velocities(velocities, jnp.asarray(masses, float)[:, None]),
            pbc=tuple(json.loads(self._attribute("pbc"))),
            mobile=jnp.asarray(now["mobile"].values, bool) if "mobile" in now else None,
        )

    def to_ase(self, frame: int | slice | None = None, replica: int = 0) -> "ase.Atoms | list[ase.Atoms]":
        """`ase.Atoms` of one frame, or a list of several (all, unless a slice says which); of one replica.

        Momenta come along; stored energy and forces are what `get_potential_energy()` and `get_forces()` give.
        """
        if isinstance(frame, int):
            return self._atoms(self._index(frame), replica)
        return [self._atoms(index, replica) for index in range(self._frames())[frame or slice(None)]]

    def workflow(self) -> "Workflow":
        """The workflow that made this Dataset, with its parameters."""
        from ..workflows import workflows

        return workflows.build(self._attribute("params"))

    def potential(self) -> "AbstractPotential":
        """The potential that made this Dataset, built anew.

        **Raises:** `InputError` when it is not the same any more.
        """
        from ..potentials import potentials

        potential = potentials.build(self._attribute("potential")).build()
        former, present = self._attribute("potential_fingerprint"), potential.fingerprint
        if present != former:
            raise InputError(
                f"the potential {self._attribute('potential')} has changed since this Dataset was made (fingerprint "
                f"{present[:12]}, was {former[:12]}); install the version of mlip_nb and the files it was made with"
            )
        return potential

    def rerun(self) -> xr.Dataset:
        """The same run again: same start, parameters, seed and changes on the way; in memory.

        One that was stopped, or goes on, comes as far as this Dataset does.

        **Raises:** `InputError` when the start is missing or the potential has changed.
        """
        steering = [(int(step), values) for step, values in json.loads(self._attribute("steering"))]
        workflow, start = self.workflow(), self._start()
        if self._attribute("status") != "finished":
            workflow = workflow.extended(max(int(self._dataset[workflow.counts][-1]), 1))
        return workflow.replay(start, self.potential(), steering)

    def save(self, path: Path | str, *, overwrite: bool = False) -> None:
        """Write a store that `mlip_nb.open` reads. For NetCDF use `to_netcdf` of the Dataset itself."""
        from ..results import save_dataset

        save_dataset(self._dataset, path, overwrite=overwrite)

    def _start(self) -> "System":
        """The system as it was given to the run: with momenta only if it brought its own."""
        import equinox as eqx
        import jax.numpy as jnp

        start = self.system(0)
        if "initial_positions" in self._dataset:
            return self._before(start)
        if first := int(self._dataset["step"][0]):
            raise InputError(f"the first frame is step {first}; rerun the whole Dataset, whose first frame is step 0")
        given = self._dataset.get("initial_momenta")
        momenta = None if given is None else jnp.asarray(given.values, float)
        return eqx.tree_at(lambda system: system.momenta, start, momenta, is_leaf=lambda leaf: leaf is None)

    def _before(self, start: "System") -> "System":
        """The structure of a design, as it was given."""
        import dataclasses

        import jax.numpy as jnp

        given = {name: self._dataset[f"initial_{name}"].values for name in ("positions", "cell")}
        kept = {"numbers": self._dataset["number"].values, "masses": self._dataset["mass"].values}
        return dataclasses.replace(start, **{name: jnp.asarray(value) for name, value in (given | kept).items()})

    def _atoms(self, index: int, replica: int) -> "ase.Atoms":
        from ase.calculators.singlepoint import SinglePointCalculator

        from ..system import to_ase

        atoms = to_ase(self.system(index, replica))
        now = self._replica(replica).isel(frame=index)
        results = {}
        if "potential_energy" in now:
            results["energy"] = float(now["potential_energy"])
        if "forces" in now:
            results["forces"] = now["forces"].values.astype(float)
        atoms.calc = SinglePointCalculator(atoms, **results)
        return atoms

    def _replica(self, replica: int) -> xr.Dataset:
        """What is known of one replica; a Dataset without replicas has one."""
        replicas = self._dataset.sizes.get("replica", 1)
        if not 0 <= replica < replicas:
            known = f"{replicas}, from 0 to {replicas - 1}" if replicas > 1 else "only one"
            raise InputError(f"there is no replica {replica}; this Dataset has {known}")
        return self._dataset.isel(replica=replica) if "replica" in self._dataset.dims else self._dataset

    def _frames(self) -> int:
        if is_set(self._dataset):
            raise InputError("this is a set of Datasets; choose one by ds.mlip.item(structure=NAME, potential=NAME)")
        frames = self._dataset.sizes.get("frame", 0)
        if not frames or "positions" not in self._dataset:
            raise InputError("this Dataset has no frames with positions; run something that stores them first")
        return frames

    def _index(self, frame: int) -> int:
        frames = self._frames()
        if not -frames <= frame < frames:
            raise InputError(f"there is no frame {frame}; this Dataset has {frames}, from 0 to {frames - 1}")
        return frame % frames

    def _attribute(self, name: str) -> str:
        if name not in self._dataset.attrs:
            raise InputError(f"this Dataset has no attribute {name!r}; only the Dataset of a run has it")
        return self._dataset.attrs[name]


def _alone(dataset: xr.Dataset) -> xr.Dataset:
    """One of a set that `sel` has chosen is a Dataset like any other again."""
    chosen = is_set(dataset) and not set(SETS) & set(dataset.dims) and len(records_of(dataset)) == 1
    return item(dataset) if chosen else dataset


def _atoms_of(now: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Atomic numbers and masses; of a design with species those that it has come to."""
    if "site_number" not in now:
        return now["number"].values, now["mass"].values
    from ase.data import atomic_masses

    numbers = now["site_number"].values
    return numbers, np.where(numbers == now["number"].values, now["mass"].values, atomic_masses[numbers])
