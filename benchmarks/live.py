"""From a click to its effect, frames per second, and what crosses to the browser; in a real JupyterLab and Chromium.

The browser tests measure, and are run as often as asked for. Another ipykernel: from an environment that has it.
"""

import gzip
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from mlip_nb.viewers._frames import Frame
from mlip_nb.viewers.structure_viewer import _state

ROOT = Path(__file__).parents[1]
LATENCY = "tests/browser/test_lab.py::test_traces_move_and_the_buttons_work_while_the_cell_is_busy"
FRAMES = "tests/browser/test_viewer.py::test_frames_per_second_in_software"


def main(repeats: int) -> None:
    """Print medians and extremes."""
    print(f"ipykernel {version('ipykernel')}, jupyterlab {version('jupyterlab')}\n")
    print("| | median | least | most |\n|---|---|---|---|")
    for name, values in measured(repeats).items():
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"| {name} | {middle:.3g} | {low:.3g} | {high:.3g} |")
    print("\n| file | kB | compressed |\n|---|---|---|")
    for file in sorted((ROOT / "mlip_nb").rglob("static/*.js")):
        source = file.read_bytes()
        print(f"| {file.name} | {len(source) / 1000:.0f} | {len(gzip.compress(source)) / 1000:.0f} |")
    plain, coloured = (bytes_of_a_frame(1000, coloured) for coloured in (False, True))
    print(f"\nBytes of a frame of 1000 atoms with its cell: {plain}; coloured by value: {coloured}")


def measured(repeats: int) -> dict[str, list[float]]:
    """What the browser tests record, by its name."""
    found = defaultdict(list)
    for _ in range(repeats):
        with tempfile.NamedTemporaryFile(suffix=".xml") as report:
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-n",
                "0",
                "-m",
                "",
                LATENCY,
                FRAMES,
                f"--junitxml={report.name}",
            ]
            command += [f"--junitxml={report.name}", "-o", "junit_family=xunit1"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stdout)
            for case in ElementTree.parse(report.name).iter("testcase"):
                size = case.get("name").partition("[")[2].rstrip("]")
                for one in case.iter("property"):
                    found[" ".join(filter(None, (one.get("name"), size)))].append(float(one.get("value")))
    return found


def bytes_of_a_frame(atoms: int, coloured: bool) -> int:
    """Arrays of one frame, as they cross."""
    values = np.zeros(atoms) if coloured else None
    state = _state(Frame(np.zeros((atoms, 3)), np.eye(3), values))
    return sum(len(value) for value in state.values() if isinstance(value, bytes))


if __name__ == "__main__":
    main(3)
