"""Two cores against one: a process with one core and one with two take turns, by wall time."""

import statistics
import sys

import turns

CASES = (("LJ", 32_000, 60), ("SW", 32_768, 60))
"""Kind, atoms, and steps in one go."""


def main(repeats: int) -> None:
    """One row a case."""
    print("| what | µs/atom/step, one core and two | one / two (min–max) |\n|---|---|---|")
    for kind, atoms, steps in CASES:
        one, two = (turns.Worker(sys.executable, __file__, cores, kind, atoms, steps, cores=cores) for cores in (1, 2))
        pairs = [(one.turn(), two.turn()) for _ in range(repeats + 1)][1:]
        ratios = sorted(alone / shared for alone, shared in pairs)
        one_core, two_cores = (statistics.median(column) / steps / atoms * 1e6 for column in zip(*pairs, strict=True))
        middle = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"
        print(f"| {kind} {atoms} | {one_core:.2f}, {two_cores:.2f} | {middle} |", flush=True)
        for worker in (one, two):
            worker.end()


def _work(cores: int, kind: str, atoms: int, steps: int) -> None:
    turns.keep_to(cores)
    import ours

    fleet = ours.Fleet([ours.Simulation(kind, atoms, "float64")])
    fleet.run(steps)
    turns.serve(lambda: turns.seconds(lambda: fleet.run(steps)))


if __name__ == "__main__":
    _work(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
