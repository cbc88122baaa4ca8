"""A set of frames in a few numbers."""

from dataclasses import dataclass

import numpy as np

from ._evidence import Evidence


@dataclass(frozen=True)
class Summary:
    """How much there is of what, in eV and Å. None where no frame has the label."""

    frames: int
    atoms: int
    groups: dict[str, int]
    """Group -> frames."""
    elements: dict[str, int]
    """Chemical symbol -> atoms."""
    energy_per_atom: tuple[float, float] | None
    """Lowest and highest."""
    force_rms: float | None
    """Root mean square of the components."""
    force_largest: float | None
    shortest_distance: float
    """Infinite where no atom has a neighbour."""

    def __str__(self) -> str:
        elements = ", ".join(f"{symbol} {count}" for symbol, count in self.elements.items())
        parts = [f"{self.frames} frames, {self.atoms} atoms ({elements})"]
        if self.energy_per_atom:
            parts.append("energy {:.4f} to {:.4f} eV per atom".format(*self.energy_per_atom))
        if self.force_rms is not None:
            parts.append(f"force components {self.force_rms:.3f} eV/Å rms, forces up to {self.force_largest:.2f}")
        return "; ".join([*parts, f"shortest distance {self.shortest_distance:.3f} Å"])


def summarize(evidence: Evidence) -> Summary:
    """The numbers of a set."""
    from ase.data import chemical_symbols

    cases = evidence.cases
    energies = [case.energy / case.atoms for case in cases if case.energy is not None and case.atoms]
    forces = np.concatenate([np.empty((0, 3)), *(case.forces for case in cases if case.forces is not None)])
    kinds, counts = np.unique(np.concatenate([case.numbers for case in cases]), return_counts=True)
    groups, frames = np.unique([case.group for case in cases], return_counts=True)
    return Summary(
        frames=len(cases),
        atoms=sum(case.atoms for case in cases),
        groups=dict(zip(groups.tolist(), frames.tolist(), strict=True)),
        elements={chemical_symbols[kind]: int(count) for kind, count in zip(kinds, counts, strict=True)},
        energy_per_atom=(min(energies), max(energies)) if energies else None,
        force_rms=float(np.sqrt(np.mean(forces**2))) if len(forces) else None,
        force_largest=float(np.linalg.norm(forces, axis=1).max()) if len(forces) else None,
        shortest_distance=min((float(case.neighbours[0].min()) for case in evidence.sound), default=np.inf),
    )
