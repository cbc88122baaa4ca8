"""Other engines: our potentials run in theirs."""

from . import lammps
from .ipi import Address, serve_ipi
from .jax_md import to_jax_md

__all__ = ["Address", "lammps", "serve_ipi", "to_jax_md"]
