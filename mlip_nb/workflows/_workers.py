"""Where independent runs are done: processes of this machine, or a cluster that the user has."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    import distributed

_ONE_CORE = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
"""A worker that takes more than its core takes it from the others."""


@contextmanager
def workers(client: Any, jobs: int) -> Iterator["distributed.Client"]:
    """A client of dask: the one given, or one of the cluster given by object or address, or of local processes.

    **Raises:** `InputError` when there is no such cluster.
    """
    distributed = load_distributed()
    if isinstance(client, distributed.Client):
        yield client
        return
    with ExitStack() as ours:
        cluster = ours.enter_context(_local_cluster(jobs)) if client is None else client
        yield ours.enter_context(_connected(cluster))


def load_distributed():
    """The package `distributed`; imported when somebody needs it, because it takes half a second."""
    import distributed

    return distributed


def _connected(cluster: Any) -> "distributed.Client":
    try:
        return load_distributed().Client(cluster, set_as_default=False)
    except (OSError, TypeError, ValueError) as error:
        raise InputError(
            f"no cluster at {cluster!r} ({error}); give a dask Client, a cluster object, or a scheduler's address such "
            "as tcp://host:8786"
        ) from error


def _local_cluster(jobs: int) -> "distributed.LocalCluster":
    """A process for each core, as long as there is work for it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return load_distributed().LocalCluster(
        n_workers=min(cores, jobs),
        threads_per_worker=1,
        # Dask would pause workers that hold much memory, and restart them: the arrays are JAX's, not its own.
        memory_limit=0,
        dashboard_address=None,
        env={
            "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} {_ONE_CORE}".strip(),
            "OMP_NUM_THREADS": "1",
            "JAX_NUM_CPU_DEVICES": "1",
            # Several processes share a GPU only if none takes all of its memory at once.
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        },
        silence_logs="CRITICAL",
    )
