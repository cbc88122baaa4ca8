"""Other engines: our potentials run in theirs."""

from . import lammps
from .jax_md import to_jax_md

__all__ = ["lammps", "to_jax_md"]
