"""Our potentials as clients of i-PI: over a socket it sends positions and takes energy, forces and virial."""

import socket
import time
from collections.abc import Iterator
from typing import Annotated

import annotated_types
import ase
import numpy as np
from ase.calculators.socketio import IPIProtocol, SocketClosed

from ..errors import InputError
from ..params import Params, WallTime
from ..potentials import AbstractPotential
from ..system import System, to_ase

_PAUSE = 0.1
"""Seconds between two attempts to reach a server."""


class Address(Params):
    """Where a server that speaks i-PI's protocol listens."""

    unix: str | None = None
    """A unix socket of this machine: its address in i-PI's input, or the path of the file."""
    host: str = "localhost"
    """Machine of the server, where it is no unix socket."""
    port: Annotated[int, annotated_types.Ge(1), annotated_types.Le(65535)] = 31415
    """Port of the server."""
    patience: WallTime = 20.0
    """How long to wait for a server that is not there yet."""

    @property
    def place(self) -> str | tuple[str, int]:
        """As the operating system names it; i-PI puts a prefix before names of its sockets."""
        if self.unix is None:
            return self.host, self.port
        return self.unix if self.unix.startswith("/") else f"/tmp/ipi_{self.unix}"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}" if self.unix is None else str(self.place)


def serve_ipi(potential: AbstractPotential, system: System, **address: object) -> int:
    """Answer i-PI, or another server with its protocol, until it hangs up; `address` has the fields of `Address`.

    i-PI sends no elements: the atoms of the system must be those of its input, in the same order. A virial goes along
    for systems that are periodic along all three directions, zeros for others.

    **Returns:** how many structures were evaluated.

    **Raises:** `InputError` for a system the potential does not cover, when nobody listens, and when another number
    of atoms is sent.
    """
    where = Address(**address)
    potential.check(system)
    atoms = to_ase(system)
    atoms.calc = potential.calculator()
    with _connected(where) as connection:
        return sum(1 for _ in _answers(IPIProtocol(connection), atoms))


def _connected(address: Address) -> socket.socket:
    """As soon as somebody listens."""
    began = time.monotonic()
    while True:
        connection = socket.socket(socket.AF_INET if address.unix is None else socket.AF_UNIX)
        try:
            connection.connect(address.place)
            return connection
        except OSError as error:
            connection.close()
            if time.monotonic() - began > address.patience:
                raise InputError(
                    f"nobody listens at {address} ({error.strerror}); start i-PI with this address first"
                ) from None
        time.sleep(_PAUSE)


def _answers(protocol: IPIProtocol, atoms: ase.Atoms) -> Iterator[None]:
    """The dialogue; stops for a moment after each structure."""
    found = None
    while (message := _message(protocol)) != "EXIT":
        if message == "STATUS":
            protocol.sendmsg("READY" if found is None else "HAVEDATA")
        elif message == "INIT":
            protocol.recvinit()
        elif message == "POSDATA":
            found = _evaluated(atoms, *protocol.recvposdata())
            yield
        elif message == "GETFORCE":
            protocol.sendforce(*found)
            found = None


def _message(protocol: IPIProtocol) -> str:
    """A server may leave without a word."""
    try:
        return protocol.recvmsg()
    except (SocketClosed, ConnectionResetError):
        return "EXIT"


def _evaluated(atoms: ase.Atoms, cell, _inverse, positions) -> tuple[float, np.ndarray, np.ndarray]:
    """Energy, forces and virial, in ASE's units."""
    if len(positions) != len(atoms):
        raise InputError(f"i-PI sends {len(positions)} atoms, the structure has {len(atoms)}; give that of its input")
    atoms.cell[:], atoms.positions[:] = cell, positions
    virial = -atoms.get_volume() * atoms.get_stress(voigt=False) if atoms.pbc.all() else np.zeros((3, 3))
    # i-PI knows nothing of held atoms, and moves what it holds itself.
    return atoms.get_potential_energy(), atoms.get_forces(apply_constraint=False), virial
