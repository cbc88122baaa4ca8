"""Steps per second of a run with the live panel watching, against the same run alone; in a real kernel, interleaved."""

import statistics

from jupyter_client.manager import start_new_kernel
from start import _execute as execute

SETUP = """
import time
%load_ext mlip_nb
%mlip load Si --repeat {repeat} -o si --quiet
def measure(watched):
    run = mlip_nb.MD(steps=10**9, every=10).start(si, potential)
    if watched:
        panels.show(run, viewer="mlip")
    time.sleep(2)
    before, began = run.done, time.perf_counter()
    time.sleep(4)
    rate = (run.done - before) / (time.perf_counter() - began)
    run.stop()
    run.wait()
    return rate
import mlip_nb
from mlip_nb.notebook import panels
potential = mlip_nb.potential("stillinger-weber")
measure(False)
"""


def main(repeats: int) -> None:
    """Print the median ratio for two sizes."""
    print("| atoms | steps/s alone | steps/s watched | slower by |\n|---|---|---|---|")
    for repeat in ("3,3,3", "6,6,6"):
        manager, client = start_new_kernel()
        try:
            execute(client, SETUP.format(repeat=repeat))
            pairs = [
                [float(execute(client, f"print(measure({watched}))").split()[-1]) for watched in (False, True)]
                for _ in range(repeats)
            ]
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        alone, watched = (statistics.median(rates) for rates in zip(*pairs, strict=True))
        loss = statistics.median(1 - with_panel / without for without, with_panel in pairs)
        atoms = 8 * int(repeat[0]) ** 3
        print(f"| {atoms} | {alone:.0f} | {watched:.0f} | {loss:.1%} |", flush=True)


if __name__ == "__main__":
    main(5)
