"""How fast atoms diffuse, and what current their charges make."""

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from .. import units
from ..errors import InputError
from ..params import Duration, Viscosity
from ._analysis import analyses
from ._blocks import Correlated, autocorrelation, of_blocks, of_blocks_without, squared_displacement
from ._trajectory import Trajectory
from ._window import Window, with_error
from .arrhenius import arrhenius
from .displacement import Frame, MeanSquareDisplacement
from .velocity import VelocityAutocorrelation

if TYPE_CHECKING:
    import xarray as xr

SQUARE_CENTIMETRE = 0.1
"""cm²/s of one Å²/fs."""
_SIEMENS = 1.602176634e4
"""S/cm of one e²/(eV Å fs)."""
_YEH_HUMMER = 2.837297
"""Of a cubic lattice of images."""
_CUBIC = 1e-3
_SUBDIFFUSIVE = 0.8
"""Power of time below which displacements are not those of diffusion."""


@analyses.register("diffusion")
class Diffusion(Correlated):
    r"""Coefficients of diffusion of each element, and with charges the ionic conductivity.

    Einstein: a sixth of the slope of the mean square displacement between two times, which must lie where atoms
    diffuse (`displacement_exponent` near 1). Green and Kubo: a third of the integral of the velocity
    autocorrelation, the mean of its values between the same times; it needs frames that resolve how velocities
    change. Conductivities are those of the charges together; over the one of charges that know nothing of each other
    (Nernst and Einstein) they give the Haven ratio. Of several replicas each is told, and at several temperatures
    the activation energy.

    ??? cite "Reference"
        I.-C. Yeh, G. Hummer, *J. Phys. Chem. B* **108**, 15873 (2004), doi:10.1021/jp0477147
    """

    fit_from: Duration | None = None
    """Time from which displacements are fitted; a fifth of the longest when not given."""
    relative_to: Frame = "laboratory"
    """What displacements are relative to: a thermostat may move the centre of mass."""
    charges: tuple[str, ...] = ()
    """Charges in units of e, such as Li:1,Cl:-1, for conductivities; elements that are not named have none."""
    viscosity: Viscosity | None = None
    """Shear viscosity, for the correction of the size of a cubic cell where momentum is kept (Yeh and Hummer)."""

    def of(self, dataset: "xr.Dataset") -> "xr.Dataset":
        """Every replica, unless one is chosen.

        **Raises:** `InputError` for a Dataset that cannot tell.
        """
        copies = dataset.sizes.get("replica", 1)
        chosen = range(copies) if self.replica is None else [self.replica]
        runs = [Trajectory(dataset, discard=self.discard, replica=index) for index in chosen]
        found = [self.measure(run) for run in runs]
        shared = ("lag", "element")
        stacked = {name: np.array([one[name] for one in found]) for name in found[0] if name not in shared}
        data = self.named({"replica": np.array(chosen), **{name: found[0][name] for name in shared}, **stacked})
        return data.assign(arrhenius(data)) if len(chosen) > 1 and "mean_temperature" in data else data

    def measure(self, run: Trajectory) -> Mapping[str, object]:
        """Of one replica."""
        lags = self.lags(run, "a coefficient of diffusion")
        window = Window.of(run.interval * np.arange(lags), self.fit_from)
        known = {"mean_temperature": run.kelvin()} if "temperature" in run.dataset else {}
        by_element = [self._of_element(run, element, window) for element in run.elements]
        own = {name: np.array([one[name] for one in by_element]) for name in by_element[0]}
        slopes = own.pop("blocks")
        found = {"lag": window.lags, "element": np.array(run.elements), **known, **own}
        if self.viscosity is not None:
            found["corrected_diffusion_coefficient"] = own["diffusion_coefficient"] + self._image_drag(run)
        return found | (self._currents(run, slopes, window) if self.charges else {})

    def told(self, found) -> str:
        """Coefficients of diffusion, conductivities and activation energies."""
        places = itertools.product(range(found.sizes["replica"]), range(found.sizes["element"]))
        lines = [_coefficient(found.isel(replica=replica, element=element)) for replica, element in places]
        if "haven_ratio" in found:
            lines += [_conductivity(found.isel(replica=replica)) for replica in range(found.sizes["replica"])]
        if "activation_energy" in found:
            lines += [_activation(found.isel(element=element)) for element in range(found.sizes["element"])]
        return "\n".join(lines)

    def _of_element(self, run: Trajectory, element: str, window: Window) -> dict[str, Any]:
        options = {"blocks": self.blocks, "relative_to": self.relative_to}
        atoms = run.are(element)
        curves = MeanSquareDisplacement(**options).blocks_of(run, atoms, len(window.lags))
        slopes = window.slope(curves) / 6
        mean, error = of_blocks(curves)
        found = with_error("diffusion_coefficient", SQUARE_CENTIMETRE * slopes)
        found |= {"blocks": slopes, "displacement_exponent": window.exponent(mean)}
        found |= {"replica_displacement": mean, "replica_displacement_error": error}
        if "velocities" in run.dataset:
            memory = VelocityAutocorrelation(blocks=self.blocks).blocks_of(run, atoms, len(window.lags))
            found |= with_error("green_kubo_diffusion", SQUARE_CENTIMETRE * window.integral(memory) / 3)
        return found

    def _currents(
        self, run: Trajectory, slopes: Float[np.ndarray, "elements blocks"], window: Window
    ) -> dict[str, Any]:
        """Conductivities of all charges together, and of each by itself, S/cm."""
        run.need_cell("a conductivity")
        charges = _charges(self.charges, run)
        scale = _SIEMENS / (run.volume() * units.to_internal(run.kelvin(), "K"))
        path = self.cut(run.weighted("positions", charges))[:, :, None]
        together = scale * window.slope(squared_displacement(path, len(window.lags))[:, :, 0]) / 6
        own = np.array([np.square(charges[run.are(element)]).sum() for element in run.elements])
        alone = scale * own @ slopes
        ratio, error = of_blocks_without(np.stack([alone, together], axis=1), lambda mean: mean[0] / mean[1])
        found = with_error("conductivity", together) | with_error("nernst_einstein_conductivity", alone)
        if "velocities" in run.dataset:
            current = autocorrelation(self.cut(run.weighted("velocities", charges)), len(window.lags)).sum(axis=-1)
            found |= with_error("green_kubo_conductivity", scale * window.integral(current) / 3)
        return found | {"haven_ratio": ratio, "haven_ratio_error": error}

    def _image_drag(self, run: Trajectory) -> float:
        """What images hold back, cm²/s."""
        run.need_cell("the correction of the size of a cell")
        cell = run.dataset["cell"].isel(frame=0).values
        lengths = np.linalg.norm(cell, axis=-1)
        slanted = abs(np.linalg.det(cell)) < (1 - _CUBIC) * lengths.prod()
        if slanted or np.ptp(lengths) > _CUBIC * lengths.max():
            told = " × ".join(f"{length:.4g}" for length in lengths) + (" Å and slanted" if slanted else " Å")
            raise InputError(f"viscosity: the correction is known for cubic cells, this one is {told}; leave it out")
        drag = 6 * np.pi * self.internal("viscosity") * run.volume() ** (1 / 3)
        coefficient = _YEH_HUMMER * units.to_internal(run.kelvin(), "K") / drag
        return SQUARE_CENTIMETRE * coefficient / units.from_internal(1.0, "fs")


