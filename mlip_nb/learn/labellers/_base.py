"""What a labeller is: a description that can travel, and the oracle it becomes where the work is done."""

import abc
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...errors import InputError
from ...params import Params
from ...registry import Registry
from ...system import System, to_ase

labellers: Registry["Labeller"] = Registry("labeller", "mlip_nb.learn.labellers")
"""Every labeller known by name."""


@dataclass(frozen=True)
class Answer:
    """Labels of one structure, or what went wrong."""

    energy: float | None = None
    """eV."""
    forces: np.ndarray | None = None
    """`[atoms, 3]`, eV/Å."""
    stress: np.ndarray | None = None
    """`[3, 3]`, eV/Å³, tension positive; None where the labeller has none."""
    seconds: float = 0.0
    problem: str = ""
    """Why there are no labels; empty where there are."""


class AbstractOracle(abc.ABC):
    """Something that can be asked for labels."""

    quick: ClassVar[bool] = False
    """True where an answer takes less time than to send the question to another process."""
    about: str
    """What it is, so that labels of two kinds are not mixed."""

    @abc.abstractmethod
    def labels(self, system: System) -> tuple[float, np.ndarray, np.ndarray | None]:
        """Energy, eV; forces, eV/Å; stress, eV/Å³, tension positive, or None. May raise anything."""

    def answer(self, system: System) -> Answer:
        """Labels; whatever goes wrong, such as a calculation that does not converge, is told and stops nobody."""
        began = time.perf_counter()
        try:
            energy, forces, stress = self.labels(system)
            problem = _wrong(energy, forces, len(system.numbers))
        except Exception as error:
            told = str(error).strip().splitlines()
            return Answer(seconds=time.perf_counter() - began, problem=f"{type(error).__name__}: {' '.join(told[:1])}")
        seconds = time.perf_counter() - began
        return Answer(seconds=seconds, problem=problem) if problem else Answer(energy, forces, stress, seconds)


class Labeller(Params):
    """How to make an oracle; a description, so that it can be made wherever the work is done."""

    registry: ClassVar[Registry] = labellers

    @abc.abstractmethod
    def build(self) -> AbstractOracle:
        """The oracle.

        **Raises:** `InputError` when the program it needs is not there, with how to get it.
        """


class OfCalculator(AbstractOracle):
    """Labels of an ASE calculator."""

    def __init__(self, calculator: Any, about: str = "", quick: bool = False):
        self.calculator, self.quick = calculator, quick
        self.about = about or f"{type(calculator).__module__}:{type(calculator).__qualname__}"

    def labels(self, system: System) -> tuple[float, np.ndarray, np.ndarray | None]:
        """Stress only where the calculator has one and the structure is periodic all around."""
        atoms = to_ase(system)
        # Forces on held atoms are labels, too.
        atoms.set_constraint()
        atoms.calc = self.calculator
        known = self.calculator.implemented_properties
        energy = atoms.get_potential_energy(force_consistent="free_energy" in known)
        stress = atoms.get_stress(voigt=False) if "stress" in known and all(system.pbc) else None
        return float(energy), np.array(atoms.get_forces(), float), stress


def oracle_of(labeller: Any) -> AbstractOracle:
    """Of a labeller, its name, an oracle, one of our potentials, or any ASE calculator.

    **Raises:** `InputError` for anything else, and for a labeller whose program is not there.
    """
    from ...potentials import AbstractPotential

    if isinstance(labeller, (str, dict)):
        labeller = labellers.build(labeller)
    if isinstance(labeller, Labeller):
        return labeller.build()
    if isinstance(labeller, AbstractOracle):
        return labeller
    if isinstance(labeller, AbstractPotential):
        # An ASE calculator that was taken for a potential is asked itself.
        labeller = getattr(getattr(labeller, "host", None), "calculator", labeller)
    if isinstance(labeller, AbstractPotential):
        about = f"{labeller.spec.registered_name} {labeller.fingerprint[:12]}"
        return OfCalculator(labeller.calculator(), about, quick=True)
    if hasattr(labeller, "implemented_properties"):
        return OfCalculator(labeller)
    raise InputError(
        f"{labeller!r:.60} labels nothing; give an ASE calculator, a potential, or one of {', '.join(labellers)}"
    )


def _wrong(energy: float, forces: np.ndarray, atoms: int) -> str:
    """What labels cannot be, whatever they mean."""
    if np.shape(forces) != (atoms, 3):
        return f"forces of shape {np.shape(forces)} for {atoms} atoms"
    return "" if np.isfinite(energy) and np.isfinite(forces).all() else "labels that are not finite"
