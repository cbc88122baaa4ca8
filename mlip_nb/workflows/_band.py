"""What searches for paths and for saddles have in common."""

import json

import numpy as np

from ..params import Params
from ..path_integrals._landscape import Landscape
from ..path_integrals.elastic_band import Places, Surface
from ..potentials import AbstractPotential
from ..system import System
from ._provenance import stamp


def surface_of(landscape: Landscape) -> Surface:
    """Energies and slopes by positions in Å, without masses."""

    def measure(places: Places) -> tuple[np.ndarray, Places]:
        energies, slopes = landscape.slopes(places * landscape.roots)
        return energies, slopes * landscape.roots

    return measure


def flat(system: System, landscape: Landscape) -> np.ndarray:
    """Coordinates of atoms that move, Å."""
    return np.asarray(system.positions, float)[landscape.mobile].ravel()


def structures(places: Places, energies: np.ndarray, slopes: Places, landscape: Landscape) -> dict[str, object]:
    """What a Dataset says of structures that are its frames."""
    system = landscape.system
    positions = landscape.positions(places * landscape.roots)
    forces = np.zeros_like(positions)
    forces[:, landscape.mobile] = -slopes.reshape(len(positions), -1, 3)
    return {
        "symbol": np.array(system.symbols),
        "number": np.asarray(system.numbers),
        "mass": np.asarray(system.masses, float),
        **({} if landscape.mobile.all() else {"mobile": landscape.mobile}),
        "positions": positions,
        "cell": np.tile(np.asarray(system.cell, float), (len(positions), 1, 1)),
        "forces": forces,
        "potential_energy": energies,
    }


def origin(made_by: str, params: Params, system: System, potential: AbstractPotential) -> dict[str, object]:
    """Attributes of the Dataset: how it was made."""
    return {
        "made_by": made_by,
        "params": json.dumps(params.describe()),
        "potential": json.dumps(potential.spec.describe()),
        "potential_fingerprint": potential.fingerprint,
        "pbc": json.dumps(list(system.pbc)),
        **stamp(),
    }
