"""Any ASE calculator as a potential, through a host callback."""

import importlib
import json
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import jax.numpy as jnp
import numpy as np
from pydantic import BeforeValidator, field_validator

from ..errors import InputError
from ._host import AbstractHost, HostPotential
from ._spec import PotentialSpec, potentials

if TYPE_CHECKING:
    from ase.calculators.calculator import Calculator


_PACKAGES = {"mace": "mace-torch", "fairchem": "fairchem-core", "orb_models": "orb-models", "tblite": "tblite[ase]"}
"""Modules whose packages are called otherwise."""


def from_calculator(calculator: "Calculator") -> HostPotential:
    """The potential of an ASE calculator at hand."""
    cls = type(calculator)
    arguments = json.dumps(getattr(calculator, "parameters", {}) or {}, default=str, sort_keys=True)
    spec = CalculatorSpec(calculator=f"{cls.__module__}:{cls.__qualname__}", arguments=arguments)
    return HostPotential(_Host(calculator), contents=jnp.zeros(0, "uint8"), cutoff=0.0, spec=spec)


class _Host(AbstractHost):
    """The calculator and the one `Atoms` it is asked about, so that it may reuse its last result."""

    def __init__(self, calculator: "Calculator"):
        self.calculator = calculator
        self._atoms = None

    def evaluate(self, positions, numbers, cell, pbc, dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Energies, forces, strain derivative."""
        atoms = self._update(np.asarray(positions, float).T, np.asarray(numbers), np.asarray(cell, float), pbc)
        energies = self._energies(atoms)
        forces = atoms.get_forces(md=True)
        return energies.astype(dtype), forces.T.astype(dtype), self._strain(atoms).astype(dtype)

    def _update(self, positions, numbers, cell, pbc):
        import ase

        if self._atoms is None or self._atoms.numbers.tolist() != numbers.tolist():
            self._atoms = ase.Atoms(
                numbers=numbers, positions=positions, cell=cell, pbc=pbc, calculator=self.calculator
            )
        self._atoms.positions[:] = positions
        self._atoms.cell[:] = cell
        self._atoms.pbc = pbc
        return self._atoms

    def _energies(self, atoms) -> np.ndarray:
        """Of each atom, so that they sum to the energy forces belong to; equal shares when it cannot say."""
        energy = atoms.get_potential_energy(force_consistent="free_energy" in self.calculator.implemented_properties)
        shares = np.zeros(len(atoms))
        if "energies" in self.calculator.implemented_properties:
            shares = np.array(atoms.get_potential_energies())
        return shares + (energy - shares.sum()) / len(atoms)

    def _strain(self, atoms) -> np.ndarray:
        if "stress" not in self.calculator.implemented_properties or not all(atoms.pbc):
            return np.full((3, 3), np.nan)
        return atoms.get_stress(voigt=False) * atoms.get_volume()


def _as_text(value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value


@potentials.register("ase")
class CalculatorSpec(PotentialSpec):
    """Any ASE calculator; not differentiable, as fast as the calculator."""

    origin: ClassVar[str] = "the ASE calculator"
    licence: ClassVar[str] = "that of the calculator"
    differentiable: ClassVar[bool] = False

    calculator: str
    """The class, as `module:Class`, for example `ase.calculators.emt:EMT`."""
    arguments: Annotated[str, BeforeValidator(_as_text)] = "{}"
    """Its keyword arguments, as JSON text."""

    @field_validator("calculator")
    @classmethod
    def _dotted(cls, value: str) -> str:
        if not all(value.partition(":")[::2]):
            raise ValueError(f"{value!r} is not of the form module:Class, for example ase.calculators.emt:EMT")
        return value

    @field_validator("arguments")
    @classmethod
    def _an_object(cls, value: str) -> str:
        try:
            if isinstance(json.loads(value), dict):
                return value
        except json.JSONDecodeError:
            pass
        raise ValueError(f'{value!r} is no JSON object; write for example \'{{"method": "GFN2-xTB"}}\'')

    def build(self) -> HostPotential:
        """The potential.

        **Raises:** `InputError` when its package is missing, there is no such class, or it refuses the arguments.
        """
        module, _, name = self.calculator.partition(":")
        try:
            calculator = getattr(importlib.import_module(module), name)(**json.loads(self.arguments))
        except ModuleNotFoundError as error:
            missing = (error.name or module).partition(".")[0]
            package = _PACKAGES.get(missing, missing)
            raise InputError(
                f"calculator {self.calculator}: {missing} is not installed; run: pip install {package}"
            ) from error
        except Exception as error:
            raise InputError(
                f"calculator {self.calculator}({self.arguments}): {type(error).__name__}: {error}"
            ) from error
        return HostPotential(_Host(calculator), contents=jnp.zeros(0, "uint8"), cutoff=0.0, spec=self)