def _charges(words: Sequence[str], run: Trajectory) -> Float[np.ndarray, " atoms"]:
    """Of each atom, e.

    **Raises:** `InputError` for what is no charge of an element that is there.
    """
    charges = np.zeros(len(run.symbols))
    for word in words:
        symbol, _, number = word.partition(":")
        atoms = run.are(symbol.strip())
        try:
            charges[atoms] = float(number)
        except ValueError as error:
            raise InputError(f"charges: {word!r} is no charge of an element; write for example Li:1") from error
    return charges


def _coefficient(one: "xr.Dataset") -> str:
    at = f" at {float(one['mean_temperature']):.4g} K" if "mean_temperature" in one else ""
    told = f"{one['element'].item()}{at}: D = {_with_deviation(one, 'diffusion_coefficient')} cm²/s"
    power = float(one["displacement_exponent"])
    if power > _SUBDIFFUSIVE:
        return told
    return f"{told}; displacements grow as t^{power:.2f}, which is no diffusion: take longer times"


def _conductivity(one: "xr.Dataset") -> str:
    ratio = _with_deviation(one, "haven_ratio")
    return f"conductivity {_with_deviation(one, 'conductivity')} S/cm, Haven ratio {ratio}"


def _activation(one: "xr.Dataset") -> str:
    return f"{one['element'].item()}: activation energy {_with_deviation(one, 'activation_energy')} eV"


def _with_deviation(one: "xr.Dataset", name: str) -> str:
    return f"{float(one[name]):.4g} ± {float(one[f'{name}_error']):.2g}"
