"""Runs of real i-PI from PyPI: an input file, a process, its properties."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from mlip_nb.units import BOHR

ELECTRON_MASSES = 1822.8885
"""A dalton, as i-PI has it."""
INPUT = """<simulation verbosity='quiet'>
{forces}
<output prefix='run'>
  <properties filename='out' stride='{every}'> [ {properties} ] </properties>
</output>
<total_steps> {steps} </total_steps>
<prng> <seed> 7 </seed> </prng>
<system>
  <beads natoms='{atoms}' nbeads='{beads}'>
    <q shape='({beads}, {coordinates})'> {positions} </q>
    <p shape='({beads}, {coordinates})'> {momenta} </p>
    <m shape='({atoms})'> {masses} </m>
    <names shape='({atoms})'> {names} </names>
  </beads>
  <cell shape='(3, 3)'> {cell} </cell>
  <forces> <force forcefield='pes'/> </forces>
  <ensemble> <temperature {temperature} </temperature> </ensemble>
  <motion mode='dynamics'>
    <fixcom> False </fixcom>
    <dynamics mode='{mode}'> <timestep {timestep} </timestep> {thermostat} </dynamics>
  </motion>
</system>
</simulation>
"""
WELL = "<ffdirect name='pes'> <pes>harmonic</pes> <parameters> {{ k1: {stiffness} }} </parameters> </ffdirect>"
SOCKET = "<ffsocket name='pes' mode='unix'> <address> {address} </address> <latency> 1e-4 </latency> </ffsocket>"
PILE = (
    "<thermostat mode='pile_l'> <tau units='femtosecond'> {time} </tau> <pile_lambda> 1.0 </pile_lambda> </thermostat>"
)


def write_input(folder: Path, positions, momenta, masses, cell=None, *, names: str = "H", **options: object) -> None:
    """Of beads `[beads, atoms, 3]`, momenta and masses in atomic units; the cell in Å."""
    beads, atoms, _ = np.shape(positions)
    # i-PI writes lattice vectors as columns; a cluster sits in a large box that nobody sees.
    cell = 1e4 * np.eye(3) if cell is None else np.asarray(cell).T / BOHR
    arrays = {"positions": positions, "momenta": momenta, "masses": masses, "cell": cell}
    arrays = {name: _listed(values) for name, values in arrays.items()}
    given = {"every": 1, "mode": "nve", "thermostat": "", "names": [names] * atoms} | options
    text = INPUT.format(beads=beads, atoms=atoms, coordinates=3 * atoms, **arrays, **given)
    (folder / "input.xml").write_text(text)


def started(folder: Path) -> subprocess.Popen:
    """The process."""
    program = Path(sys.executable).with_name("i-pi")
    with (folder / "log").open("w") as log:
        return subprocess.Popen([str(program), "input.xml"], cwd=folder, stdout=log, stderr=subprocess.STDOUT)


def properties(folder: Path, process: subprocess.Popen) -> np.ndarray:
    """What it wrote, a row for each step, once it has ended."""
    code = process.wait(timeout=300)
    assert code == 0, (folder / "log").read_text()[-2000:]
    return np.loadtxt(folder / "run.out", ndmin=2)


def _listed(values) -> str:
    return "[ " + ", ".join(repr(float(value)) for value in np.ravel(values)) + " ]"
