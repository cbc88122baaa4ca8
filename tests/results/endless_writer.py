"""A process that appends frames until it is killed: `python endless_writer.py STORE`."""

import sys

from mlip_nb.results import ZarrStore
from tests.results.frames import some_frames

store = ZarrStore.reopen(sys.argv[1])
while True:
    store.append(some_frames(store.length, 3))
    store.flush()
    print(store.length, flush=True)
